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
from onboarding.figures.registry import get_indicator

NEAR = 0.95
"""From this part of an aimed share on, a share is nearly there."""


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
    if today < first_day:
        return Standing.NOT_BEGUN
    if figure.status is Status.SUPPRESSED:
        return Standing.HIDDEN
    if figure.numerator is None or (target.kind == AimKind.SHARE and not figure.denominator):
        return Standing.NOTHING_TO_COUNT
    if _is_enough(target, figure, 1, 1):
        return Standing.REACHED
    if today > target.deadline:
        return Standing.MISSED
    if target.kind == AimKind.SHARE and not get_indicator(target.indicator).denominator.is_imported:
        return standing_of_share(figure.value or 0, target.aim / WHOLE_SHARE)
    gone, whole = (today - first_day).days + 1, (target.deadline - first_day).days + 1
    return Standing.ON_COURSE if _is_enough(target, figure, gone, whole) else Standing.BEHIND


def standing_of_share(share: float, aimed: float) -> Standing:
    """As it stands, on whatever page it is shown."""
    if share >= aimed:
        return Standing.REACHED
    return Standing.NEAR if share >= aimed * NEAR else Standing.BEHIND


def _is_enough(target: CampaignTarget, figure: Published, part: int, of: int) -> bool:
    """For so large a part of the whole aim."""
    if target.kind == AimKind.COUNT:
        return (figure.numerator or 0) * of >= target.aim * part
    return (figure.numerator or 0) * WHOLE_SHARE * of >= target.aim * (figure.denominator or 0) * part


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
