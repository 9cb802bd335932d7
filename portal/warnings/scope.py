"""Who asks, and the units in which they coordinate or lead."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from identity.audit import Actor
from identity.deadlines import today_in_vietnam
from identity.places import Reach, Unit, units_within
from onboarding.team import Team
from onboarding.warnings import FigureWarning
from portal.database import db
from portal.security import me
from portal.services import now
from portal.words.places import unit_title

ROLES = ("coordinator", "leader")


@dataclass(frozen=True, slots=True)
class Visitor:
    """`reach` is every unit in which one of the roles is held, and all that lies in it; or the whole country."""

    account_id: UUID
    acting: Actor
    reach: Reach


def visitor() -> Visitor:
    """The slice's guard let nobody else pass."""
    found = me()
    assert found is not None
    held = found.units_for(*ROLES)
    reach: Reach = None if found.has_country(*ROLES) else set().union(*(units_within(db, unit) for unit in held))
    return Visitor(found.account_id, found.acting_as(*ROLES), reach)


def place_of(warning: FigureWarning) -> str:
    """The unit's name in the reader's language, with the team's where it is about one."""
    unit = db.get_one(Unit, warning.unit_id)
    name = unit_title(unit)
    return f"{db.get_one(Team, warning.team_id).name} · {name}" if warning.team_id else name


def today() -> date:
    """In Vietnam."""
    return today_in_vietnam(now())
