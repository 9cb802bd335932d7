"""The units in which the visitor coordinates or leads, with everything below them."""

from __future__ import annotations

from uuid import UUID

from identity.audit import Actor
from identity.places import units_within
from portal.database import db
from portal.security import SignedIn, me

ROLES = ("coordinator", "leader")


def visitor() -> SignedIn:
    """Who asks; the slice's guard let nobody else pass."""
    found = me()
    assert found is not None
    return found


def scope() -> set[UUID]:
    """Every unit in reach."""
    return set().union(*(units_within(db, unit_id) for unit_id in visitor().units_for(*ROLES)))


def acting() -> Actor:
    """As whom what is done here is recorded."""
    return visitor().acting_as(*ROLES)
