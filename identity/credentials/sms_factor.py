"""A code by SMS in place of the app: the weakest second factor, only where the operator allows it.

Password and SMS are two factors (Decree 69/2024/ND-CP Art. 20, level 2) and never more; `amr` says "sms" (RFC 8176), so
that a service may decline it. Whoever came in by it cannot change how one signs in: a SIM can be taken over at a shop
(NIST SP 800-63B-4 section 3.1.3.3, restricted).
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, delete
from sqlalchemy.orm import Mapped, Session, mapped_column

from identity.account import Account, Act, check_may
from identity.audit import Actor, Event, record
from identity.base import Base, Refused
from identity.credentials.otp import check_otp, find_open_otp, send_otp, why_not
from identity.holds import Holds
from identity.person import Person
from identity.telling import tell

PURPOSE, NOTICE = "second-step", "sign-in-way-changed"
AMR = ("pwd", "sms", "mfa")


class SmsFactor(Base):
    """This account takes codes by SMS too, at the phone on file."""

    __tablename__ = "sms_factor"

    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), primary_key=True)
    added_at: Mapped[datetime]


def is_on(db: Session, account_id: UUID) -> bool:
    """Whether the account takes codes by SMS."""
    return db.get(SmsFactor, account_id) is not None


def switch_on(db: Session, account: Account, *, now: datetime) -> None:
    """The owner wants it. Twice is once; Refused "contact-no-old" without a phone on file."""
    check_may(db, account.id, Act.CHANGE, now=now)
    if _phone(db, account) is None:
        raise Refused("contact-no-old")
    if not is_on(db, account.id):
        db.add(SmsFactor(account_id=account.id, added_at=now))
        _note(db, account, Event.SMS_FACTOR_ADDED, now)


def switch_off(db: Session, account: Account, *, now: datetime) -> None:
    """The owner wants it no more. Twice is once."""
    check_may(db, account.id, Act.CHANGE, now=now)
    if is_on(db, account.id):
        db.execute(delete(SmsFactor).where(SmsFactor.account_id == account.id))
        _note(db, account, Event.SMS_FACTOR_REMOVED, now)


def send(db: Session, account: Holds, *, now: datetime, test_otp: str = "") -> Refused | None:
    """A code to the phone on file, after the right password only. Why not, if not: the one before stays good."""
    phone = _phone(db, account)
    if phone is None or not is_on(db, account.id):
        return Refused("sms-factor-off")
    try:
        send_otp(db, phone, PURPOSE, account.id, now=now, locale=account.locale, test_otp=test_otp)
    except Refused as refusal:
        return refusal
    return None


def check(db: Session, account_id: UUID, typed: str, *, now: datetime) -> Refused | None:
    """Whether this is the code that was sent; counted."""
    if not is_on(db, account_id):
        return Refused("sms-factor-off", field="otp")
    challenge = find_open_otp(db, PURPOSE, account_id, now=now)
    if challenge is None:
        return Refused("otp-not-sent", field="otp")
    return None if check_otp(db, challenge, typed, now=now) else why_not(db, challenge, now=now)


def _phone(db: Session, account: Holds) -> str | None:
    person = db.get(Person, account.person_id) if account.person_id else None
    return person.phone if person else None


def _note(db: Session, account: Account, event: Event, now: datetime) -> None:
    record(db, event, Actor(account.id, account.kind), now=now, subject=("account", account.id))
    tell(db, account, NOTICE, now=now)
