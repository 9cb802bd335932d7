"""Teams: how many were at work in a month, and how long their records were on the way.

A team counts once a month, on the first day on which it recorded anything; the teams there are count on the first day
of the month, or on which they began. A longer period is the sum of its months.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, timedelta
from statistics import median
from uuid import UUID

from sqlalchemy import exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from onboarding.assistance import AssistanceEvent
from onboarding.figures.periods import Period, month_of
from onboarding.figures.tally import Counts, between, counted, on_day
from onboarding.records import day_span, is_superseded
from onboarding.team import Team


def count_teams(db: Session, day: date) -> Counts:
    """Both measures whose unit is the team."""
    row, earlier, later = AssistanceEvent, aliased(AssistanceEvent), aliased(AssistanceEvent)
    before = exists().where(
        earlier.team_id == row.team_id,
        between(earlier.happened_at, day_span(month_of(day))[0], day_span(day)[0]),
        ~exists().where(later.supersedes == earlier.id),
    )
    active = select(Team.unit_id, func.count(row.team_id.distinct())).join(Team, Team.id == row.team_id)
    active = active.where(on_day(row.happened_at, day), ~is_superseded(), ~before)
    held = Team.valid_from <= day if day.day == 1 else Team.valid_from == day
    there = select(Team.unit_id, func.count()).where(held, or_(Team.valid_to.is_(None), Team.valid_to > day))
    return {
        "active-teams": counted(db, active.group_by(Team.unit_id)),
        "teams": counted(db, there.group_by(Team.unit_id)),
    }


def median_lag(db: Session, unit_ids: Collection[UUID], period: Period) -> timedelta | None:
    """How long half of the records took to reach the server, within one's own scope; None without records."""
    row = AssistanceEvent
    query = select(row.happened_at, row.received_at).where(row.unit_id.in_(unit_ids), ~is_superseded())
    query = query.where(between(row.happened_at, day_span(period.first)[0], day_span(period.end)[0]))
    lags = [(received - happened).total_seconds() for happened, received in db.execute(query)]
    return timedelta(seconds=median(lags)) if lags else None
