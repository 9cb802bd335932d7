"""Numbers that no event of ours gives, from papers: how many adults live somewhere, what a province has reported.

A unit's number on a day is the newest one dated until then. Above it counts the sum of what lies below when all of it
is known, else a number of the unit's own, else nothing: a part is never taken for the whole.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import false, or_, select, update
from sqlalchemy.orm import Session

from identity.base import Refused
from identity.deadlines import today_in_vietnam
from identity.places import Unit, UnitKind
from onboarding.figures.model import NATION, ReferenceCount
from onboarding.figures.registry import imported_measures

MOST = 200_000_000
Dated = tuple[UUID, date, date]
"""A unit, its first day, and the first on which it is no more."""


@dataclass(frozen=True, slots=True)
class Level:
    """So many on a day, by which paper. A sum names its parts' paper where they share it."""

    number: int
    day: date
    source: str
    vintage: str
    imported_at: datetime


@dataclass(frozen=True, slots=True)
class Line:
    """A row to be imported. Without a number it takes back what was said of that day."""

    measure: str
    unit_id: UUID
    day: date
    number: int | None
    source: str
    vintage: str


class Levels:
    """The numbers of one measure as they are known now, or were at a moment. Reads only what is asked for."""

    def __init__(self, db: Session, measure: str, as_of: datetime | None = None) -> None:
        self._db, self._measure, self._as_of = db, measure, as_of
        self._levels: dict[UUID, list[Level]] = {}
        self._below: dict[UUID, list[Dated]] = {}

    def on(self, unit_id: UUID, day: date, since: date = date.min) -> Level | None:
        """The newest number from the day `since` until the day."""
        self.look_at([unit_id])
        below = [child for child, begins, ends in self._below[unit_id] if begins <= day < ends]
        self.look_at(below)
        found: list[Level] = []
        for child in below:
            level = self.on(child, day, since)
            if level is None:
                break
            found.append(level)
        return _sum(found) if below and len(found) == len(below) else self.own(unit_id, day, since)

    def own(self, unit_id: UUID, day: date, since: date = date.min) -> Level | None:
        """What was said of the unit itself."""
        self.look_at([unit_id])
        return next((one for one in reversed(self._levels[unit_id]) if since <= one.day <= day), None)

    def look_at(self, units: Iterable[UUID]) -> None:
        """Read many units at once: what was said of them, and what lies right below each."""
        new = [unit for unit in units if unit not in self._levels]
        if not new:
            return
        self._levels.update({unit: [] for unit in new})
        self._below.update({unit: [] for unit in new})
        for unit, *said in self._db.execute(self._said().where(ReferenceCount.unit_id.in_(new))):
            self._levels[unit].append(Level(*said))
        within = or_(Unit.parent_id.in_(new), Unit.kind == UnitKind.PROVINCE if NATION in new else false())
        query = select(Unit.parent_id, Unit.id, Unit.valid_from, Unit.valid_to).where(Unit.kind != UnitKind.VILLAGE)
        for parent, id_, begins, ends in self._db.execute(query.where(within)):
            self._below[parent or NATION].append((id_, begins, ends or date.max))

    def _said(self) -> Any:
        row = ReferenceCount
        query = select(row.unit_id, row.number, row.day, row.source, row.vintage, row.imported_at)
        query = query.where(row.measure == self._measure, row.number.is_not(None)).order_by(row.day)
        if self._as_of is None:
            return query.where(row.replaced_at.is_(None))
        known = or_(row.replaced_at.is_(None), row.replaced_at > self._as_of)
        return query.where(row.imported_at <= self._as_of, known)

    def told(self) -> list[UUID]:
        """Of whom anything is said."""
        return list(self._db.scalars(self._said().with_only_columns(ReferenceCount.unit_id).order_by(None).distinct()))

    def turns(self) -> set[date]:
        """On which a sum may change: a number is dated, or other units lie within."""
        found, days = set(self.days()), (Unit.valid_from, Unit.valid_to)
        for one in days:
            known = select(one).where(Unit.kind != UnitKind.VILLAGE, one.is_not(None)).distinct()
            found |= {day for day in self._db.scalars(known) if day is not None}
        return found

    def days(self) -> list[date]:
        """On which anything changes."""
        return list(self._db.scalars(self._said().with_only_columns(ReferenceCount.day).distinct()))


def import_lines(db: Session, lines: Iterable[Line], *, now: datetime) -> int:
    """Take in a paper's numbers, all or none; how many were new or different. What stood before stays to be seen.

    Refused "reference-measure", "reference-number", "reference-source", "reference-day" in the future,
    "reference-double" twice in one paper, "reference-contradicts" where a unit differs from the sum below it.
    """
    lines = list(lines)
    _check(lines, now)
    changed = sum(_take(db, line, now) for line in lines)
    db.flush()
    for measure in sorted({line.measure for line in lines}):
        _check_sums(Levels(db, measure), [line for line in lines if line.measure == measure])
    return changed


def _take(db: Session, line: Line, now: datetime) -> bool:
    row = ReferenceCount
    same = row.measure == line.measure, row.unit_id == line.unit_id, row.day == line.day
    held = db.scalar(select(row).where(*same, row.replaced_at.is_(None)))
    said = (line.number, line.source, line.vintage)
    if (None if held is None else (held.number, held.source, held.vintage)) == said:
        return False
    if held is None and line.number is None:
        return False
    if held is not None and held.imported_at == now:
        held.number, held.source, held.vintage = said
        return True
    ended = update(row).where(*same, row.replaced_at.is_(None)).values(replaced_at=now)
    db.execute(ended.execution_options(synchronize_session=False))
    db.add(
        ReferenceCount(
            measure=line.measure,
            unit_id=line.unit_id,
            day=line.day,
            imported_at=now,
            number=line.number,
            source=line.source,
            vintage=line.vintage,
            replaced_at=None,
        )
    )
    return True


def _check(lines: Sequence[Line], now: datetime) -> None:
    known, today = imported_measures(), today_in_vietnam(now)
    seen: set[tuple[str, UUID, date]] = set()
    for number, line in enumerate(lines, start=1):
        key = (line.measure, line.unit_id, line.day)
        wrong = {
            "reference-measure": line.measure not in known,
            "reference-number": line.number is not None and not 0 <= line.number <= MOST,
            "reference-source": not (0 < len(line.source) <= 200 and 0 < len(line.vintage) <= 40),
            "reference-day": line.day > today,
            "reference-double": key in seen,
        }
        for code in (code for code, is_so in wrong.items() if is_so):
            raise Refused(code, line=number)
        seen.add(key)


def _check_sums(levels: Levels, lines: Iterable[Line]) -> None:
    """A paper about a province and papers about all its communes say the same, or nobody knows which to believe."""
    for day in sorted({line.day for line in lines}):
        for unit in levels.told():
            own = levels.own(unit, day)
            if own is not None and (found := levels.on(unit, day)) is not None and found.number != own.number:
                raise Refused("reference-contradicts", day=day.isoformat(), sum=found.number, own=own.number)


def _sum(parts: Sequence[Level]) -> Level:
    def shared(values: set[str]) -> str:
        return values.pop() if len(values) == 1 else "; ".join(sorted(values)[:3])

    return Level(
        sum(one.number for one in parts),
        max(one.day for one in parts),
        shared({one.source for one in parts}),
        shared({one.vintage for one in parts}),
        max(one.imported_at for one in parts),
    )
