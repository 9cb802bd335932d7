"""Where many places are going at once, for a table: their last half-year as published, and when their pace gets there.

Plain arithmetic, the baseline of every forecast: nothing here needs what the worker needs. Only published cuts are
read, so that a line in a table tells no more than the figures beside it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from math import ceil
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from onboarding.figures.facts import DAY, Pair, facts_of, known_at
from onboarding.figures.model import IndicatorFact, PublishedSpan
from onboarding.figures.registry import Indicator
from onboarding.forecast.history import WEEK, filled
from onboarding.forecast.shape import FEWEST_POINTS, Point, share_of

SHOWN = 26
"""Weeks that are drawn."""
WEEKS = 4
"""Of how many weeks the pace is the mean."""
FARTHEST = 520
"""Weeks ahead, beyond which nobody believes a date."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """When a target is reached: on `day`; never at this pace (`day` is None); or not told, and why (`refused`)."""

    day: date | None = None
    refused: str | None = None


def recent(db: Session, one: Indicator, spans: Sequence[PublishedSpan]) -> dict[UUID, tuple[Point, ...]]:
    """The last half-year of each place, a point for each published week. Not for shares of a paper."""
    if one.denominator.is_imported or one.numerator.is_imported:
        return {}
    groups: dict[tuple[date, datetime], dict[UUID, list[date]]] = defaultdict(dict)
    for row in spans:
        days = [date.fromisoformat(day) for day in row.boundaries]
        ends = [day for day in days[1:] if day.isoweekday() == 1][-SHOWN:]
        if row.family == one.family and ends:
            groups[days[0], row.as_of][row.unit_id] = ends
    found: dict[UUID, tuple[Point, ...]] = {}
    for (begins, as_of), ends_of in groups.items():
        found.update(_courses(db, one.code, begins, as_of, ends_of))
    return found


def _courses(
    db: Session, code: str, begins: date, as_of: datetime, ends_of: Mapping[UUID, list[date]]
) -> dict[UUID, tuple[Point, ...]]:
    """What was counted before the first point at once, and then day by day."""
    start = min(ends[0] for ends in ends_of.values())
    before = facts_of(db, code, list(ends_of), begins, start, as_of) if begins < start else {}
    days = _days(db, code, list(ends_of), start, as_of)
    found = {}
    for unit, ends in ends_of.items():
        base = before.get(unit)
        pair = (base.numerator, base.denominator) if base else (0, 0)
        found[unit] = _points(pair, days.get(unit, {}), ends)
    return found


def _days(
    db: Session, code: str, units: Collection[UUID], since: date, as_of: datetime
) -> Mapping[UUID, Mapping[date, Pair]]:
    row = IndicatorFact
    query = select(row.unit_id, row.starts, row.numerator, row.denominator)
    query = query.where(row.indicator == code, row.unit_id.in_(units), row.kind == DAY, row.starts >= since)
    found: dict[UUID, dict[date, Pair]] = defaultdict(dict)
    for unit, starts, some, all_ in db.execute(query.where(known_at(as_of))):
        found[unit][starts] = some, all_
    return found


def _points(base: Pair, days: Mapping[date, Pair], ends: Sequence[date]) -> tuple[Point, ...]:
    (some, all_), waiting, found = base, sorted(days), []
    for end in ends:
        while waiting and waiting[0] < end:
            pair = days[waiting.pop(0)]
            some, all_ = some + pair[0], all_ + pair[1]
        if all_:  # nothing of nothing is missing, not zero
            found.append(Point(end - WEEK, share_of(some, all_), some, all_))
    return tuple(found)


def arrival(history: Sequence[Point], target: float, way: int = 1) -> Arrival:
    """When the share gets to the target if numerator and denominator go on as in the last four weeks.

    `way`: of the indicator; -1 gets there from above.
    """
    if len(history) < FEWEST_POINTS:
        return Arrival(refused="too-few-points")
    weeks = filled(history)
    last, before = weeks[-1], weeks[-1 - WEEKS]
    lacking = (target * last.denominator - last.numerator) * way
    if lacking <= 0:
        return Arrival(last.week + timedelta(days=6))
    gain = (last.numerator - before.numerator - target * (last.denominator - before.denominator)) / WEEKS * way
    ahead = ceil(lacking / gain - 1e-9) if gain > 0 else FARTHEST + 1
    return Arrival(None if ahead > FARTHEST else last.week + WEEK * ahead + timedelta(days=6))
