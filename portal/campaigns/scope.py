"""Who asks, and the units in which they coordinate or lead."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import select

from identity.audit import Actor
from identity.deadlines import today_in_vietnam
from identity.places import Unit, UnitKind, units_within
from onboarding.campaign import Campaign, get_campaign
from portal.database import db
from portal.language import current_locale
from portal.security import me
from portal.services import now

ROLES = ("coordinator", "leader")


@dataclass(frozen=True, slots=True)
class Visitor:
    """`held` are the units of the roles, `reach` is all that lies in them."""

    account_id: UUID
    acting: Actor
    held: set[UUID]
    reach: set[UUID]

    def exact(self) -> set[UUID]:
        """Where figures are shown exactly: in one's own wards and below. Above them they are the published ones."""
        wards = select(Unit.id).where(Unit.id.in_(self.held), Unit.kind != UnitKind.PROVINCE)
        return set().union(*(units_within(db, unit) for unit in db.scalars(wards)))


def visitor() -> Visitor:
    """The slice's guard let nobody else pass."""
    found = me()
    assert found is not None
    held = set(found.units_for(*ROLES))
    reach: set[UUID] = set().union(*(units_within(db, unit) for unit in held))
    return Visitor(found.account_id, found.acting_as(*ROLES), held, reach)


def seen(campaign_id: UUID, who: Visitor) -> Campaign:
    """A campaign that concerns the visitor's units."""
    return get_campaign(db, campaign_id, who.held, who.reach)


def unit_choices(units: list[Unit]) -> list[tuple[str, str]]:
    """For a form."""
    return [(str(unit.id), called(unit)) for unit in units]


def called(unit: Unit) -> str:
    """The unit's name in the reader's language."""
    return unit.title if current_locale() == "vi" else unit.english_title


def today() -> date:
    return today_in_vietnam(now())
