"""What is to be guarded of a family in some places, day by day, before it is decided where time may be cut."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from identity.places import Unit
from onboarding.figures.facts import DAY, series
from onboarding.figures.model import PublishedSpan, ReferenceCount
from onboarding.figures.protection import Bound, Place, Vector, threshold_on
from onboarding.figures.reference import Levels
from onboarding.figures.registry import Indicator, families, get_family

Days = dict[date, Vector]
Side = tuple[tuple[int, str, int], ...]
"""What is added for one count: sign, indicator, and 0 for its numerator or 1 for its denominator."""


@dataclass(frozen=True, slots=True)
class Guarding:
    """A family's counts as of a moment. Where papers give the numerator, its steps are guarded like counts."""

    name: str
    as_of: datetime

    @property
    def indicators(self) -> tuple[Indicator, ...]:
        return families()[self.name]

    @property
    def is_of_papers(self) -> bool:
        return any(one.numerator.is_imported for one in self.indicators)

    @property
    def width(self) -> int:
        """Of a vector: numerators and denominators by turns, then what is nested besides."""
        return 2 * (len(self.indicators) + len(get_family(self.name).nested))

    def places(self, db: Session, units: Collection[UUID], today: date) -> dict[UUID, Place]:
        """Each place with its complete days, nothing cut yet."""
        counts, bounds = self.counts(db, units), self._bounds(db, units)
        within, threshold = self._allowed(db, units), threshold_on(today) if get_family(self.name).is_guarded else 0
        found = {}
        for unit in units:
            days = {day: vector for day, vector in counts.get(unit, {}).items() if day < today}
            found[unit] = Place(days, self.width, threshold, bounds.get(unit, ()), within.get(unit))
        return found

    def counts(self, db: Session, units: Collection[UUID]) -> Mapping[UUID, Days]:
        return self._steps(db, units) if self.is_of_papers else self._events(db, units)

    def told_below(self, db: Session) -> set[UUID]:
        """Provinces of whose communes a paper tells."""
        measures = [one.numerator.measure for one in self.indicators]
        told = select(Unit.parent_id).join(ReferenceCount, ReferenceCount.unit_id == Unit.id)
        found = db.scalars(told.where(ReferenceCount.measure.in_(measures)).distinct())
        return {unit for unit in found if unit is not None}

    def _events(self, db: Session, units: Collection[UUID]) -> Mapping[UUID, Days]:
        """What papers divide is guarded against the whole that it is a part of, where that is published too."""
        outer = get_family(self.name).within
        whole = families()[outer][0].code if outer else None
        sides = self._sides()
        own, wanted = {one.code for one in self.indicators}, {code for side in sides for _sign, code, _part in side}
        rows = series(db, wanted | ({whole} if whole else set()), units, DAY, self.as_of)
        held = {unit for code, unit, _day in rows if code in own}
        found: dict[UUID, Days] = defaultdict(dict)
        for unit, day in {(unit, day) for code, unit, day in rows if code in wanted and unit in held}:
            found[unit][day] = tuple(
                sum(sign * rows.get((code, unit, day), (0, 0))[part] for sign, code, part in side) for side in sides
            )
        if whole and all(one.denominator.is_imported for one in self.indicators):
            _put_whole(found, {(unit, day): pair[0] for (code, unit, day), pair in rows.items() if code == whole})
        return found

    def _sides(self) -> list[Side]:
        """Where the counts of a vector are told."""
        family = get_family(self.name)
        told: dict[str | None, tuple[str, int]] = {}
        for one in (*families().get(family.within or "", ()), *self.indicators):
            told |= {one.numerator.measure: (one.code, 0), one.denominator.measure: (one.code, 1)}
        own: list[Side] = [((1, one.code, part),) for one in self.indicators for part in (0, 1)]
        nested = (side for pair in family.nested for side in pair)
        return [*own, *(tuple((sign, *told[measure]) for sign, measure in side) for side in nested)]

    def _steps(self, db: Session, units: Collection[UUID]) -> Mapping[UUID, Days]:
        levels = [Levels(db, one.numerator.measure or "", self.as_of) for one in self.indicators]
        days = sorted({day for one in levels for day in one.days()})
        found: dict[UUID, Days] = defaultdict(dict)
        for one in levels:
            one.look_at(units if days else ())
        for unit in units:
            before = (0,) * len(levels)
            for day in days:
                at = tuple(level.number if (level := one.on(unit, day)) else 0 for one in levels)
                if at != before:
                    found[unit][day] = tuple(part for a, b in zip(before, at, strict=True) for part in (b - a, 0))
                before = at
        return found

    def _bounds(self, db: Session, units: Collection[UUID]) -> Mapping[UUID, Sequence[Bound]]:
        """How many there are at all, and since when, where papers say so: what is left of them must not be few."""
        if not any(one.denominator.is_imported for one in self.indicators):
            return {}
        papers = [
            Levels(db, one.denominator.measure or "", self.as_of) if one.denominator.is_imported else None
            for one in self.indicators
        ]
        known = [one for one in papers if one is not None]
        for one in known:
            one.look_at(units)
        days = sorted({day for one in known for day in one.turns()})
        return {
            unit: [
                (day, tuple(level.number if one and (level := one.on(unit, day)) else None for one in papers))
                for day in days
            ]
            for unit in units
        }

    def _allowed(self, db: Session, units: Collection[UUID]) -> Mapping[UUID, frozenset[date]]:
        """The cuts of the family that this one lies within; none where that was never cut."""
        outer = get_family(self.name).within
        if outer is None:
            return {}
        query = select(PublishedSpan).where(PublishedSpan.family == outer, PublishedSpan.unit_id.in_(units))
        cut = {row.unit_id: frozenset(map(date.fromisoformat, row.boundaries)) for row in db.scalars(query)}
        return {unit: cut.get(unit, frozenset()) for unit in units}


def _put_whole(found: dict[UUID, Days], whole: Mapping[tuple[UUID, date], int]) -> None:
    for unit, day in whole.keys() | {(unit, day) for unit, days in found.items() for day in days}:
        if unit in found:
            vector, number = found[unit].get(day), whole.get((unit, day), 0)
            width = len(next(iter(found[unit].values())))
            parts = vector[::2] if vector else (0,) * (width // 2)
            found[unit][day] = tuple(part for some in parts for part in (some, number))
