"""Counting what a test has done, and reading it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from onboarding.figures.facts import Figure, fact
from onboarding.figures.model import FigureDay, IndicatorFact
from onboarding.figures.periods import Period, read_period
from onboarding.figures.published import cut_some, publish_some
from onboarding.figures.refresh import count_some, mark_all, refresh

YEAR = read_period("2026", on=date(2026, 1, 1))


def count_all(db: Session, now: datetime) -> None:
    """As the worker does it, until nothing waits."""
    while count_some(db, now=now):
        pass
    refresh(db, now=now)
    while count_some(db, now=now):
        pass


def count_from_scratch(db: Session, now: datetime) -> None:
    db.query(IndicatorFact).delete()
    db.query(FigureDay).delete()
    mark_all(db)
    while count_some(db, now=now):
        pass


def publish(db: Session, now: datetime) -> None:
    """The steps of the worker's job, a look before each."""
    cursor = publish_some(db, None, now=now)
    while cursor is not None:
        cursor = publish_some(db, cursor, now=now, found=cut_some(db, cursor, now=now))


def pair(db: Session, code: str, unit_id: UUID, period: Period = YEAR, **when: Any) -> tuple[int, int]:
    """(so many, of so many); (0, 0) where nothing was counted."""
    found: Figure | None = fact(db, code, unit_id, period, **when)
    return (0, 0) if found is None else (found.numerator, found.denominator)


def current(db: Session) -> set[tuple[Any, ...]]:
    """All facts that hold now and are not zero."""
    row = IndicatorFact
    columns = (row.indicator, row.unit_id, row.kind, row.starts, row.numerator, row.denominator)
    query = select(*columns).where(row.replaced_at.is_(None), (row.numerator > 0) | (row.denominator > 0))
    return {tuple(one) for one in db.execute(query)}
