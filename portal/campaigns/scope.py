"""Who asks, and the units in which they coordinate or lead."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import select

from identity.audit import Actor
from identity.deadlines import today_in_vietnam
from identity.places import COUNTRY, Reach, Unit, UnitKind, in_reach, units_within
from onboarding.campaign import Campaign, CampaignTask, get_campaign
from portal.database import db
from portal.language import _
from portal.security import me
from portal.services import now
from portal.words.places import unit_title

ROLES = ("coordinator", "leader")


@dataclass(frozen=True, slots=True)
class Visitor:
    """`held` are the units of the roles, `reach` is all that lies in them, or the whole country."""

    account_id: UUID
    acting: Actor
    held: set[UUID]
    reach: Reach

    def may_open(self, task: CampaignTask) -> bool:
        return task.owner_id == self.account_id or in_reach(task.unit_id, self.reach)

    def exact(self) -> set[UUID]:
        """Where figures are shown exactly: in one's own wards and below. Above them they are the published ones."""
        wards = select(Unit.id).where(Unit.id.in_(self.held), Unit.kind != UnitKind.PROVINCE)
        return set().union(*(units_within(db, unit) for unit in db.scalars(wards)))


def visitor() -> Visitor:
    """The slice's guard let nobody else pass."""
    found = me()
    assert found is not None
    held = set(found.units_for(*ROLES))
    reach: Reach = None if found.has_country(*ROLES) else set().union(*(units_within(db, unit) for unit in held))
    return Visitor(found.account_id, found.acting_as(*ROLES), held, reach)


def seen(campaign_id: UUID, who: Visitor) -> Campaign:
    """A campaign that concerns the visitor's units."""
    return get_campaign(db, campaign_id, who.held, who.reach)


def unit_choices(units: list[Unit]) -> list[tuple[str, str]]:
    """For a form."""
    return [(str(unit.id), called(unit)) for unit in units]


def country_choice() -> tuple[str, str]:
    """The whole country beside them."""
    return COUNTRY, called(None)


def unit_chosen(value: str) -> UUID | None:
    """What a form sent back: None is the whole country."""
    return None if value == COUNTRY else UUID(value)


def called(unit: Unit | None) -> str:
    """The unit's name in the reader's language; None is the whole country."""
    if unit is None:
        return _("The whole country")
    return unit_title(unit)


def today() -> date:
    return today_in_vietnam(now())
