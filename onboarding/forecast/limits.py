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
from onboarding.figures.model import NATION
from onboarding.figures.protection import threshold_on
from onboarding.records import day_span, is_superseded

WEEKS = 8
FEW_DAYS = 2
"""As many working days or fewer make a week of holidays."""
TET_MONTHS = (1, 2)
"""The lunar new year falls between 21 January and 20 February."""
TET_DAYS_OFF = 3


def limits_of(db: Session, unit_id: UUID, *, today: date, is_exact: bool) -> tuple[tuple[str, int], ...]:
    """Reasons and how often, of the last eight weeks. Above a ward in whole thresholds, smaller ones not at all."""
    event, number = AssistanceEvent, func.count()
    since = day_span(today - timedelta(weeks=WEEKS))[0]
    query = select(event.obstacle, number).where(
        event.result == Result.BLOCKED, event.obstacle.is_not(None), event.happened_at >= since, ~is_superseded()
    )
    if unit_id != NATION:
        query = query.where(event.unit_id.in_(units_within(db, unit_id)))
    rows = db.execute(query.group_by(event.obstacle).order_by(number.desc(), event.obstacle))
    step = 1 if is_exact else threshold_on(today)
    return tuple((reason, many // step * step) for reason, many in rows if reason and many >= step)


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
