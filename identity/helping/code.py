"""The one-day help code: eight digits that the person says aloud and the helper types.

Valid on the Vietnamese calendar day it was made for, by any helper, as often as needed that day. Kept as a keyed
digest. Wrong codes are counted per helper and day; after too many, no code of that helper is looked up that day.
"""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import ForeignKey, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from identity.audit import SYSTEM, Actor, Event, record
from identity.base import Base, Refused
from identity.deadlines import rule, today_in_vietnam
from identity.helping.consent import HelpCode, HelpConsent, add_code, find_open_consent, person_behind
from identity.sealed import vault
from identity.writing import insert_into

DIGITS = 8


class HelpCodeMiss(Base):
    """How many wrong codes one helper gave on one day."""

    __tablename__ = "help_code_miss"

    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    count: Mapped[int]


@dataclass(frozen=True, slots=True)
class Presented:
    """What a helper's code led to. `blocked`: too many wrong codes today, nothing was looked up."""

    pseudonym: bytes | None
    blocked: bool = False


def new_help_code(db: Session, person_id: UUID, *, now: datetime, actor: Actor = SYSTEM) -> str:
    """A fresh code for today, as two groups of four digits. Earlier codes of the day stay good."""
    consent_id = find_open_consent(db, person_id)
    if consent_id is None:
        raise Refused("help-not-agreed")
    # one at a time, so that the limit holds
    db.execute(select(HelpConsent.id).where(HelpConsent.id == consent_id).with_for_update())
    today = today_in_vietnam(now)
    if _made_today(db, consent_id, today) >= rule("help_codes_per_day", today):
        raise Refused("help-code-limit")
    code = f"{secrets.randbelow(10**DIGITS):0{DIGITS}}"
    while not add_code(db, consent_id, _digest(db, code, today), now=now):
        code = f"{secrets.randbelow(10**DIGITS):0{DIGITS}}"
    record(db, Event.HELP_CODE_MADE, actor, now=now, subject=("person", person_id))
    return f"{code[:4]} {code[4:]}"


def resolve_help_code(db: Session, code: str, *, on: date) -> bytes | None:
    """The pseudonym of the person whose code this was on that day."""
    query = (
        select(HelpConsent.pseudonym)
        .join(HelpCode, HelpCode.consent_id == HelpConsent.id)
        .where(HelpCode.digest == _digest(db, code, on))
    )
    return db.scalar(query)


def present_help_code(db: Session, helper: UUID, code: str, *, on: date, now: datetime) -> Presented:
    """`resolve_help_code` for a helper, with the limit on wrong codes. A miss is a result that must be kept."""
    today = today_in_vietnam(now)
    misses = db.scalar(select(HelpCodeMiss.count).where(HelpCodeMiss.account_id == helper, HelpCodeMiss.day == today))
    if (misses or 0) >= rule("help_code_misses_per_day", today):
        return Presented(None, blocked=True)
    pseudonym = resolve_help_code(db, code, on=on)
    if pseudonym is None:
        _count_miss(db, helper, today)
    return Presented(pseudonym)


def person_of_help_code(db: Session, helper: UUID, code: str, *, now: datetime) -> UUID | Refused:
    """The person whose help code of today a helper was given. A refusal is a result: a wrong code stays counted."""
    presented = present_help_code(db, helper, code, on=today_in_vietnam(now), now=now)
    if presented.blocked:
        return Refused("help-code-blocked", field="help_code")
    person_id = person_behind(db, presented.pseudonym) if presented.pseudonym else None
    return person_id or Refused("help-code-unknown", field="help_code")


def forget_help_codes(db: Session, *, now: datetime) -> int:
    """Drop the codes that no record can bring any more, and old misses; returns how many codes.

    A record that was written on a phone without network may come late by the days of rule `assistance_late_days`.
    """
    today = today_in_vietnam(now)
    days = timedelta(days=rule("assistance_late_days", today) + 1)
    db.execute(delete(HelpCodeMiss).where(HelpCodeMiss.day < today - days))
    old = delete(HelpCode).where(HelpCode.made_at < now - days).execution_options(synchronize_session=False)
    return len(db.scalars(old.returning(HelpCode.id)).all())


def _digest(db: Session, code: str, day: date) -> bytes:
    return vault(db).digest("help-code", f"{day.isoformat()}:{re.sub(r'[^0-9]', '', code)}")


def _made_today(db: Session, consent_id: UUID, today: date) -> int:
    made = db.scalars(
        select(HelpCode.made_at).where(HelpCode.consent_id == consent_id).order_by(HelpCode.made_at.desc())
    )
    return sum(today_in_vietnam(at) == today for at in made)


def _count_miss(db: Session, helper: UUID, today: date) -> None:
    statement = insert_into(db, HelpCodeMiss).values(account_id=helper, day=today, count=1)
    db.execute(
        statement.on_conflict_do_update(
            index_elements=[HelpCodeMiss.account_id, HelpCodeMiss.day],
            set_={"count": HelpCodeMiss.count + 1},
        )
    )
