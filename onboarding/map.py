"""Figures of units that have changed since: as they were then, or as the map is now, without losing or doubling any.

A figure of a unit that ended goes to its one successor. A village decides where it is known: of a split unit, and where
it moved to another one. What nobody can place stands in the row *unallocated*, so that sums hold (architecture,
invariant 10).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from identity.places import Unit, UnitKind, UnitSuccession, successors, units_within
from onboarding.assistance import AssistanceEvent
from onboarding.records import counted_before, is_superseded

Place = tuple[UUID, UUID | None]
"""A unit, and the village in it where that is known."""
UNALLOCATED = None


def visits_by_place(db: Session, unit_ids: Collection[UUID], *, since: datetime, until: datetime) -> dict[Place, int]:
    """How many records count that happened since then and had come until then, by the unit and village of their day."""
    event = AssistanceEvent
    rows = db.execute(
        select(event.unit_id, event.village_id, func.count())
        .where(event.unit_id.in_(unit_ids), event.happened_at >= since)
        .where(counted_before(until), ~is_superseded(known_before=until))
        .group_by(event.unit_id, event.village_id)
    )
    return {(unit_id, village_id): number for unit_id, village_id, number in rows}


def as_then(figures: Mapping[Place, int]) -> Counter[UUID | None]:
    """By the units of their day."""
    counted: Counter[UUID | None] = Counter()
    for (unit_id, _village_id), number in figures.items():
        counted[unit_id] += number
    return counted


def as_now(db: Session, figures: Mapping[Place, int], *, on: date) -> Counter[UUID | None]:
    """By the units of a day, and *unallocated* (None)."""
    counted: Counter[UUID | None] = Counter()
    for (unit_id, village_id), number in figures.items():
        counted[_where(db, unit_id, village_id, on)] += number
    return counted


@dataclass(frozen=True, slots=True)
class ByMaps:
    """Visits of one unit: as it was then, and on today's map, with what went into several and nobody can place.

    `now`: the unit, or what followed it; and other units to which villages of it have moved.
    """

    then: int
    now: Mapping[UUID, int]
    unallocated: int


def visits_by_maps(db: Session, unit_id: UUID, *, since: datetime, until: datetime, on: date) -> ByMaps:
    """What was counted in the unit itself, and what counts today where it stands: with what was merged into it, and of
    what was split only its part. Of a unit that ended the parts and *unallocated* sum up to what it had."""
    own, standing = units_within(db, unit_id), successors(db, unit_id, on=on)
    before = _all_before(db, own)
    joined = own.union(*(units_within(db, one) for one in before))
    places = joined | _communes_of(db, before)
    figures = visits_by_place(db, places, since=since, until=until)
    mine = {place: number for place, number in figures.items() if place[0] in own}
    today, moved = as_now(db, figures, on=on), as_now(db, mine, on=on)
    parts = {after: sum(today[one] for one in units_within(db, after)) for after in standing}
    inside = set[UUID | None]().union({UNALLOCATED}, *(units_within(db, after) for after in standing))
    parts.update({unit: number for unit, number in moved.items() if unit is not None and unit not in inside})
    lost = as_now(db, {place: number for place, number in figures.items() if place[0] in joined}, on=on)[UNALLOCATED]
    return ByMaps(sum(mine.values()), parts, lost)


def within_today(db: Session, unit_ids: Collection[UUID], *, on: date) -> set[UUID]:
    """The units, all below them, and whatever ended and went into these and nowhere else: its people live there now."""
    within: set[UUID] = set().union(*(units_within(db, unit_id) for unit_id in unit_ids))
    for before in _all_before(db, within):
        if successors(db, before, on=on) <= within:
            within |= units_within(db, before)
    return within


def _all_before(db: Session, unit_ids: Collection[UUID]) -> set[UUID]:
    """Units that ended and went, wholly or in part, into these, in one step or several."""
    found: set[UUID] = set()
    following = set(unit_ids)
    while following:
        before = select(UnitSuccession.from_id).where(UnitSuccession.to_id.in_(following))
        following = set(db.scalars(before)) - found - set(unit_ids)
        found |= following
    return found


def _communes_of(db: Session, units: Collection[UUID]) -> set[UUID]:
    """Where the villages among these lay: records name the commune of their day first."""
    villages = select(Unit.parent_id).where(Unit.id.in_(units), Unit.kind == UnitKind.VILLAGE)
    return {parent for parent in db.scalars(villages) if parent is not None}


def _where(db: Session, unit_id: UUID, village_id: UUID | None, on: date) -> UUID | None:
    """The one commune in which the place stands on a day; a village that moved takes its records along."""
    if village_id is None:
        standing = successors(db, unit_id, on=on)
    else:
        villages = select(Unit.parent_id).where(Unit.id.in_(successors(db, village_id, on=on)))
        standing = set().union(*(successors(db, commune, on=on) for commune in db.scalars(villages) if commune))
    return next(iter(standing)) if len(standing) == 1 else UNALLOCATED
