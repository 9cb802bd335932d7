"""Late facts restate visibly: what a figure was before, and since when it is what it is now."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from identity.deadlines import today_in_vietnam
from onboarding.figures.facts import DAY, Figure, fact
from onboarding.figures.model import NATION, IndicatorFact, ReferenceCount
from onboarding.figures.periods import Period
from onboarding.figures.registry import get_indicator

MOST = 12
INSTANT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Restatement:
    """At a moment the figure of a period changed although its days were over."""

    at: datetime
    before: Figure | None
    after: Figure | None


def restatements(db: Session, code: str, unit_id: UUID, period: Period, *, most: int = MOST) -> list[Restatement]:
    """The newest first. A day that still ran when it was counted grows, and is not restated."""
    moments = {*_of_events(db, code, unit_id, period), *_of_papers(db, code, unit_id, period)}
    changed = (one for at in sorted(moments, reverse=True) if (one := _restated(db, code, unit_id, period, at)))
    return [one for _, one in zip(range(most), changed, strict=False)]


def former(db: Session, code: str, unit_id: UUID, period: Period) -> Restatement | None:
    """The newest restatement: what a reader may have seen before."""
    return next(iter(restatements(db, code, unit_id, period, most=1)), None)


def restated_by_paper(db: Session, code: str, unit_id: UUID, period: Period, *, until: datetime) -> datetime | None:
    """When a paper changed the figure last, up to a moment; None where none did."""
    moments = sorted((at for at in _of_papers(db, code, unit_id, period) if at <= until), reverse=True)
    return next((at for at in moments if _restated(db, code, unit_id, period, at)), None)


def _restated(db: Session, code: str, unit_id: UUID, period: Period, at: datetime) -> Restatement | None:
    """What the moment changed; the first count of all restates nothing, nor does the first paper to divide it by."""
    before = fact(db, code, unit_id, period, at - INSTANT)
    if before is None or (get_indicator(code).denominator.is_imported and before.value is None):
        return None
    after = fact(db, code, unit_id, period, at)
    return Restatement(at, before, after) if _pair(before) != _pair(after) else None


def _pair(figure: Figure | None) -> tuple[int, int] | None:
    return None if figure is None else (figure.numerator, figure.denominator)


def _of_events(db: Session, code: str, unit_id: UUID, period: Period) -> Iterator[datetime]:
    """A count of a day that was over ended, or came more than a day after.

    On the day on which counting begins, a past is counted in several goes, and nobody was told less of it.
    """
    row = IndicatorFact
    query = select(row.starts, row.as_of, row.replaced_at).where(row.indicator == code, row.unit_id == unit_id)
    query = query.where(row.kind == DAY, row.starts >= period.first, row.starts < period.end)
    found = db.execute(query).all()
    begun = _begun_on(db, code) if found else date.max
    for starts, as_of, replaced_at in found:
        counted_on = today_in_vietnam(as_of)
        if counted_on > starts and replaced_at is not None:
            yield replaced_at
        if counted_on > max(starts + timedelta(days=1), begun):
            yield as_of


def _begun_on(db: Session, code: str) -> date:
    """The day on which the indicator was counted first, of whatever day and place."""
    row = IndicatorFact
    first = db.scalar(select(func.min(row.as_of)).where(row.indicator == code, row.unit_id == NATION))
    return date.max if first is None else today_in_vietnam(first)


def _of_papers(db: Session, code: str, unit_id: UUID, period: Period) -> Iterator[datetime]:
    """A number was replaced, or came when the period was over. Any place's may be part of the sum; what changes
    nothing here is left out above.
    """
    one, row = get_indicator(code), ReferenceCount
    measures = [part.measure for part in (one.numerator, one.denominator) if part.is_imported]
    if not measures:
        return
    query = select(row.imported_at, row.replaced_at).where(row.measure.in_(measures), row.day < period.end)
    for imported_at, replaced_at in db.execute(query.distinct()):
        if replaced_at is not None:
            yield replaced_at
        if today_in_vietnam(imported_at) > period.last:
            yield imported_at
