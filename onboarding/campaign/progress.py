"""How far a target has come, from events alone, and whether that is far enough for the day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from sqlalchemy.orm import Session

from identity.deadlines import end_of_day, today_in_vietnam
from identity.places import units_within
from onboarding.campaign.goals import WHOLE_SHARE, TargetUnit, targets_of
from onboarding.campaign.measures import MEASURES, Span, measured
from onboarding.campaign.model import AimKind, Campaign, CampaignTarget
from onboarding.indicators import Ratio


class Standing(StrEnum):
    """What a figure says about its target today."""

    NOT_BEGUN = "not-begun"
    NOTHING_TO_COUNT = "nothing-to-count"
    REACHED = "reached"
    ON_COURSE = "on-course"
    BEHIND = "behind"
    MISSED = "missed"


@dataclass(frozen=True, slots=True)
class TargetProgress:
    """A target beside what was counted until today, or until its deadline when that is over."""

    of: TargetUnit
    figure: Ratio
    standing: Standing


def progress_of(db: Session, campaign: Campaign, *, now: datetime) -> list[TargetProgress]:
    """Every target of the campaign with its figure."""
    today = today_in_vietnam(now)
    return [_progress(db, campaign, one, today) for one in targets_of(db, campaign)]


def _progress(db: Session, campaign: Campaign, one: TargetUnit, today: date) -> TargetProgress:
    target = one.target
    span = _span(campaign.first_day, min(today, target.deadline))
    figure = measured(db, MEASURES[target.indicator], units_within(db, target.unit_id), span)
    return TargetProgress(one, figure, standing_of(campaign.first_day, target, figure, today))


def standing_of(first_day: date, target: CampaignTarget, figure: Ratio, today: date) -> Standing:
    """A share is compared as it stands; a count with the part of the days that has gone by."""
    if today < first_day:
        return Standing.NOT_BEGUN
    if target.kind == AimKind.SHARE and not figure.denominator:
        return Standing.NOTHING_TO_COUNT
    if _is_reached(target, figure):
        return Standing.REACHED
    if today > target.deadline:
        return Standing.MISSED
    return Standing.ON_COURSE if _keeps_pace(first_day, target, figure, today) else Standing.BEHIND


def _is_reached(target: CampaignTarget, figure: Ratio) -> bool:
    if target.kind == AimKind.COUNT:
        return figure.numerator >= target.aim
    return figure.numerator * WHOLE_SHARE >= target.aim * figure.denominator


def _keeps_pace(first_day: date, target: CampaignTarget, figure: Ratio, today: date) -> bool:
    gone, whole = (today - first_day).days + 1, (target.deadline - first_day).days + 1
    if target.kind == AimKind.COUNT:
        return figure.numerator * whole >= target.aim * gone
    return figure.numerator * WHOLE_SHARE * whole >= target.aim * figure.denominator * gone


def _span(first: date, last: date) -> Span:
    second = timedelta(seconds=1)
    return end_of_day(first - timedelta(days=1)) + second, end_of_day(last) + second
