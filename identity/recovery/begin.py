"""The rungs that a person climbs alone: a signed-in device, and a recovery code with the phone on file.

Two proofs each, never one: a device's own lock is two factors, a code of the sheet goes with a message to the phone.
Wrong answers count by address, never by account: the codes are long, and a stranger's guesses must hold nobody up.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from identity.account import Account, Act, check_may, find_account, login_index
from identity.audit import VISITOR, Actor, Event, record
from identity.base import Refused
from identity.credentials.codes import clean_code, new_code
from identity.credentials.otp import TO_VOUCH, send_otp
from identity.credentials.recovery import find_unused_code
from identity.credentials.throttle import Bucket, forgive, network_of, take_try
from identity.deadlines import rule, today_in_vietnam
from identity.person import Person
from identity.recovery.model import Recovery, Rung
from identity.sealed import vault

NOBODY = UUID(int=0)
PURPOSE = "recovery"
GROUPS = 3
"""60 random bits: who comes back is known by this alone until the next proof."""


@dataclass(frozen=True, slots=True)
class Begun:
    """A recovery and what brings its owner back to it. The code is shown, and kept as a digest."""

    recovery: Recovery
    code: str
    word: str = ""
    problem: Refused | None = None
    """Why no message is on its way; the recovery stands."""


def begin_with_device(db: Session, account: Account, *, now: datetime) -> Begun:
    """The first rung: whoever has just opened a device's own lock may set a new password and app at once."""
    check_may(db, account.id, Act.CHANGE, now=now)
    begun = new_recovery(db, Rung.DEVICE, account.id, now=now, locale=account.locale, opens_at=now)
    begun.recovery.expires_at = now + sitting(now)  # nothing is asked again on the way
    record(db, Event.RECOVERY_ASKED, Actor(account.id, account.kind), now=now, subject=about(account.id), rung="device")
    return begun


def begin_with_code(
    db: Session, login: str, typed: str, address: str, *, now: datetime, locale: str = "vi", test_otp: str = ""
) -> Begun | Refused:
    """The second rung. An unknown number and a wrong code are one answer, "recover-wrong", at one cost."""
    network = network_of(address)
    pair = f"recover:{login_index(db, login).hex()}:{network}"
    buckets = [Bucket("address", network), Bucket("pair", pair)]
    wait = take_try(db, buckets, now=now)
    if wait is not None:
        return Refused("sign-in-wait", seconds=ceil(wait.total_seconds()))
    account = find_account(db, login)
    digest = find_unused_code(db, account.id if account else NOBODY, typed)
    if account is None or digest is None:
        return _failed(db, account.id if account else None, Refused("recover-wrong"), now)
    forgive(db, buckets, now=now)
    try:
        check_may(db, account.id, Act.CHANGE, now=now)
    except Refused as refusal:
        return _failed(db, account.id, refusal, now)
    begun = new_recovery(db, Rung.CODE, account.id, now=now, locale=locale, code_digest=digest)
    record(db, Event.RECOVERY_ASKED, VISITOR, now=now, subject=about(account.id), rung="code")
    return Begun(begun.recovery, begun.code, problem=send_code(db, begun.recovery, now=now, test_otp=test_otp))


def new_recovery(
    db: Session, rung: Rung, account_id: UUID | None, *, now: datetime, locale: str, word: str = "", **values: Any
) -> Begun:
    """A row and the code that leads back to it."""
    code = new_code(GROUPS)
    days = timedelta(days=int(rule("recovery_open_days", today_in_vietnam(now))))
    recovery = Recovery(
        rung=rung.value, account_id=account_id, return_digest=return_digest(db, code),
        word_digest=word_digest(db, word) if word else None,
        begun_at=now, expires_at=now + days, locale=locale, **values,
    )  # fmt: skip
    db.add(recovery)
    db.flush()
    return Begun(recovery, code, word)


def sitting(now: datetime) -> timedelta:
    """How long what was proved at its beginning holds."""
    return timedelta(minutes=int(rule("recovery_sitting_minutes", today_in_vietnam(now))))


def find_recovery(db: Session, code: str, *, now: datetime) -> Recovery | None:
    """The living recovery that this code leads to; the code is in the browser's cookie or was typed."""
    found = db.scalar(select(Recovery).where(Recovery.return_digest == return_digest(db, code)))
    return found if found is not None and found.is_alive(now) else None


def come_back(db: Session, typed: str, address: str, *, now: datetime) -> Recovery | Refused:
    """The same for a code that somebody types: from the counter's slip, or from the page where they asked."""
    buckets = [Bucket("activation", network_of(address))]
    wait = take_try(db, buckets, now=now)
    if wait is not None:
        return Refused("too-many-codes", field="code", seconds=ceil(wait.total_seconds()))
    found = find_recovery(db, typed, now=now)
    if found is None:
        return Refused("recover-code-unknown", field="code")
    forgive(db, buckets, now=now)
    return found


def send_code(db: Session, recovery: Recovery, *, now: datetime, test_otp: str = "") -> Refused | None:
    """A message to the phone on file. Why not, if not; a code that was sent before stays good."""
    phone = phone_of(db, recovery)
    if phone is None:
        return Refused("recover-no-phone")
    purpose = TO_VOUCH if recovery.rung == Rung.CONTACT else PURPOSE
    try:
        recovery.challenge_id = send_otp(
            db, phone, purpose, recovery.id, now=now, locale=recovery.locale, test_otp=test_otp
        )
    except Refused as refusal:
        return refusal
    return None


def phone_of(db: Session, recovery: Recovery) -> str | None:
    """The phone on file."""
    account = db.get(Account, recovery.account_id) if recovery.account_id else None
    person = db.get(Person, account.person_id) if account and account.person_id else None
    return person.phone if person else None


def sweep(db: Session, *, now: datetime) -> None:
    """Drop what was asked for numbers that belong to nobody, and keys that nobody finished setting (the worker)."""
    over = Recovery.expires_at < now
    db.execute(delete(Recovery).where(over, Recovery.account_id.is_(None)))
    wiped: dict[str, Any] = {"password_hash": None, "totp_secret_sealed": None}
    wiped |= {"passkey_sealed": None, "sheet_sealed": None}
    db.execute(
        update(Recovery).where(over, Recovery.password_hash.is_not(None)).values(**wiped),
        execution_options={"synchronize_session": False},
    )


def about(account_id: UUID | None) -> tuple[str, UUID] | None:
    """The subject of an event."""
    return None if account_id is None else ("account", account_id)


def return_digest(db: Session, code: str) -> bytes:
    return vault(db).digest("recovery-return", clean_code(code))


def word_digest(db: Session, word: str) -> bytes:
    return vault(db).digest("recovery-word", clean_code(word))


def new_word() -> str:
    """What the person says to the contact: 40 random bits in two groups."""
    return new_code(2)


def _failed(db: Session, account_id: UUID | None, refusal: Refused, now: datetime) -> Refused:
    record(db, Event.RECOVERY_FAILED, VISITOR, now=now, subject=about(account_id), reason=refusal.code)
    return refusal
