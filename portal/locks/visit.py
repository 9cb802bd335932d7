"""Which officer acts, for which units, and which request they may touch."""

from __future__ import annotations

from uuid import UUID

from flask import abort

from identity.account import Account, Kind
from identity.audit import Actor
from identity.base import Refused
from identity.lock_requests.model import LockRequest
from identity.staff import units_in_reach
from portal.database import db
from portal.security import SignedIn, me

RECEIVING, APPROVING = "receiving_officer", "approving_officer"
OFFICERS = (RECEIVING, APPROVING)


def officer() -> SignedIn:
    """The officer who asks; the slice's guard let nobody else in."""
    visitor = me()
    assert visitor is not None
    return visitor


def acting(*roles: str) -> Actor:
    """As whom the officer acts."""
    return officer().acting_as(*(roles or OFFICERS))


def units() -> set[UUID]:
    """Where the officer works."""
    return units_in_reach(db, officer().roles, *OFFICERS)


def own_unit() -> UUID:
    """For which unit a request is taken in."""
    found = officer().units_for(*OFFICERS)
    if not found:
        raise Refused("lock-no-unit")
    return found[0]


def resident(account_id: UUID) -> Account:
    """A resident's account; nobody else is found here."""
    account = db.get(Account, account_id)
    return account if account is not None and account.kind == Kind.RESIDENT else abort(404)


def request_for(request_id: UUID) -> LockRequest:
    """The request when a role of the officer reaches its unit; else refused, and the attempt recorded."""
    row = db.get(LockRequest, request_id) or abort(404)
    if row.unit_id not in units():
        raise Refused("out-of-scope", audited=True)
    return row
