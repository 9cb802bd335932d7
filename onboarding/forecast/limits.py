"""What limits: why help got stuck in the last weeks, and weeks to come in which little is done."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from identity.deadlines import calendar
from identity.places import units_within
from onboarding.assistance import AssistanceEvent
from onboarding.catalogue import Result
from onboarding.figures.many import published_many
from onboarding.figures.model import PublishedSpan
from onboarding.figures.periods import span
from onboarding.figures.registry import families
from onboarding.records import day_span, is_superseded

WEEKS = 8
FAMILY, CODE = "reason", "unmet-"
"""The indicators of why help got stuck: one for each reason, named by it."""
FEW_DAYS = 2
"""As many working days or fewer make a week of holidays."""
TET_MONTHS = (1, 2)
"""The lunar new year falls between 21 January and 20 February."""
TET_DAYS_OFF = 3


def limits_of(db: Session, unit_id: UUID, *, today: date, is_exact: bool) -> tuple[tuple[str, int], ...]:
    """Reasons and how often, of the last eight weeks in a ward; above it as published of them, exact or not at all."""
    since = today - timedelta(weeks=WEEKS)
    found = _counted(db, unit_id, since) if is_exact else _published(db, unit_id, since)
    return tuple(sorted(found.items(), key=lambda row: (-row[1], row[0])))


def _counted(db: Session, unit_id: UUID, since: date) -> dict[str, int]:
    event, begins = AssistanceEvent, day_span(since)[0]
    query = select(event.obstacle, func.count()).where(
        event.result == Result.BLOCKED, event.obstacle.is_not(None), event.happened_at >= begins, ~is_superseded()
    )
    query = query.where(event.unit_id.in_(units_within(db, unit_id))).group_by(event.obstacle)
    return {reason: many for reason, many in db.execute(query) if reason}


def _published(db: Session, unit_id: UUID, since: date) -> dict[str, int]:
    """Between two published days: the last one eight weeks ago or before, else the first, and the newest."""
    known = db.get(PublishedSpan, (FAMILY, unit_id))
    days = [date.fromisoformat(day) for day in known.boundaries] if known is not None else []
    if known is None or len(days) < 2 or days[-1] <= since:
        return {}
    first = max((day for day in days if day <= since), default=days[0])
    reasons = families()[FAMILY]
    figures = published_many(db, {unit_id: reasons}, span(first, days[-1] - timedelta(days=1)), [known])
    numbers = {one.code.removeprefix(CODE): figures[one.code, unit_id].numerator for one in reasons}
    return {reason: many for reason, many in numbers.items() if many}


def cautions_of(today: date, weeks: int) -> tuple[tuple[str, date], ...]:
    """Weeks to come with at most two working days, by the official calendar: the day each of them begins."""
    found, works = [], calendar().is_working_day
    for number in range(1, weeks + 1):
        first = today - timedelta(days=today.weekday()) + timedelta(weeks=number)
        days = [first + timedelta(days=day) for day in range(5)]
        working = sum(works(day) for day in days)
        if working <= FEW_DAYS:
            is_tet = any(day.month in TET_MONTHS for day in days) and len(days) - working >= TET_DAYS_OFF
            found.append(("tet" if is_tet else "holiday", first))
    return tuple(found)
