"""Which stored forecasts still hold: made this week, for the target of today, and with no flag open since."""

from __future__ import annotations

from collections.abc import Collection, Container
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from identity.deadlines import today_in_vietnam
from onboarding.campaign.goals import Goal
from onboarding.figures.registry import Indicator
from onboarding.forecast.model import latest_of
from onboarding.forecast.shape import FLAGGED, Aim, Forecast, aim_of
from onboarding.warnings.flags import flagged_among

LASTS = timedelta(days=7)
"""After as many days a complete week is missing from it."""


def standing(db: Session, one: Indicator, unit_id: UUID, goal: Goal | None, *, today: date) -> Forecast | None:
    """The forecast of one place, as `standing_of`."""
    flagged = flagged_among(db, one, [unit_id], today=today)
    return standing_of(db, one, [unit_id], goal, flagged, today=today).get(unit_id)


def standing_of(
    db: Session, one: Indicator, units: Collection[UUID], goal: Goal | None, flagged: Container[UUID], *, today: date
) -> dict[UUID, Forecast]:
    """Of each place what the worker left, as far as it may be shown today.

    `flagged` are the places with an open flag now: one opened since the night refuses, one resolved refuses no more.
    """
    found, aim = {}, aim_of(one, goal)
    for unit, forecast in latest_of(db, one.code, units).items():
        if unit in flagged:
            found[unit] = Forecast(one.code, unit, forecast.made_at, refused=FLAGGED)
        elif forecast.refused != FLAGGED and _is_of_now(forecast, aim, today):
            found[unit] = forecast
    return found


def _is_of_now(forecast: Forecast, aim: Aim | None, today: date) -> bool:
    return forecast.aim == aim and today - today_in_vietnam(forecast.made_at) <= LASTS
