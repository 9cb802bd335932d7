"""The campaign as coordinators and leaders see it: its span, the provinces, the working groups."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from identity.audit import SYSTEM
from identity.places import Unit
from identity.places.units import exists_on
from onboarding.campaign import Campaign, Plan, plan_campaign
from portal.demo.replay.campaign import Played, provinces_of


def order(db: Session, played: Played, *, now: datetime) -> None:
    """Plan it once."""
    if db.scalar(select(Campaign.id).where(Campaign.name == played.title, Campaign.first_day == played.first_day)):
        return
    codes = provinces_of(played.groups)
    provinces = db.scalars(select(Unit.id).where(Unit.code.in_(codes), exists_on(played.first_day)).order_by(Unit.code))
    groups = tuple(group.name for group in played.groups)
    plan = Plan(played.title, played.first_day, played.last_day, played.source, tuple(provinces), groups)
    plan_campaign(db, plan, SYSTEM, None, now=now)
