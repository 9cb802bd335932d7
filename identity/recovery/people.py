"""The third rung: people whom the owner chose beforehand say that it is them, and three days pass.

Anybody may ask for any number, so asking costs and shows the same for all, and gives nothing: the worker tells the
owner on every way and the contacts, a contact agrees only to the word that the owner says to them, and new keys wait
72 hours in which the owner, or whoever holds a notice, can stop it. One contact is enough with the phone on file,
without it two are needed.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from math import ceil
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from identity import jobs
from identity.account import Account, Act, check_may, get_account, login_index
from identity.audit import VISITOR, Actor, Event, record
from identity.base import Refused
from identity.credentials.throttle import Bucket, network_of, take_try
from identity.deadlines import rule, today_in_vietnam
from identity.names import short_name
from identity.recovery.begin import Begun, about, new_recovery, new_word, send_code, word_digest
from identity.recovery.model import CoSignature, Recovery, Rung, TrustedContact
from identity.recovery.stop import is_closed, stop_code
from identity.recovery.trusted import ASKED, JOB, check_fit, who_may_vouch
from identity.telling import tell
from identity.turns import take_turns

TOLD, TO_CONTACT, AGREED = "recovery-asked", "recovery-help-asked", "recovery-agreed"
A_STEP = 50
STANDS = Act.HOLD_SESSION
"""What the account must be allowed while people are asked and agree. A pause stops neither: whoever lost a phone asks
for one first, and it is over before the days are; setting new keys asks the gate again."""


def ask_people(db: Session, login: str, address: str, *, now: datetime, locale: str = "vi") -> Begun | Refused:
    """Ask. One look, one row and one job for every number there is or is not; the worker does what follows."""
    wait = take_try(db, [Bucket("recover", network_of(address))], now=now)
    if wait is not None:
        return Refused("sign-in-wait", seconds=ceil(wait.total_seconds()))
    account_id = db.scalar(select(Account.id).where(Account.login_index == login_index(db, login)))
    begun = new_recovery(db, Rung.CONTACT, account_id, now=now, locale=locale, word=new_word(), code_wanted_at=now)
    record(db, Event.RECOVERY_ASKED, VISITOR, now=now, subject=about(account_id), rung="contact")
    jobs.enqueue(db, JOB, {}, now=now)
    return begun


def want_code(db: Session, recovery: Recovery, *, now: datetime) -> None:
    """Ask for a message to the phone on file, if there is one; the worker sends it."""
    recovery.code_wanted_at = now
    jobs.enqueue(db, JOB, {}, now=now)


def send_what_is_due(db: Session, cursor: object, *, now: datetime) -> None:
    """The worker's step: tell owners and contacts of new requests, send codes, ask new contacts."""
    wanted = select(Recovery).where(Recovery.rung == Rung.CONTACT.value, Recovery.expires_at > now)
    wanted = wanted.where(Recovery.code_wanted_at.is_not(None))
    for recovery in db.scalars(wanted.order_by(Recovery.begun_at).limit(A_STEP).with_for_update(skip_locked=True)):
        _serve(db, recovery, now)
    new = select(TrustedContact).where(TrustedContact.told_at.is_(None), TrustedContact.ended_at.is_(None))
    for row in db.scalars(new.order_by(TrustedContact.chosen_at).limit(A_STEP).with_for_update(skip_locked=True)):
        row.told_at = now
        if row.contact_account_id is not None:
            name = short_name(get_account(db, row.account_id).display_name)
            tell(db, get_account(db, row.contact_account_id), ASKED, now=now, name=name)


def find_request(db: Session, contact: Account, word: str, *, now: datetime) -> Recovery | Refused:
    """The request whose word was said to this contact. "co-sign-wrong" for every other, whoever it belongs to."""
    wait = take_try(db, [Bucket("second", f"co-sign:{contact.id}")], now=now)
    if wait is not None:
        return Refused("sign-in-wait", field="word", seconds=ceil(wait.total_seconds()))
    found = db.scalar(select(Recovery).where(Recovery.word_digest == word_digest(db, word)))
    if found is None or found.account_id is None or not found.is_alive(now) or is_closed(db, found.account_id, now=now):
        return Refused("co-sign-wrong", field="word")
    return (
        found if contact.id in who_may_vouch(db, found.account_id, now=now) else Refused("co-sign-wrong", field="word")
    )


def co_sign(db: Session, contact: Account, word: str, *, now: datetime) -> Refused | None:
    """The contact has spoken with the person and agrees. Twice is once."""
    found = find_request(db, contact, word, now=now)
    if isinstance(found, Refused) or found.account_id is None:
        return found if isinstance(found, Refused) else Refused("co-sign-wrong", field="word")
    take_turns(db, found.account_id.bytes)
    check_may(db, found.account_id, STANDS, now=now)
    check_fit(db, found.account_id, contact, now=now)
    if db.get(CoSignature, (found.id, contact.id)) is None:
        db.add(CoSignature(recovery_id=found.id, contact_account_id=contact.id, signed_at=now))
        db.flush()
        actor = Actor(contact.id, contact.kind)
        record(db, Event.RECOVERY_CO_SIGNED, actor, now=now, subject=about(found.account_id))
    open_if_enough(db, found, now=now)
    return None


def open_if_enough(db: Session, recovery: Recovery, *, now: datetime) -> None:
    """Enough people agreed: the wait begins, and the owner is told on every way. The caller has taken the turn."""
    db.refresh(recovery)
    if recovery.account_id is None or recovery.opens_at is not None or not recovery.is_alive(now):
        return
    if signatures(db, recovery.id) < signatures_needed(recovery, now=now):
        return
    day = today_in_vietnam(now)
    recovery.opens_at = now + timedelta(hours=int(rule("recovery_wait_hours", day)))
    recovery.expires_at = recovery.opens_at + timedelta(days=int(rule("recovery_open_days", day)))
    _tell_owner(db, recovery, AGREED, now, opens_at=recovery.opens_at.isoformat())


def signatures(db: Session, recovery_id: UUID) -> int:
    """How many contacts have agreed."""
    return db.scalars(select(func.count()).where(CoSignature.recovery_id == recovery_id)).one()


def signatures_needed(recovery: Recovery, *, now: datetime) -> int:
    """How many it takes: more without the phone on file."""
    needed: dict[str, int] = rule("recovery_co_signs", today_in_vietnam(now))
    return needed["with_phone" if recovery.phone_at else "without_phone"]


def _serve(db: Session, recovery: Recovery, now: datetime) -> None:
    is_new, wants_code = recovery.told_at is None, recovery.code_wanted_at is not None
    recovery.told_at, recovery.code_wanted_at = recovery.told_at or now, None
    if recovery.account_id is None or is_closed(db, recovery.account_id, now=now):
        return
    people = who_may_vouch(db, recovery.account_id, now=now)
    try:
        check_may(db, recovery.account_id, STANDS, now=now)
    except Refused:
        return
    if not people:
        return
    if wants_code and recovery.phone_at is None:
        send_code(db, recovery, now=now)
    if is_new and _told_lately(db, recovery, now) < int(rule("recovery_notices_per_week", today_in_vietnam(now))):
        _tell_owner(db, recovery, TOLD, now)
        name = short_name(get_account(db, recovery.account_id).display_name)
        for account_id in sorted(people):
            tell(db, get_account(db, account_id), TO_CONTACT, now=now, name=name)


def _told_lately(db: Session, recovery: Recovery, now: datetime) -> int:
    """Requests about this account within a week, before this one."""
    query = select(func.count()).where(
        Recovery.account_id == recovery.account_id, Recovery.rung == Rung.CONTACT.value,
        Recovery.begun_at > now - timedelta(days=7), Recovery.begun_at <= recovery.begun_at,
        Recovery.told_at.is_not(None), Recovery.id != recovery.id,
    )  # fmt: skip
    return db.scalars(query).one()


def _tell_owner(db: Session, recovery: Recovery, notice: str, now: datetime, **facts: Any) -> None:
    assert recovery.account_id is not None
    account = get_account(db, recovery.account_id)
    tell(db, account, notice, now=now, code=stop_code(db, recovery, now=now), **facts)
