"""Facts: counted for each day and unit from the events, summed upwards and into months; read for any period.

All measures are counts of events on their day, so a province is the sum of its numerators over the sum of its
denominators, and a month the sum of its days. A day counted twice gives the same rows. Where papers give a part
(`reference`) it is a level: a denominator is that of the period's last day, a numerator the newest of the period.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, cast
from uuid import UUID

from sqlalchemy import ColumnElement, Table, Uuid, and_, bindparam, delete, false, func, insert, or_, select, update
from sqlalchemy.orm import Session

from identity.places import Unit
from onboarding.figures.kept import with_kept
from onboarding.figures.model import NATION, IndicatorFact
from onboarding.figures.periods import Period, after, month_of
from onboarding.figures.reference import Level, Levels
from onboarding.figures.registry import Indicator, counted, get_indicator
from onboarding.figures.sources import count_day

DAY, MONTH = "day", "month"
Key = tuple[str, UUID]
Pair = tuple[int, int]
DayCounts = Mapping[date, Mapping[Key, Pair]]
_TABLE = cast(Table, IndicatorFact.__table__)


@dataclass(frozen=True, slots=True)
class Figure:
    """So many of so many, by the counts of a moment."""

    numerator: int
    denominator: int
    as_of: datetime
    source: str | None = None
    """The paper that the denominator is from, and its edition; None where events give it."""
    vintage: str | None = None

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
    one = get_indicator(code)
    found = {} if one.numerator.is_imported else _counted_of(db, one, unit_ids, first, end, as_of)
    return _with_papers(db, one, unit_ids, (first, end), found, as_of) if one.denominator.is_imported else found


def _counted_of(
    db: Session, one: Indicator, unit_ids: Collection[UUID], first: date, end: date, as_of: datetime | None
) -> dict[UUID, Figure]:
    row = IndicatorFact
    query = select(row.unit_id, func.sum(row.numerator), func.sum(row.denominator), func.max(row.as_of))
    query = query.where(row.indicator == one.code, row.unit_id.in_(unit_ids), known_at(as_of), within_days(first, end))
    found = db.execute(query.group_by(row.unit_id))
    return {unit: Figure(int(some), int(all_), moment) for unit, some, all_, moment in found if some or all_}


def _with_papers(
    db: Session,
    one: Indicator,
    unit_ids: Collection[UUID],
    days: tuple[date, date],
    counted_: Mapping[UUID, Figure],
    as_of: datetime | None,
) -> dict[UUID, Figure]:
    """Beside a known denominator, none counted are none: an explicit zero.

    A part is never more than its whole: a paper that tells of fewer than were counted is not divided by.
    """
    first, last = days[0], days[1] - timedelta(days=1)
    all_of = Levels(db, one.denominator.measure or "", as_of)
    some_of = Levels(db, one.numerator.measure or "", as_of) if one.numerator.is_imported else None
    found: dict[UUID, Figure] = {}
    all_of.look_at(unit_ids)
    for unit in unit_ids:
        all_, some = all_of.on(unit, last), some_of.on(unit, last, first) if some_of else None
        figure = Figure(some.number, 0, some.imported_at) if some else counted_.get(unit)
        if figure is None and all_ is not None and some_of is None:
            figure = Figure(0, 0, all_.imported_at)
        if figure is not None:
            found[unit] = figure if all_ is None or all_.number < figure.numerator else _over(figure, all_)
    return found


def _over(figure: Figure, all_: Level) -> Figure:
    return Figure(figure.numerator, all_.number, max(figure.as_of, all_.imported_at), all_.source, all_.vintage)


def series(
    db: Session, codes: Iterable[str], unit_ids: Collection[UUID], kind: str, as_of: datetime | None = None
) -> dict[tuple[str, UUID, date], Pair]:
    """Every stored day or month of these places: (indicator, unit, start) → (numerator, denominator)."""
    row = IndicatorFact
    query = select(row.indicator, row.unit_id, row.starts, row.numerator, row.denominator)
    query = query.where(row.indicator.in_(list(codes)), row.unit_id.in_(unit_ids), row.kind == kind, known_at(as_of))
    return {(one.indicator, one.unit_id, one.starts): (one.numerator, one.denominator) for one in db.execute(query)}


def count_anew(db: Session, days: Collection[date], *, now: datetime) -> int:
    """Count these days and their months; how many rows changed."""
    return put_anew(db, counts_of(db, days), now=now)


def counts_of(db: Session, days: Collection[date]) -> DayCounts:
    """What the events say of these days. Takes long, and only reads."""
    parents = {row.id: row.parent_id for row in db.execute(select(Unit.id, Unit.parent_id))}
    return {day: _of_day(db, day, parents) for day in sorted(days)}


def put_anew(db: Session, counts: DayCounts, *, now: datetime) -> int:
    """Keep the counts of days and the sums of their months; how many rows changed."""
    changed = sum(_put(db, DAY, day, found, now) for day, found in counts.items())
    months = sorted({month_of(day) for day in counts})
    return changed + sum(_put(db, MONTH, first, _of_month(db, first), now) for first in months)


def _of_day(db: Session, day: date, parents: dict[UUID, UUID | None]) -> dict[Key, Pair]:
    counts = with_kept(db, day, count_day(db, day), parents)
    rolled = {measure: _rolled_up(numbers, parents) for measure, numbers in counts.items()}
    nothing: Counter[UUID] = Counter()
    found: dict[Key, Pair] = {}
    for one in counted():
        some = rolled[one.numerator.measure or ""]
        all_ = nothing if one.denominator.is_imported else rolled[one.denominator.measure or ""]
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


def _put(db: Session, kind: str, starts: date, wanted: Mapping[Key, Pair], now: datetime) -> int:
    """Replace the rows that differ; what is no more becomes an explicit zero."""
    columns = (_TABLE.c.indicator, _TABLE.c.unit_id, _TABLE.c.numerator, _TABLE.c.denominator, _TABLE.c.as_of)
    current = (_TABLE.c.kind == kind) & (_TABLE.c.starts == starts) & _TABLE.c.replaced_at.is_(None)
    held = {(row[0], row[1]): (row[2], row[3], row[4]) for row in db.execute(select(*columns).where(current))}
    gone = dict.fromkeys(held.keys() - wanted.keys(), (0, 0))
    changed = {key: pair for key, pair in {**wanted, **gone}.items() if pair != held.get(key, (0, 0))[:2]}
    if not changed:
        return 0
    rows = [_row(key, kind, starts, pair, now) for key, pair in changed.items()]
    again = [row for row in rows if (row["indicator"], row["unit_id"]) in held]
    _end(db, kind, starts, again, now)
    db.execute(insert(_TABLE), rows)
    return len(changed)


def _end(db: Session, kind: str, starts: date, rows: list[dict[str, Any]], now: datetime) -> None:
    """What stood ends now; what was counted at this very moment, and seen by nobody, goes."""
    if not rows:
        return
    of_key = (_TABLE.c.indicator == bindparam("i")) & (_TABLE.c.unit_id == bindparam("u", type_=Uuid()))
    current = (_TABLE.c.kind == kind) & (_TABLE.c.starts == starts) & _TABLE.c.replaced_at.is_(None) & of_key
    keys = [{"i": row["indicator"], "u": row["unit_id"]} for row in rows]
    db.connection().execute(delete(_TABLE).where(current, _TABLE.c.as_of >= now), keys)
    db.connection().execute(update(_TABLE).where(current).values(replaced_at=now), keys)


def _row(key: Key, kind: str, starts: date, pair: Pair, now: datetime) -> dict[str, Any]:
    (code, unit), (some, all_) = key, pair
    place = {"indicator": code, "version": get_indicator(code).version, "unit_id": unit, "kind": kind, "starts": starts}
    return {**place, "as_of": now, "numerator": some, "denominator": all_, "replaced_at": None}


def known_at(as_of: datetime | None) -> ColumnElement[bool]:
    row = IndicatorFact
    if as_of is None:
        return row.replaced_at.is_(None)
    return (row.as_of <= as_of) & or_(row.replaced_at.is_(None), row.replaced_at > as_of)


def within_days(first: date, end: date) -> ColumnElement[bool]:
    """From a day until before another, each count once."""
    return or_(false(), *(in_range(*one) for one in ranges_of(first, end)))


def in_range(kind: str, first: date, end: date) -> ColumnElement[bool]:
    """Rows of one kind, one after the other as the index has them."""
    row = IndicatorFact
    return and_(row.kind == kind, row.starts >= first, row.starts < end)


def ranges_of(first: date, end: date) -> list[tuple[str, date, date]]:
    """Whole months as months, the rest as days: a year is twelve rows. Empty ranges are left out."""
    whole, last = first if first.day == 1 else after(month_of(first), 1), month_of(end)
    if last <= whole:
        return [(DAY, first, end)] if first < end else []
    found = [(DAY, first, whole), (MONTH, whole, last), (DAY, last, end)]
    return [(kind, begins, ends) for kind, begins, ends in found if begins < ends]
