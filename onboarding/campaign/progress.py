"""How far a target has come, by the facts of its indicator, and whether that is far enough for the day.

Within one's own scope (a ward and below) figures are exact; above it they are the published ones. Both say until when
they were counted. Of a closed campaign the figures are those of its closing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from identity.deadlines import today_in_vietnam
from onboarding.campaign.goals import WHOLE_SHARE, TargetUnit, targets_of
from onboarding.campaign.model import AimKind, Campaign, CampaignResult, CampaignTarget
from onboarding.figures.facts import facts_of
from onboarding.figures.periods import Period, span
from onboarding.figures.published import Published, Status, as_published, published, status_of
from onboarding.figures.registry import Better, Indicator, get_indicator

NEAR = 0.95
"""From this part of an aimed share on, a share is nearly there; where less is better, from as much above it."""


class Standing(StrEnum):
    """What a figure says about its target today."""

    NOT_BEGUN = "not-begun"
    NOTHING_TO_COUNT = "nothing-to-count"
    HIDDEN = "hidden"
    REACHED = "reached"
    NEAR = "near"
    ON_COURSE = "on-course"
    BEHIND = "behind"
    MISSED = "missed"


@dataclass(frozen=True, slots=True)
class TargetProgress:
    """A target beside what was counted until today, or until its deadline when that is over."""

    of: TargetUnit
    figure: Published
    standing: Standing

    @property
    def is_most(self) -> bool:
        """Whether the target is the most that there may be."""
        return get_indicator(self.of.target.indicator).better is Better.LESS


def progress_of(db: Session, campaign: Campaign, exact: Collection[UUID], *, now: datetime) -> list[TargetProgress]:
    """Every target of the campaign with its figure: exact for these units, published for others."""
    targets, today = targets_of(db, campaign), today_in_vietnam(now)
    if campaign.closed_at is not None:
        today = min(today, today_in_vietnam(campaign.closed_at))
        kept = results_of(db, targets)
        figures = [_as_kept(kept.get(one.target.id), is_exact=one.target.unit_id in exact) for one in targets]
    else:
        counted = exact_figures(db, campaign, [one for one in targets if one.target.unit_id in exact], today)
        figures = [counted.get(one.target.id) or shown_figure(db, campaign, one, today) for one in targets]
    standings = (standing_of(campaign.first_day, *pair, today) for pair in zip(_plain(targets), figures, strict=True))
    return [TargetProgress(*row) for row in zip(targets, figures, standings, strict=True)]


def exact_figures(db: Session, campaign: Campaign, targets: Iterable[TargetUnit], today: date) -> dict[UUID, Published]:
    """By target. Targets of one indicator and deadline are counted together."""
    alike: dict[tuple[str, date], list[CampaignTarget]] = defaultdict(list)
    for one in targets:
        alike[one.target.indicator, one.target.deadline].append(one.target)
    found: dict[UUID, Published] = {}
    for (code, deadline), same in alike.items():
        days = span_of(campaign, deadline, today)
        figures = facts_of(db, code, {one.place_id for one in same}, days.first, days.end)
        for target in same:
            figure = figures.get(target.place_id)
            if figure is None:
                found[target.id] = Published(Status.MISSING)
                continue
            found[target.id] = as_published(figure, days.last, figure.as_of)
    return found


def shown_figure(db: Session, campaign: Campaign, one: TargetUnit, today: date) -> Published:
    """As everybody may know it."""
    days = span_of(campaign, one.target.deadline, today)
    return published(db, get_indicator(one.target.indicator), one.target.place_id, days)


def span_of(campaign: Campaign, deadline: date, today: date) -> Period:
    """The campaign's days until the deadline, as far as they have come."""
    return span(campaign.first_day, max(campaign.first_day, min(today, deadline)))


def results_of(db: Session, targets: Iterable[TargetUnit]) -> dict[UUID, CampaignResult]:
    """What was kept at the closing, by target."""
    query = select(CampaignResult).where(CampaignResult.target_id.in_([one.target.id for one in targets]))
    return {row.target_id: row for row in db.scalars(query)}


def standing_of(first_day: date, target: CampaignTarget, figure: Published, today: date) -> Standing:
    """A share of what happened is compared as it stands. What grows, with the part of the days that has gone by: a
    count, and a share of people whom a paper counts."""
    one, is_share = get_indicator(target.indicator), target.kind == AimKind.SHARE
    if today < first_day:
        return Standing.NOT_BEGUN
    if figure.status is Status.SUPPRESSED:
        return Standing.HIDDEN
    if figure.numerator is None or (is_share and not figure.denominator):
        return Standing.NOTHING_TO_COUNT
    counted, aim = figure.numerator, target.aim
    if is_share:
        counted, aim = counted * WHOLE_SHARE, aim * (figure.denominator or 0)
    if not is_share or one.denominator.is_imported:
        gone, whole = (today - first_day).days + 1, (target.deadline - first_day).days + 1
        return standing_of_growth(one, counted, aim, gone, whole)
    if one.is_enough(counted, aim):
        return Standing.REACHED
    return Standing.MISSED if today > target.deadline else standing_of_share(one, counted, aim)


def standing_of_share(one: Indicator, share: float, aimed: float) -> Standing:
    """As it stands, on whatever page it is shown."""
    if one.is_enough(share, aimed):
        return Standing.REACHED
    nearly = aimed / NEAR if one.better is Better.LESS else aimed * NEAR
    return Standing.NEAR if one.is_enough(share, nearly) else Standing.BEHIND


def standing_of_growth(one: Indicator, counted: float, aim: float, gone: int, whole: int) -> Standing:
    """Of what grows, after so many of the days. Where less is better the aim is a limit: it is kept when the days are
    over, and missed once it is passed."""
    is_limit, is_over = one.better is Better.LESS, gone > whole
    if one.is_enough(counted, aim) and (is_over or not is_limit):
        return Standing.REACHED
    if is_over or (is_limit and not one.is_enough(counted, aim)):
        return Standing.MISSED
    return Standing.ON_COURSE if one.is_enough(counted * whole, aim * gone) else Standing.BEHIND


def _as_kept(row: CampaignResult | None, *, is_exact: bool) -> Published:
    if row is None:
        return Published(Status.MISSING)
    if not is_exact:
        return Published(Status(row.shown), row.shown_numerator, row.shown_denominator, None, row.shown_at)
    if row.numerator is None:
        return Published(Status.MISSING)
    return Published(status_of(row.numerator), row.numerator, row.denominator, None, row.counted_at)


def _plain(targets: Iterable[TargetUnit]) -> Iterable[CampaignTarget]:
    return (one.target for one in targets)
