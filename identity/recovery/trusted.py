"""Trusted contacts: chosen by number, confirmed by themselves, counting after thirty days, ended by either side.

A contact is a resident with an account of their own at level 2, and never somebody who helped or served the owner as a
team member or officer: help must not become power over an account (enrolment: recovery).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Select, Update, func, select, update
from sqlalchemy.orm import Session

from identity import jobs
from identity.account import Account, Act, Kind, check_may, find_account, find_account_of, get_account, normal_login
from identity.application.model import Application
from identity.audit import Actor, Event, record
from identity.base import Refused
from identity.credentials.throttle import Bucket, take_try
from identity.deadlines import rule, today_in_vietnam
from identity.guardians import hand_over
from identity.guardians.guardianship import guardians_of
from identity.levels import level_of
from identity.names import short_name
from identity.own_work import staff_accounts_of
from identity.recovery.model import CoSignature, Recovery, TrustedContact
from identity.sealed import add
from identity.telling import tell
from identity.turns import take_turns

ASKED, AGREED, ENDED = "trusted-contact-asked", "trusted-contact-agreed", "trusted-contact-ended"
JOB = "recovery-messages"
NEEDED_LEVEL = 2
Helped = Callable[[Session, UUID, UUID], bool]
"""Whether the first person helped the second."""
HELPED: list[Helped] = []
"""Who else knows of help: `onboarding.help_known` adds its records."""


def choose(db: Session, account: Account, number: str, *, now: datetime) -> TrustedContact:
    """Name somebody. The answer is the same whether the number is known or not; the worker asks the contact.

    Refused "trusted-self", "trusted-enough", "trusted-twice", "recovered-lately", "sign-in-wait".
    """
    check_may(db, account.id, Act.CHANGE, now=now)
    check_not_recovered_lately(db, account.id, now=now)
    if normal_login(number) == account.login:
        raise Refused("trusted-self", field="number")
    take_turns(db, account.id.bytes)
    named = contacts_of(db, account.id)
    if len(named) >= _rules(now)["most"]:
        raise Refused("trusted-enough")
    if any(normal_login(one.number or "") == normal_login(number) for one in named):
        raise Refused("trusted-twice", field="number")
    if _asked_today(db, account.id, now) >= _rules(now)["asks_per_day"]:
        raise Refused("trusted-enough-today")
    contact = find_account(db, number)
    is_possible = contact is not None and contact.kind == Kind.RESIDENT
    row = TrustedContact(
        account_id=account.id, contact_account_id=contact.id if contact and is_possible else None, chosen_at=now
    )
    add(db, row, number=normal_login(number))
    record(db, Event.CONTACT_CHOSEN, Actor(account.id, account.kind), now=now, subject=("account", account.id))
    jobs.enqueue(db, JOB, {}, now=now)
    return row


def confirm(db: Session, contact: Account, row_id: UUID, *, now: datetime) -> None:
    """The contact agrees. Refused "trusted-unknown", "trusted-level", "trusted-helper", "sign-in-wait"."""
    row = _for_contact(db, contact.id, row_id)
    wait = take_try(db, [Bucket("second", f"trusted:{contact.id}")], now=now)
    if wait is not None:
        raise Refused("sign-in-wait", seconds=int(wait.total_seconds()) + 1)
    check_fit(db, row.account_id, contact, now=now)
    if row.confirmed_at is None:
        row.confirmed_at = now
        _note(db, Event.CONTACT_CONFIRMED, contact, row, now)
        tell(db, get_account(db, row.account_id), AGREED, now=now, name=short_name(contact.display_name))


def end(db: Session, account: Account, row_id: UUID, *, now: datetime) -> None:
    """Either side ends it, at once, and with it a recovery under way to which this contact agreed: who was talked into
    a yes takes it back. The other side is told. Twice is once; Refused "trusted-unknown" for others, and
    "recovered-lately" where an owner takes out who has agreed: they may be this owner's way back."""
    row = db.get(TrustedContact, row_id)
    if row is None or account.id not in (row.account_id, row.contact_account_id):
        raise Refused("trusted-unknown")
    if row.account_id == account.id:
        check_may(db, account.id, Act.CHANGE, now=now)
        if row.confirmed_at is not None:
            check_not_recovered_lately(db, account.id, now=now)
    if row.ended_at is not None:
        return
    row.ended_at = now
    _note(db, Event.CONTACT_ENDED, account, row, now)
    agreed = select(CoSignature.recovery_id).where(CoSignature.contact_account_id == row.contact_account_id)
    db.execute(_under_way(row.account_id, now).where(Recovery.id.in_(agreed)).values(expires_at=now))
    other = row.contact_account_id if row.account_id == account.id else row.account_id
    if other is not None and row.confirmed_at is not None:
        tell(db, get_account(db, other), ENDED, now=now, name=short_name(account.display_name))


def end_at_hand_over(db: Session, account: Account, now: datetime) -> None:
    """Whom the guardian had named vouches no more, and a recovery that they began goes nowhere."""
    db.execute(_under_way(account.id, now).values(expires_at=now))
    for row in contacts_of(db, account.id):
        row.ended_at = now
        if row.contact_account_id is not None and row.confirmed_at is not None:
            contact = get_account(db, row.contact_account_id)
            tell(db, contact, ENDED, now=now, name=short_name(account.display_name))


def contacts_of(db: Session, account_id: UUID) -> list[TrustedContact]:
    """Whom this account has named, confirmed or not, the oldest first."""
    return list(db.scalars(_standing().where(TrustedContact.account_id == account_id)))


def trusting(db: Session, contact_id: UUID) -> list[TrustedContact]:
    """Who has named this account."""
    return list(db.scalars(_standing().where(TrustedContact.contact_account_id == contact_id)))


def ripe_contacts(db: Session, account_id: UUID, *, now: datetime) -> list[TrustedContact]:
    """Those that count: confirmed thirty days ago or longer."""
    since = now - timedelta(days=_rules(now)["ripe_days"])
    query = _standing().where(TrustedContact.account_id == account_id, TrustedContact.confirmed_at <= since)
    return list(db.scalars(query))


def who_may_vouch(db: Session, account_id: UUID, *, now: datetime) -> set[UUID]:
    """The accounts whose word counts now: trusted contacts whose time has come, and the guardians of a ward."""
    found = {row.contact_account_id for row in ripe_contacts(db, account_id, now=now) if row.contact_account_id}
    ward = get_account(db, account_id).person_id
    for row in guardians_of(db, ward, now=now) if ward else ():
        guardian = find_account_of(db, row.guardian_id)
        found |= {guardian.id} if guardian else set()
    return found


def ripe_on(row: TrustedContact, *, now: datetime) -> datetime | None:
    """From when this contact counts."""
    return None if row.confirmed_at is None else row.confirmed_at + timedelta(days=_rules(now)["ripe_days"])


def check_fit(db: Session, owner_id: UUID, contact: Account, *, now: datetime) -> None:
    """Asked when the contact agrees and again when it co-signs: what they are now decides."""
    check_may(db, contact.id, Act.SIGN_IN, now=now)
    if contact.person_id is None or level_of(db, contact.person_id, now=now) < NEEDED_LEVEL:
        raise Refused("trusted-level")
    owner = get_account(db, owner_id)
    if owner.person_id is not None and _has_helped(db, contact.person_id, owner.person_id):
        raise Refused("trusted-helper")


def check_not_recovered_lately(db: Session, account_id: UUID, *, now: datetime) -> None:
    """After a recovery nothing that decides who is reached or asked may change for some days. "recovered-lately"."""
    days = timedelta(days=int(rule("contact_frozen_days", today_in_vietnam(now))))
    query = select(Recovery.finished_at).where(Recovery.account_id == account_id, Recovery.finished_at > now - days)
    last = db.scalar(query.order_by(Recovery.finished_at.desc()).limit(1))
    if last is not None:
        raise Refused("recovered-lately", until=last + days)


def _has_helped(db: Session, helper: UUID, helped: UUID) -> bool:
    """Whether this person served the other as an officer, or helped as a member."""
    officers = (Application.received_by_id, Application.captured_by_id, Application.decided_by_id)
    own = staff_accounts_of(helper)
    for column in officers:
        served = select(Application.id).where(Application.person_id == helped, column.in_(own))
        if db.scalar(served.limit(1)) is not None:
            return True
    return any(ask(db, helper, helped) for ask in HELPED)


def _for_contact(db: Session, contact_id: UUID, row_id: UUID) -> TrustedContact:
    row = db.get(TrustedContact, row_id)
    if row is None or row.contact_account_id != contact_id or row.ended_at is not None:
        raise Refused("trusted-unknown")
    return row


def _standing() -> Select[TrustedContact]:
    return select(TrustedContact).where(TrustedContact.ended_at.is_(None)).order_by(TrustedContact.chosen_at)


def _under_way(account_id: UUID, now: datetime) -> Update:
    under_way = update(Recovery).where(Recovery.account_id == account_id, Recovery.finished_at.is_(None))
    return under_way.where(Recovery.expires_at > now)


def _asked_today(db: Session, account_id: UUID, now: datetime) -> int:
    since = now - timedelta(days=1)
    query = select(func.count()).where(TrustedContact.account_id == account_id, TrustedContact.chosen_at > since)
    return db.scalars(query).one()


def _note(db: Session, event: Event, who: Account, row: TrustedContact, now: datetime) -> None:
    record(db, event, Actor(who.id, who.kind), now=now, subject=("account", row.account_id))


def _rules(now: datetime) -> dict[str, int]:
    found: dict[str, int] = rule("trusted_contacts", today_in_vietnam(now))
    return found


hand_over.ENDS_TOO.append(end_at_hand_over)
