"""Needs that were not met: help that got stuck, by task and reason, from the records that count."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from onboarding.assistance import AssistanceEvent
from onboarding.catalogue import Result
from onboarding.records import counted_before, in_units, is_superseded


def unmet_needs(
    db: Session, unit_ids: Collection[UUID], *, since: datetime, until: datetime
) -> list[tuple[str, str | None, int]]:
    """(task, obstacle, how many) that happened since a moment and had come until another, the most frequent first."""
    event, number = AssistanceEvent, func.count()
    rows = db.execute(
        select(event.task, event.obstacle, number)
        .where(in_units(unit_ids), event.result == Result.BLOCKED, event.happened_at >= since)
        .where(counted_before(until), ~is_superseded(known_before=until))
        .group_by(event.task, event.obstacle)
        .order_by(number.desc(), event.task, event.obstacle)
    )
    return [(row[0], row[1], row[2]) for row in rows]
