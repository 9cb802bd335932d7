"""Figures of units that have changed since: as they were then, or as the map is now, without losing or doubling any.

A figure of a unit that ended goes to its one successor. Where it was split, the village decides; what has no village,
or one that nobody placed, stands in the row *unallocated*, so that sums hold (architecture, invariant 10).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from identity.places import Unit, UnitSuccession, successors, units_within
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


def as_now(db: Session, figures: Mapping[Place, int]) -> Counter[UUID | None]:
    """By the units of today, and *unallocated* (None)."""
    counted: Counter[UUID | None] = Counter()
    for (unit_id, village_id), number in figures.items():
        counted[_today(db, unit_id, village_id)] += number
    return counted


@dataclass(frozen=True, slots=True)
class ByMaps:
    """Visits of one unit: as it was then, and on today's map, with what went into several and nobody can place."""

    then: int
    now: Mapping[UUID, int]
    unallocated: int


def visits_by_maps(db: Session, unit_id: UUID, *, since: datetime, until: datetime) -> ByMaps:
    """What was counted in the unit itself, and what counts today where it stands: with what was merged into it, and of
    what was split only its part. Of a unit that ended the parts and *unallocated* sum up to what it had."""
    own, standing = units_within(db, unit_id), successors(db, unit_id)
    places = own.union(*(units_within(db, before) for before in _all_before(db, own)))
    figures = visits_by_place(db, places, since=since, until=until)
    today = as_now(db, figures)
    parts = {after: sum(today[one] for one in units_within(db, after)) for after in standing}
    return ByMaps(sum(as_then(figures)[one] for one in own), parts, today[UNALLOCATED])


def within_today(db: Session, unit_ids: Collection[UUID]) -> set[UUID]:
    """The units, all below them, and whatever ended and went into these and nowhere else: its people live there now."""
    within: set[UUID] = set().union(*(units_within(db, unit_id) for unit_id in unit_ids))
    for before in _all_before(db, within):
        if successors(db, before) <= within:
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


def _today(db: Session, unit_id: UUID, village_id: UUID | None) -> UUID | None:
    following = successors(db, unit_id)
    if following == {unit_id} or len(following) == 1:
        return next(iter(following))
    villages = {db.get_one(Unit, id_).parent_id for id_ in successors(db, village_id)} if village_id else set()
    return villages.pop() if len(villages) == 1 and villages <= following else UNALLOCATED
