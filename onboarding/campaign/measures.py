"""What a target can be about, counted from what happened in a span of days, by where people live.

The names and versions are those of the indicators (community.md 4.7, B1); each share keeps its denominator.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from identity.account import Account, Kind
from identity.application.model import Application
from identity.person import Person
from onboarding.campaign.model import AimKind
from onboarding.indicators import Ratio

Span = tuple[datetime, datetime]
Count = Callable[[Session, Collection[UUID], Span], int]


@dataclass(frozen=True, slots=True)
class Measure:
    """An indicator as a target names it: what is counted and, for a share, of what."""

    code: str
    version: int
    kind: AimKind
    numerator: Count
    denominator: Count | None = None


def _applied(db: Session, units: Collection[UUID], span: Span) -> int:
    sent = Application.submitted_at >= span[0], Application.submitted_at < span[1], Application.level == 2
    return (
        db.scalar(select(func.count()).select_from(Application).where(Application.home_unit_id.in_(units), *sent)) or 0
    )


def _issued(db: Session, units: Collection[UUID], span: Span) -> int:
    return _accounts(db, units, span, "issued_at")


def _activated(db: Session, units: Collection[UUID], span: Span) -> int:
    return _accounts(db, units, span, "activated_at")


def _accounts(db: Session, units: Collection[UUID], span: Span, moment: str) -> int:
    at = getattr(Account, moment)
    query = select(func.count()).select_from(Account).join(Person, Person.id == Account.person_id)
    lives = Person.unit_id.in_(units), Account.kind == Kind.RESIDENT.value
    return db.scalar(query.where(*lives, at >= span[0], at < span[1])) or 0


MEASURES: Mapping[str, Measure] = {
    one.code: one
    for one in (
        Measure("applied", 1, AimKind.COUNT, _applied),
        Measure("issued", 1, AimKind.COUNT, _issued),
        Measure("activated", 1, AimKind.COUNT, _activated),
        Measure("issued-of-applied", 1, AimKind.SHARE, _issued, _applied),
        Measure("activated-of-issued", 1, AimKind.SHARE, _activated, _issued),
        Measure("activated-of-applied", 1, AimKind.SHARE, _activated, _applied),
    )
}
"""By code; a closed list, which the forms offer."""


def measured(db: Session, measure: Measure, units: Collection[UUID], span: Span) -> Ratio:
    """The figure of these units in the span; a count stands alone, over itself."""
    numerator = measure.numerator(db, units, span)
    return Ratio(numerator, measure.denominator(db, units, span) if measure.denominator else numerator)
