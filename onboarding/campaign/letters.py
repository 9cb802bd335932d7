"""Letters about tasks of campaigns, to staff who can read them: what is sent to the suspended reaches nobody."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from identity.account import Account
from identity.deadlines import today_in_vietnam
from identity.outbox import Channel, post
from identity.places import ancestors
from identity.staff import Role, at_work_on
from identity.staff.record import StaffRecord
from onboarding.campaign.model import Campaign
from onboarding.campaign.planning import units_of
from onboarding.campaign.tasks import OWNERS


def write_to(db: Session, message: str, account_id: UUID, *, now: datetime, **facts: Any) -> None:
    """To the address of their work; to nobody who is no staff."""
    query = select(Account, StaffRecord).join(StaffRecord, StaffRecord.account_id == Account.id)
    for account, kept in db.execute(query.where(Account.id == account_id)):
        to, locale = kept.email or "", account.locale
        post(db, Channel.EMAIL, message, to, now=now, recipient=account.id, locale=locale, **facts)


def readers_of(
    db: Session, campaign_id: UUID, concerned: Collection[UUID | None], *, besides: UUID | None = None, now: datetime
) -> set[UUID]:
    """Those of the `concerned` who are at work; where nobody is, the nearest who may change the campaign."""
    known = {one for one in concerned if one is not None}
    found = _at_work(db, now, Role.account_id.in_(known)) if known else set[UUID]()
    for place in () if found else _places_above(db, db.get_one(Campaign, campaign_id)):
        found = _at_work(db, now, Role.unit_id == place if place else Role.unit_id.is_(None), Role.role.in_(OWNERS))
        found -= {besides}
        if found:
            break
    return found


def _at_work(db: Session, now: datetime, *conditions: ColumnElement[bool]) -> set[UUID]:
    return set(db.scalars(select(Role.account_id).where(*conditions, at_work_on(today_in_vietnam(now)))))


def _places_above(db: Session, campaign: Campaign) -> list[UUID | None]:
    """Where a role lets its holder change the campaign, the nearest first; None is the whole country."""
    lineages = [[unit.id, *(above.id for above in ancestors(db, unit.id))] for unit in units_of(db, campaign)]
    common = set(lineages[0]).intersection(*lineages) if lineages else set[UUID]()
    return [*(place for place in (lineages or [[]])[0] if place in common), None]
