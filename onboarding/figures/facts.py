"""Facts: counted for each day and unit from the events, summed upwards and into months; read for any period.

All measures are counts of events on their day, so a province is the sum of its numerators over the sum of its
denominators, and a month the sum of its days. A day counted twice gives the same rows.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, cast
from uuid import UUID

from sqlalchemy import ColumnElement, Table, and_, func, insert, or_, select
from sqlalchemy.orm import Session

from identity.places import Unit
from onboarding.figures.model import NATION, IndicatorFact
from onboarding.figures.periods import Period, after, month_of
from onboarding.figures.registry import fed, get_indicator
from onboarding.figures.sources import count_day

DAY, MONTH = "day", "month"
Key = tuple[str, UUID]
Pair = tuple[int, int]
_TABLE = cast(Table, IndicatorFact.__table__)


@dataclass(frozen=True, slots=True)
class Figure:
    """So many of so many, by the counts of a moment."""

    numerator: int
    denominator: int
    as_of: datetime

    @property
    def value(self) -> float | None:
        """None where there is nothing to take a share of: missing, which is not zero."""
        return self.numerator / self.denominator if self.denominator else None


def fact(db: Session, code: str, unit_id: UUID, period: Period, as_of: datetime | None = None) -> Figure | None:
    """The figure of a place and period, as it is known now or was at a moment. None where nothing was ever counted."""
    return facts_of(db, code, [unit_id], period.first, period.end, as_of).get(unit_id)


def facts_of(
    db: Session, code: str, unit_ids: Collection[UUID], first: date, end: date, as_of: datetime | None = None
) -> dict[UUID, Figure]:
    """The figures of several places from the day `first` until before the day `end`."""
    one, row = get_indicator(code), IndicatorFact
    query = select(row.unit_id, func.sum(row.numerator), func.sum(row.denominator), func.max(row.as_of))
    query = query.where(row.indicator == one.code, row.unit_id.in_(unit_ids), _known(as_of), _within(first, end))
    found = db.execute(query.group_by(row.unit_id))
    return {unit: Figure(int(some), int(all_), moment) for unit, some, all_, moment in found if some or all_}


def series(
    db: Session, codes: Iterable[str], unit_ids: Collection[UUID], kind: str, as_of: datetime | None = None
) -> dict[tuple[str, UUID, date], Pair]:
    """Every stored day or month of these places: (indicator, unit, start) → (numerator, denominator)."""
    row = IndicatorFact
    query = select(row.indicator, row.unit_id, row.starts, row.numerator, row.denominator)
    query = query.where(row.indicator.in_(list(codes)), row.unit_id.in_(unit_ids), row.kind == kind, _known(as_of))
    return {(one.indicator, one.unit_id, one.starts): (one.numerator, one.denominator) for one in db.execute(query)}


def count_anew(db: Session, days: Collection[date], *, now: datetime) -> int:
    """Count these days and their months; how many rows changed."""
    parents = {row.id: row.parent_id for row in db.execute(select(Unit.id, Unit.parent_id))}
    changed = sum(_put(db, DAY, day, _of_day(db, day, parents), now) for day in sorted(days))
    return changed + sum(_put(db, MONTH, first, _of_month(db, first), now) for first in sorted({*map(month_of, days)}))


def _of_day(db: Session, day: date, parents: dict[UUID, UUID | None]) -> dict[Key, Pair]:
    counts = count_day(db, day)
    rolled = {measure: _rolled_up(numbers, parents) for measure, numbers in counts.items()}
    found: dict[Key, Pair] = {}
    for one in fed():
        some, all_ = rolled[one.numerator.measure or ""], rolled[one.denominator.measure or ""]
        found.update({(one.code, unit): (some[unit], all_[unit]) for unit in some.keys() | all_.keys()})
    return found


def _rolled_up(numbers: Counter[UUID], parents: dict[UUID, UUID | None]) -> Counter[UUID]:
    """To each unit what lies in it, and all of it to the nation."""
    sums: Counter[UUID] = Counter()
    for unit, number in numbers.items():
        above: UUID | None = unit
        while above is not None:
            sums[above] += number
            above = parents.get(above)
        sums[NATION] += number
    return sums


def _of_month(db: Session, first: date) -> dict[Key, Pair]:
    row = IndicatorFact
    query = select(row.indicator, row.unit_id, func.sum(row.numerator), func.sum(row.denominator))
    inside = (row.kind == DAY) & (row.starts >= first) & (row.starts < after(first, 1)) & row.replaced_at.is_(None)
    rows = db.execute(query.where(inside).group_by(row.indicator, row.unit_id))
    return {(code, unit): (int(some), int(all_)) for code, unit, some, all_ in rows}


def _put(db: Session, kind: str, starts: date, wanted: dict[Key, Pair], now: datetime) -> int:
    """Replace the rows that differ; what is no more becomes an explicit zero."""
    row = IndicatorFact
    query = select(row).where(row.kind == kind, row.starts == starts, row.replaced_at.is_(None))
    held = {(one.indicator, one.unit_id): one for one in db.scalars(query)}
    wanted = {**dict.fromkeys(held, (0, 0)), **wanted}
    changed = {
        key: pair
        for key, pair in wanted.items()
        if (pair != (0, 0) if key not in held else pair != (held[key].numerator, held[key].denominator))
    }
    fresh = {key: pair for key, pair in changed.items() if not _recounted(held.get(key), pair, now)}
    new = [_row(key, kind, starts, pair, now) for key, pair in fresh.items()]
    db.flush()
    if new:
        db.execute(insert(_TABLE), new)
    return len(changed)


def _recounted(held: IndicatorFact | None, pair: Pair, now: datetime) -> bool:
    """Within one moment nobody saw the older count; else it ends, and a new row follows."""
    if held is None:
        return False
    if held.as_of < now:
        held.replaced_at = now
        return False
    held.numerator, held.denominator = pair
    return True


def _row(key: Key, kind: str, starts: date, pair: Pair, now: datetime) -> dict[str, Any]:
    (code, unit), (some, all_) = key, pair
    place = {"indicator": code, "version": get_indicator(code).version, "unit_id": unit, "kind": kind, "starts": starts}
    return {**place, "as_of": now, "numerator": some, "denominator": all_, "replaced_at": None}


def _known(as_of: datetime | None) -> ColumnElement[bool]:
    row = IndicatorFact
    if as_of is None:
        return row.replaced_at.is_(None)
    return (row.as_of <= as_of) & or_(row.replaced_at.is_(None), row.replaced_at > as_of)


def _within(first: date, end: date) -> ColumnElement[bool]:
    """Whole months as months, the rest as days: a year is twelve rows."""
    row = IndicatorFact
    whole, last = first if first.day == 1 else after(month_of(first), 1), month_of(end)
    if last <= whole:
        return and_(row.kind == DAY, row.starts >= first, row.starts < end)
    months = and_(row.kind == MONTH, row.starts >= whole, row.starts < last)
    before = and_(row.kind == DAY, row.starts >= first, row.starts < whole)
    behind = and_(row.kind == DAY, row.starts >= last, row.starts < end)
    return or_(months, before, behind)
