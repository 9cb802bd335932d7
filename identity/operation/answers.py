"""How a register answered lately, from the look-ups of applicants; nobody is named in them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from identity.application.lookup import Outcome, RegisterLookup

LATELY = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Answers:
    """The last hour."""

    asked: int
    without: int
    """Questions that the register did not answer."""
    last_at: datetime | None


def answers(db: Session, *, now: datetime) -> Answers:
    """Of all registers that applicants are looked up in."""
    without = func.count().filter(RegisterLookup.outcome == Outcome.UNAVAILABLE.value)
    query = select(func.count(), without, func.max(RegisterLookup.at))
    return Answers(*db.execute(query.where(RegisterLookup.at > now - LATELY)).one())
