"""Planning a campaign, and who sees and changes it.

It is seen in its units, below them and above them; it is changed by whoever has all of its units in reach.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from identity.audit import Actor, Event, record
from identity.base import Refused
from identity.places import Unit, ancestors
from onboarding.campaign.model import Campaign, CampaignGroup, CampaignUnit

LONGEST_DAYS = 3 * 366


@dataclass(frozen=True, slots=True)
class Plan:
    """What is planned. `groups` are names."""

    name: str
    first_day: date
    last_day: date
    source: str
    unit_ids: tuple[UUID, ...]
    groups: tuple[str, ...] = ()


def plan_campaign(db: Session, plan: Plan, by: Actor, reach: Collection[UUID] | None, *, now: datetime) -> Campaign:
    """Refused "campaign-span", and "campaign-unit" outside of `reach` (None: everywhere). Audited."""
    if not 0 <= (plan.last_day - plan.first_day).days <= LONGEST_DAYS:
        raise Refused("campaign-span", field="last_day")
    if not plan.unit_ids or (reach is not None and not set(plan.unit_ids) <= set(reach)):
        raise Refused("campaign-unit", field="units")
    campaign = Campaign(
        name=plan.name,
        first_day=plan.first_day,
        last_day=plan.last_day,
        source=plan.source,
        planned_at=now,
        planned_by_id=by.account_id,
    )
    db.add(campaign)
    db.flush()  # units and groups point at the row
    db.add_all(CampaignUnit(campaign_id=campaign.id, unit_id=unit) for unit in dict.fromkeys(plan.unit_ids))
    db.add_all(CampaignGroup(campaign_id=campaign.id, name=name) for name in plan.groups)
    record(db, Event.CAMPAIGN_PLANNED, by, now=now, subject=("campaign", campaign.id))
    return campaign


def campaigns_in(db: Session, held: Iterable[UUID], reach: Collection[UUID]) -> list[Campaign]:
    """The campaigns that concern these units, the newest first. `held` are units, `reach` is all that lies in them."""
    above = {unit.id for one in held for unit in ancestors(db, one)}
    concerned = select(CampaignUnit.campaign_id).where(CampaignUnit.unit_id.in_({*reach, *above}))
    return list(db.scalars(select(Campaign).where(Campaign.id.in_(concerned)).order_by(Campaign.first_day.desc())))


def get_campaign(db: Session, campaign_id: UUID, held: Iterable[UUID], reach: Collection[UUID]) -> Campaign:
    """One of those. Refused "not-found"."""
    found = next((one for one in campaigns_in(db, held, reach) if one.id == campaign_id), None)
    if found is None:
        raise Refused("not-found")
    return found


def units_of(db: Session, campaign: Campaign) -> list[Unit]:
    """Where it takes place."""
    query = select(Unit).join(CampaignUnit, CampaignUnit.unit_id == Unit.id)
    return list(db.scalars(query.where(CampaignUnit.campaign_id == campaign.id).order_by(Unit.code)))


def groups_of(db: Session, campaign: Campaign) -> list[CampaignGroup]:
    """Its working groups."""
    return list(
        db.scalars(select(CampaignGroup).where(CampaignGroup.campaign_id == campaign.id).order_by(CampaignGroup.id))
    )


def may_change(db: Session, campaign: Campaign, reach: Collection[UUID]) -> bool:
    """Whether all of its units lie in reach."""
    units = db.scalars(select(CampaignUnit.unit_id).where(CampaignUnit.campaign_id == campaign.id))
    return set(units) <= set(reach)


def check_may_change(db: Session, campaign: Campaign, reach: Collection[UUID]) -> None:
    """Refused "campaign-not-yours", "campaign-closed"."""
    if campaign.closed_at is not None:
        raise Refused("campaign-closed")
    if not may_change(db, campaign, reach):
        raise Refused("campaign-not-yours", audited=True)
