"""Planning a campaign, and who sees and changes it.

It is seen in its units, below them and above them; it is changed by whoever has all of its units in reach. One of the
whole country is seen everywhere and changed by whoever coordinates or leads the country.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ColumnElement, func, or_, select, true
from sqlalchemy.orm import Session

from identity.audit import Actor, Event, record
from identity.base import Refused
from identity.places import Reach, Unit, ancestors, units_within
from onboarding.campaign.model import Campaign, CampaignGroup, CampaignUnit

LONGEST_DAYS = 3 * 366


@dataclass(frozen=True, slots=True)
class Plan:
    """What is planned: in units, or in the whole country. `groups` are names; one given twice is one."""

    name: str
    first_day: date
    last_day: date
    source: str
    unit_ids: tuple[UUID, ...]
    groups: tuple[str, ...] = ()
    is_national: bool = False


def plan_campaign(db: Session, plan: Plan, by: Actor, reach: Reach, *, now: datetime) -> Campaign:
    """Refused "campaign-span", and "campaign-unit" outside of `reach`. Audited."""
    if not 0 <= (plan.last_day - plan.first_day).days <= LONGEST_DAYS:
        raise Refused("campaign-span", field="last_day")
    if plan.is_national == bool(plan.unit_ids) or not _is_within(plan.unit_ids, reach, is_national=plan.is_national):
        raise Refused("campaign-unit", field="units")
    campaign = Campaign(
        name=plan.name,
        first_day=plan.first_day,
        last_day=plan.last_day,
        source=plan.source,
        is_national=plan.is_national,
        planned_at=now,
        planned_by_id=by.account_id,
    )
    db.add(campaign)
    db.flush()  # units and groups point at the row
    db.add_all(CampaignUnit(campaign_id=campaign.id, unit_id=unit) for unit in dict.fromkeys(plan.unit_ids))
    groups: dict[str, str] = {}
    for name in (" ".join(one.split()) for one in plan.groups):
        groups.setdefault(name.casefold(), name)
    db.add_all(CampaignGroup(campaign_id=campaign.id, name=name) for name in groups.values())
    record(db, Event.CAMPAIGN_PLANNED, by, now=now, subject=("campaign", campaign.id))
    return campaign


def campaigns_in(db: Session, held: Iterable[UUID], reach: Reach, *, limit: int, offset: int = 0) -> list[Campaign]:
    """The campaigns that concern these units, the newest first. `held` are units, `reach` is all that lies in them."""
    query = select(Campaign).where(_in_sight(db, held, reach)).order_by(Campaign.first_day.desc(), Campaign.id)
    return list(db.scalars(query.limit(limit).offset(offset)))


def count_campaigns(db: Session, held: Iterable[UUID], reach: Reach) -> int:
    """How many there are of those."""
    return db.scalar(select(func.count()).select_from(Campaign).where(_in_sight(db, held, reach))) or 0


def get_campaign(db: Session, campaign_id: UUID, held: Iterable[UUID], reach: Reach) -> Campaign:
    """One of those. Refused "not-found"."""
    found = db.scalar(select(Campaign).where(Campaign.id == campaign_id, _in_sight(db, held, reach)))
    if found is None:
        raise Refused("not-found")
    return found


def takes_place_in(unit_ids: Collection[UUID]) -> ColumnElement[bool]:
    """Condition: it takes place in one of these units, or in the whole country."""
    there = select(CampaignUnit.campaign_id).where(CampaignUnit.unit_id.in_(unit_ids))
    return or_(Campaign.is_national, Campaign.id.in_(there))


def units_of(db: Session, campaign: Campaign) -> list[Unit]:
    """Where it takes place; none of a campaign of the whole country."""
    query = select(Unit).join(CampaignUnit, CampaignUnit.unit_id == Unit.id)
    return list(db.scalars(query.where(CampaignUnit.campaign_id == campaign.id).order_by(Unit.code)))


def groups_of(db: Session, campaign: Campaign) -> list[CampaignGroup]:
    """Its working groups."""
    return list(
        db.scalars(select(CampaignGroup).where(CampaignGroup.campaign_id == campaign.id).order_by(CampaignGroup.id))
    )


def covers(db: Session, campaign: Campaign, unit_id: UUID | None) -> bool:
    """Whether the unit (None: the whole country) lies where the campaign takes place."""
    if campaign.is_national:
        return unit_id is None or db.get(Unit, unit_id) is not None
    return any(unit_id in units_within(db, unit.id) for unit in units_of(db, campaign))


def may_change(db: Session, campaign: Campaign, reach: Reach) -> bool:
    """Whether all of its units lie in reach."""
    units = db.scalars(select(CampaignUnit.unit_id).where(CampaignUnit.campaign_id == campaign.id))
    return _is_within(units, reach, is_national=campaign.is_national)


def check_may_change(db: Session, campaign: Campaign, reach: Reach) -> None:
    """Refused "campaign-not-yours", "campaign-closed"."""
    if campaign.closed_at is not None:
        raise Refused("campaign-closed")
    if not may_change(db, campaign, reach):
        raise Refused("campaign-not-yours", audited=True)


def hold(db: Session, campaign: Campaign) -> None:
    """Let nobody else change or close it until the transaction ends. Refused "campaign-closed"."""
    db.refresh(campaign, with_for_update=True)
    if campaign.closed_at is not None:
        raise Refused("campaign-closed")


def _is_within(unit_ids: Iterable[UUID], reach: Reach, *, is_national: bool) -> bool:
    return reach is None or (not is_national and set(unit_ids) <= set(reach))


def _in_sight(db: Session, held: Iterable[UUID], reach: Reach) -> ColumnElement[bool]:
    if reach is None:
        return true()
    return takes_place_in({*reach, *(unit.id for one in held for unit in ancestors(db, one))})
