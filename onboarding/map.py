"""Figures of units that have changed since: as they were then, or as the map is now, without losing or doubling any.

A figure of a unit that ended goes to its one successor. Where it was split, the village decides; what has no village,
or one that nobody placed, stands in the row *unallocated*, so that sums hold (architecture, invariant 10).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from identity.places import Unit, successors
from onboarding.assistance import AssistanceEvent
from onboarding.records import is_superseded

Place = tuple[UUID, UUID | None]
"""A unit, and the village in it where that is known."""
UNALLOCATED = None


def visits_by_place(db: Session, unit_ids: Collection[UUID], *, since: datetime, until: datetime) -> dict[Place, int]:
    """How many records that count, by the unit and village of their day."""
    event = AssistanceEvent
    rows = db.execute(
        select(event.unit_id, event.village_id, func.count())
        .where(event.unit_id.in_(unit_ids), event.happened_at >= since, event.happened_at < until, ~is_superseded())
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


def _today(db: Session, unit_id: UUID, village_id: UUID | None) -> UUID | None:
    following = successors(db, unit_id)
    if following == {unit_id} or len(following) == 1:
        return next(iter(following))
    villages = {db.get_one(Unit, id_).parent_id for id_ in successors(db, village_id)} if village_id else set()
    return villages.pop() if len(villages) == 1 and villages <= following else UNALLOCATED
