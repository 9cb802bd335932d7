"""Targets: an indicator in its version, a unit, how much, by when, and which document says so."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Uuid, func, literal, select, update
from sqlalchemy.orm import Session

from identity.audit import Actor, Event, record
from identity.base import Refused
from identity.deadlines import today_in_vietnam
from identity.places import Reach, Unit, ancestors
from onboarding.campaign.model import AimKind, Campaign, CampaignTarget
from onboarding.campaign.planning import check_may_change, covers, hold
from onboarding.figures.model import NATION
from onboarding.figures.registry import Indicator, fed

WHOLE_SHARE = 1000
MOST = 100_000_000
PLACE = func.coalesce(CampaignTarget.unit_id, literal(NATION, Uuid()))
"""The place of a target as figures know it."""


@dataclass(frozen=True, slots=True)
class Aim:
    """What is aimed at: a share of an indicator in tenths of a percent, or its numerator as a number.

    `unit_id` None is the whole country.
    """

    indicator: str
    unit_id: UUID | None
    amount: int
    deadline: date
    source: str
    kind: AimKind = AimKind.SHARE


@dataclass(frozen=True, slots=True)
class TargetUnit:
    """A target that counts now, with its unit (None: the whole country)."""

    target: CampaignTarget
    unit: Unit | None


@dataclass(frozen=True, slots=True)
class Goal:
    """What a running campaign says about an indicator: `value` is a share (0 to 1), or a number to be counted.

    A number is counted from the `first_day` of the campaign on.
    """

    value: float
    is_percent: bool
    due: date
    source_document: str
    campaign_id: UUID
    first_day: date = date.min


def goal_for(db: Session, indicator: str, unit_id: UUID, on: date) -> Goal | None:
    """The goal of a campaign that runs on that day for the unit, else of the nearest unit above it.

    Of several, the next one due; one that is past its day only where no other is.
    """
    return goals_for(db, [indicator], lineage_of(db, unit_id), on).get(indicator)


def lineage_of(db: Session, place_id: UUID) -> list[UUID]:
    """A place as figures know it, and what it lies in, the nearest first: at last the whole country."""
    return list(dict.fromkeys([place_id, *(unit.id for unit in ancestors(db, place_id)), NATION]))


def goals_for(db: Session, indicators: Collection[str], lineage: Sequence[UUID], on: date) -> dict[str, Goal]:
    """The same for several indicators; `lineage` is the unit and what it lies in, the nearest first.

    A share is aimed at everywhere within a unit, a number by the unit itself.
    """
    rows = db.execute(
        select(CampaignTarget, Campaign.first_day)
        .join(Campaign, Campaign.id == CampaignTarget.campaign_id)
        .where(CampaignTarget.indicator.in_(indicators), PLACE.in_(lineage))
        .where((CampaignTarget.kind == AimKind.SHARE) | (lineage[0] == PLACE))
        .where(CampaignTarget.ended_at.is_(None), Campaign.first_day <= on, Campaign.last_day >= on)
        .where(Campaign.closed_at.is_(None))
    )

    def rank(one: CampaignTarget) -> tuple[int, bool, date, UUID]:
        return lineage.index(one.place_id), one.deadline < on, one.deadline, one.id

    found: dict[str, Goal] = {}
    for row, first_day in sorted(rows, key=lambda row: rank(row[0])):
        found.setdefault(row.indicator, _goal(row, first_day))
    return found


def set_target(db: Session, campaign: Campaign, aim: Aim, by: Actor, reach: Reach, *, now: datetime) -> CampaignTarget:
    """Set it; the one before for the same indicator and unit ends and stays readable. Audited.

    Refused "target-indicator", "target-unit" outside of the campaign, "target-amount", "target-deadline" outside of
    its span, "target-past" when that day is over, "campaign-not-yours".
    """
    check_may_change(db, campaign, reach)
    indicator = _fed_indicator(aim.indicator)
    if not covers(db, campaign, aim.unit_id):
        raise Refused("target-unit", field="unit")
    if not 0 < aim.amount <= (WHOLE_SHARE if aim.kind is AimKind.SHARE else MOST):
        raise Refused("target-amount", field="amount")
    if not campaign.first_day <= aim.deadline <= campaign.last_day:
        raise Refused("target-deadline", field="deadline")
    if aim.deadline < today_in_vietnam(now):
        raise Refused("target-past", field="deadline")
    hold(db, campaign)
    _end_the_one_before(db, campaign, aim, now=now)
    target = CampaignTarget(
        campaign_id=campaign.id,
        unit_id=aim.unit_id,
        indicator=indicator.code,
        indicator_version=indicator.version,
        kind=aim.kind.value,
        aim=aim.amount,
        deadline=aim.deadline,
        source=aim.source,
        set_at=now,
        set_by_id=by.account_id,
    )
    db.add(target)
    record(db, Event.TARGET_SET, by, now=now, subject=("campaign", campaign.id), target=str(target.id))
    return target


def targets_of(db: Session, campaign: Campaign) -> list[TargetUnit]:
    """Those that count now, the whole country first, then by unit and deadline."""
    query = select(CampaignTarget, Unit).outerjoin(Unit, Unit.id == CampaignTarget.unit_id)
    rows = query.where(CampaignTarget.campaign_id == campaign.id, CampaignTarget.ended_at.is_(None))
    in_order = rows.order_by(
        CampaignTarget.unit_id.is_not(None), Unit.code, CampaignTarget.deadline, CampaignTarget.indicator
    )
    return [TargetUnit(target, unit) for target, unit in db.execute(in_order)]


def _fed_indicator(code: str) -> Indicator:
    """What nothing feeds cannot be aimed at."""
    for one in fed():
        if one.code == code:
            return one
    raise Refused("target-indicator", field="indicator")


def _goal(target: CampaignTarget, first_day: date) -> Goal:
    is_percent = target.kind == AimKind.SHARE
    value = target.aim / WHOLE_SHARE if is_percent else target.aim
    return Goal(value, is_percent, target.deadline, target.source, target.campaign_id, first_day)


def _end_the_one_before(db: Session, campaign: Campaign, aim: Aim, *, now: datetime) -> None:
    same = CampaignTarget.indicator == aim.indicator, CampaignTarget.unit_id == aim.unit_id
    db.execute(
        update(CampaignTarget)
        .where(CampaignTarget.campaign_id == campaign.id, CampaignTarget.ended_at.is_(None), *same)
        .values(ended_at=now)
        .execution_options(synchronize_session=False)
    )
