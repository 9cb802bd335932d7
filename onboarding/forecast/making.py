"""Making the day's forecasts: for the nation, every province, and units with a goal; then for each commune in reach of
a share that is aimed at above it, towards that share alone. A place at a time.

The reckoning is done before a step's transaction (`reckon_some`), so that a database with one writer is not held while
statsmodels is loaded and works; the step itself only keeps what was found.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.orm import Session

from identity import jobs
from identity.deadlines import today_in_vietnam
from identity.places import Unit, UnitKind
from onboarding.campaign.goals import PLACE, Goal, goal_for, lineage_of
from onboarding.campaign.model import AimKind, Campaign, CampaignTarget
from onboarding.figures import published
from onboarding.figures.model import NATION, FigureClock, IndicatorFact, PublishedSpan
from onboarding.figures.registry import Indicator, fed
from onboarding.forecast.history import begun_late, exact_history, published_history, spans_of
from onboarding.forecast.limits import cautions_of, limits_of
from onboarding.forecast.model import keep
from onboarding.forecast.shape import BEGINNING_HIDDEN, FEWEST_POINTS, FLAGGED, TOO_FEW, Forecast, Point, aim_of
from onboarding.warnings.flags import is_flagged

JOB = "make-forecasts"
Cursor = dict[str, Any]
CAUTION_WEEKS = 12
NO_AIMS = ("reason", "quality")
"""Families that describe how work goes; without a goal nobody asks where they are going."""


def forecast_once_a_day(db: Session, *, now: datetime) -> None:
    """Chore: begin the day's forecasts, after the day's publication."""
    clock, today = db.scalars(select(FigureClock)).first(), today_in_vietnam(now)
    if clock is None or clock.published_on != today or jobs.is_open(db, published.JOB):
        return
    jobs.enqueue_once(db, JOB, today.isoformat(), {}, lasting=timedelta(days=2), now=now)


def reckon_some(db: Session, cursor: Mapping[str, Any] | None, *, now: datetime) -> list[Forecast]:
    """Before a step: the forecasts of the next place. Reads only."""
    if not cursor:
        return []
    return forecasts_of(db, UUID(cursor["left"][0]), now=now, towards_goals=bool(cursor.get("commune")))


def keep_some(
    db: Session, cursor: Mapping[str, Any] | None, *, now: datetime, found: list[Forecast] | None = None
) -> Cursor | None:
    """Step of the job: keep what was reckoned for one place, go on to the next."""
    if cursor is None:
        return {"left": [str(unit) for unit in places(db, now=now)]}
    for one in reckon_some(db, cursor, now=now) if found is None else found:
        keep(db, one)
    left = cursor["left"][1:]
    if left:
        return {"left": left}
    commune = _commune_after(db, cursor.get("commune", ""), today_in_vietnam(now))
    return {"left": [str(commune.id)], "commune": commune.code} if commune is not None else None


def places(db: Session, *, now: datetime) -> list[UUID]:
    """The nation, the provinces of today, and units with a goal of a campaign that runs."""
    today = today_in_vietnam(now)
    provinces = db.scalars(
        select(Unit.id).where(Unit.kind == UnitKind.PROVINCE, Unit.valid_to.is_(None)).order_by(Unit.code)
    )
    aimed = db.scalars(select(PLACE).select_from(CampaignTarget).where(_is_aimed_at(today)).distinct())
    return list(dict.fromkeys([NATION, *provinces, *sorted(aimed)]))


def _is_aimed_at(today: date) -> ColumnElement[bool]:
    """Condition: the target counts, in a campaign that runs."""
    runs = select(Campaign.id).where(Campaign.first_day <= today, Campaign.last_day >= today)
    return CampaignTarget.ended_at.is_(None) & CampaignTarget.campaign_id.in_(runs)


def _commune_after(db: Session, code: str, today: date) -> Unit | None:
    """The next commune, by its code, in reach of a share aimed at above it, of which something was counted."""
    shares = select(CampaignTarget).where(_is_aimed_at(today), CampaignTarget.kind == AimKind.SHARE).subquery()
    above = exists().where((shares.c.unit_id == Unit.parent_id) | shares.c.unit_id.is_(None))
    own = exists().where(CampaignTarget.unit_id == Unit.id, _is_aimed_at(today))
    row = IndicatorFact
    counted = exists().where(
        row.indicator.in_(select(shares.c.indicator)), row.unit_id == Unit.id, row.replaced_at.is_(None)
    )
    query = select(Unit).where(Unit.kind == UnitKind.COMMUNE, Unit.valid_to.is_(None), Unit.code > code)
    return db.scalars(query.where(above, ~own, counted).order_by(Unit.code).limit(1)).first()


def forecasts_of(db: Session, unit_id: UUID, *, now: datetime, towards_goals: bool = False) -> list[Forecast]:
    """One for each indicator of which this place has any figure; `towards_goals`: only where it has a goal."""
    unit, today = db.get(Unit, unit_id), today_in_vietnam(now)
    is_exact = unit is not None and unit.kind != UnitKind.PROVINCE
    goals = {code: goal_for(db, code, unit_id, today) for code in _aimed_at(db, unit_id)}
    spans = {} if is_exact else spans_of(db, unit_id)
    found = []
    for one in fed():
        goal = goals.get(one.code)
        if goal is not None or (not towards_goals and one.family not in NO_AIMS and (is_exact or one.family in spans)):
            found.append(_forecast(db, one, unit_id, goal, None if is_exact else spans.get(one.family), now=now))
    made = [one for one in found if one is not None]
    limits = limits_of(db, unit_id, today=today, is_exact=is_exact) if made else ()
    return [replace(one, limits=() if one.refused else limits) for one in made]


def _aimed_at(db: Session, unit_id: UUID) -> list[str]:
    """Indicators with a goal here or above."""
    aimed = PLACE.in_(lineage_of(db, unit_id)), CampaignTarget.ended_at.is_(None)
    return list(db.scalars(select(CampaignTarget.indicator).where(*aimed).distinct()))


def _forecast(
    db: Session, one: Indicator, unit_id: UUID, goal: Goal | None, known: PublishedSpan | None, *, now: datetime
) -> Forecast | None:
    """From what is published (`known`), or exactly where the place is a ward."""
    today = today_in_vietnam(now)
    since = goal.first_day if goal is not None else None
    unit, late = db.get(Unit, unit_id), None
    if unit is not None and unit.kind != UnitKind.PROVINCE:
        history = exact_history(db, one, unit_id, since, today=today)
    else:
        history = published_history(db, one, known, since) if known is not None else ()
        late = begun_late(db, one, known, since) if known is not None else None
    if goal is None and not history:
        return None
    empty = Forecast(one.code, unit_id, now, aim=aim_of(one, goal))
    if is_flagged(db, one, unit_id, today=today):
        return replace(empty, refused=FLAGGED)
    grows = goal is not None and (not goal.is_percent or one.denominator.is_imported)
    if late is not None and grows:
        return replace(empty, refused=BEGINNING_HIDDEN)
    return replace(_reckoned(replace(empty, begun_late=late), history), cautions=cautions_of(today, CAUTION_WEEKS))


def _reckoned(empty: Forecast, history: tuple[Point, ...]) -> Forecast:
    if len(history) < FEWEST_POINTS:
        return replace(empty, refused=TOO_FEW)
    # Here and not above: statsmodels costs 150 MB and seconds, and only a worker that has what to forecast pays them.
    from onboarding.forecast.outlook import look_ahead

    return look_ahead(empty, history, empty.aim)
