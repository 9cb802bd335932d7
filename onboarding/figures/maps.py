"""Figures by two maps: places as they were on the day of the event ("then"), and as they are now.

A unit that ended counts now in what followed it. Where several followed, what is known by village goes with the
village; the rest lies in the lowest unit that holds them all, as an UNALLOCATED row there. So sums hold on both maps.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from identity.places import Unit, UnitKind, UnitSuccession
from onboarding.figures.facts import Figure, facts_of
from onboarding.figures.model import NATION, UNALLOCATED
from onboarding.figures.periods import Period
from onboarding.figures.registry import get_indicator

Which = Literal["then", "now"]


@dataclass(frozen=True, slots=True)
class MapRow:
    """One place of a map; `unit_id` is a unit, or UNALLOCATED for what lies in none of the others."""

    unit_id: UUID
    figure: Figure


class Atlas:
    """Units in time: what they lay in when events happened, and what they lie in on a day."""

    def __init__(self, db: Session, *, on: date) -> None:
        columns = db.execute(select(Unit.id, Unit.kind, Unit.parent_id, Unit.valid_to))
        self.above: dict[UUID, UUID] = {}
        self.ended: set[UUID] = set()
        for id_, kind, parent, ends in columns:
            self.above[id_] = NATION if kind == UnitKind.PROVINCE or parent is None else parent
            if ends is not None and ends <= on:
                self.ended.add(id_)
        self.followed: dict[UUID, list[UUID]] = defaultdict(list)
        for before, after in db.execute(select(UnitSuccession.from_id, UnitSuccession.to_id)):
            self.followed[before].append(after)

    def then(self, unit: UUID) -> list[UUID]:
        """The unit and all that it lay in."""
        path = [unit]
        while path[-1] in self.above:
            path.append(self.above[path[-1]])
        return path

    def now(self, unit: UUID) -> list[UUID]:
        """Where it lies now, and all above that: the whole path that its successors share."""
        if unit not in self.above:
            return [unit]
        if unit not in self.ended:
            return [unit, *self.now(self.above[unit])]
        paths = [self.now(after) for after in self.followed.get(unit, ())]
        if not paths:
            return self.now(self.above[unit])
        return [one for one in paths[0] if all(one in path for path in paths)]

    def moved(self) -> set[UUID]:
        """Units that ended, and what lay in them."""
        return {unit for unit in self.above if self.ended.intersection(self.then(unit))}

    def below(self, unit: UUID) -> list[UUID]:
        """The units that lay right in it, ended ones too."""
        return [one for one, above in self.above.items() if above == unit]


def figures_as(db: Session, code: str, unit_id: UUID, period: Period, map: Which = "then", *, on: date) -> list[MapRow]:
    """The places right within a unit, by one of the maps ("now" is that day); of an ended unit, now, what followed it.

    A place that holds none is its own only row. The rows' sum is the unit's figure on that map.
    """
    atlas = Atlas(db, on=on)
    places = atlas.below(unit_id)
    facts = _facts(db, code, [unit_id, *places], period)
    if map == "then" or get_indicator(code).numerator.is_imported:
        return _rows(unit_id, facts.get(unit_id), {place: facts[place] for place in places if place in facts})
    steps = list(_moves(db, atlas, code, period))
    if unit_id in atlas.ended:
        return _of_ended(atlas, unit_id, facts.get(unit_id), steps)
    living = [place for place in places if place not in atlas.ended]
    now = {place: _moved(facts.get(place), _change(place, steps)) for place in living}
    whole = _moved(facts.get(unit_id), _change(unit_id, steps))
    return _rows(unit_id, whole, {place: figure for place, figure in now.items() if figure is not None})


@dataclass(frozen=True, slots=True)
class _Move:
    """What was counted in one place itself, where that lay, and where it lies now."""

    numerator: int
    denominator: int
    then: Collection[UUID]
    now: Collection[UUID]
    as_of: Figure


def _moves(db: Session, atlas: Atlas, code: str, period: Period) -> Iterator[_Move]:
    moved = atlas.moved()
    facts = _facts(db, code, moved, period)
    inner: dict[UUID, Counter[str]] = defaultdict(Counter)
    for unit, figure in facts.items():
        inner[atlas.above[unit]].update(some=figure.numerator, all=figure.denominator)
    for unit, figure in facts.items():
        some, all_ = figure.numerator - inner[unit]["some"], figure.denominator - inner[unit]["all"]
        if some or all_:
            yield _Move(some, all_, atlas.then(unit), atlas.now(unit), figure)


def _facts(db: Session, code: str, units: Collection[UUID], period: Period) -> Mapping[UUID, Figure]:
    return facts_of(db, code, list(units), period.first, period.end) if units else {}


def _change(place: UUID, steps: Collection[_Move]) -> Figure | None:
    signs = [(step, (place in step.now) - (place in step.then)) for step in steps]
    touched = [(step, sign) for step, sign in signs if sign]
    if not touched:
        return None
    some = sum(step.numerator * sign for step, sign in touched)
    all_ = sum(step.denominator * sign for step, sign in touched)
    return Figure(some, all_, max(step.as_of.as_of for step, _sign in touched))


def _moved(figure: Figure | None, change: Figure | None) -> Figure | None:
    """A denominator from a paper is that of the place, and does not move."""
    if figure is None or change is None:
        return figure or change
    all_ = figure.denominator + (0 if figure.source else change.denominator)
    return replace(figure, numerator=figure.numerator + change.numerator, denominator=all_)


def _of_ended(atlas: Atlas, unit: UUID, whole: Figure | None, steps: Collection[_Move]) -> list[MapRow]:
    """What was counted there, by the units that stand there now."""
    found: dict[UUID, Figure] = {}
    for last in _last(atlas, unit):
        own = [step for step in steps if unit in step.then and last in step.now]
        if own:
            some, all_ = sum(step.numerator for step in own), sum(step.denominator for step in own)
            found[last] = Figure(some, all_, max(step.as_of.as_of for step in own))
    return _rows(unit, whole, found)


def _last(atlas: Atlas, unit: UUID) -> set[UUID]:
    following = atlas.followed.get(unit, [])
    if unit not in atlas.ended or not following:
        return {unit}
    return set().union(*(_last(atlas, after) for after in following))


def _rows(unit: UUID, whole: Figure | None, places: Mapping[UUID, Figure]) -> list[MapRow]:
    if not places:
        return [] if whole is None else [MapRow(unit, whole)]
    rows = [MapRow(place, figure) for place, figure in places.items() if figure.numerator or figure.denominator]
    if whole is None:
        return rows
    some = whole.numerator - sum(row.figure.numerator for row in rows)
    all_ = 0 if whole.source else whole.denominator - sum(row.figure.denominator for row in rows)
    return [*rows, MapRow(UNALLOCATED, Figure(some, all_, whole.as_of))] if some or all_ else rows
