"""The units in which the visitor coordinates or leads, with everything below them and all that was merged into them."""

from __future__ import annotations

from uuid import UUID

from identity.audit import Actor
from identity.deadlines import today_in_vietnam
from onboarding.map import within_today
from portal.database import db
from portal.security import SignedIn, me
from portal.services import now

ROLES = ("coordinator", "leader")


def visitor() -> SignedIn:
    """Who asks; the slice's guard let nobody else pass."""
    found = me()
    assert found is not None
    return found


def scope() -> set[UUID]:
    """Every unit in reach."""
    return within_today(db, visitor().units_for(*ROLES), on=today_in_vietnam(now()))


def acting() -> Actor:
    """As whom what is done here is recorded."""
    return visitor().acting_as(*ROLES)
