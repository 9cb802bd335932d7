"""Teams: how many were at work in a month, and how long their records were on the way.

A team counts once a month, on the first day on which it recorded anything; the teams there are count on the first day
of the month, or on which they began. A longer period is the sum of its months.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from functools import cache
from statistics import median
from typing import Any
from uuid import UUID

from sqlalchemy import Select, case, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from onboarding.assistance import AssistanceEvent
from onboarding.figures.periods import Period
from onboarding.figures.tally import (
    BEGINS,
    IS_FIRST,
    MONTH_BEGINS,
    THE_DAY,
    Counts,
    Params,
    between,
    counted,
    on_day,
)
from onboarding.records import day_span, is_superseded
from onboarding.team import Team


def count_teams(db: Session, params: Params) -> Counts:
    """Both measures whose unit is the team."""
    return {"active-teams": counted(db, _active(), params), "teams": counted(db, _there(), params)}


@cache
def _active() -> Select[Any, Any]:
    row, earlier, later = AssistanceEvent, aliased(AssistanceEvent), aliased(AssistanceEvent)
    before = exists().where(
        earlier.team_id == Team.id,
        between(earlier.happened_at, MONTH_BEGINS, BEGINS),
        ~exists().where(later.supersedes == earlier.id),
    )
    of_day = select(row.team_id).where(on_day(row.happened_at), ~is_superseded()).distinct()
    return select(Team.unit_id, func.count()).where(Team.id.in_(of_day), ~before).group_by(Team.unit_id)


@cache
def _there() -> Select[Any, Any]:
    held = case((IS_FIRST == 1, Team.valid_from <= THE_DAY), else_=Team.valid_from == THE_DAY)
    ends = or_(Team.valid_to.is_(None), Team.valid_to > THE_DAY)
    return select(Team.unit_id, func.count()).where(held, ends).group_by(Team.unit_id)


def median_lag(db: Session, unit_ids: Collection[UUID], period: Period) -> timedelta | None:
    """How long half of the records took to reach the server, within one's own scope; None without records."""
    row = AssistanceEvent
    query = select(row.happened_at, row.received_at).where(row.unit_id.in_(unit_ids), ~is_superseded())
    query = query.where(between(row.happened_at, day_span(period.first)[0], day_span(period.end)[0]))
    lags = [(received - happened).total_seconds() for happened, received in db.execute(query)]
    return timedelta(seconds=median(lags)) if lags else None
