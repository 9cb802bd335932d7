"""Who administers: the actor of these pages."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from flask import abort
from sqlalchemy import select

from identity.account import Account, Kind
from identity.audit import Actor
from identity.places import Unit
from portal.database import db
from portal.security import me

ADMINISTRATORS = ("operator",)


def acting() -> Actor:
    """The administrator who asks."""
    visitor = me()
    assert visitor is not None  # the guard let nobody else in
    return visitor.acting_as(*ADMINISTRATORS)


def member_of_staff(account_id: object) -> Account:
    """The account of a member of staff; residents are not found here."""
    account = db.get(Account, account_id)
    return account if account is not None and account.kind == Kind.STAFF else abort(404)


def units_by_id(ids: Iterable[UUID | None]) -> dict[UUID, Unit]:
    """The units of roles, in one statement."""
    wanted = {one for one in ids if one is not None}
    return {unit.id: unit for unit in db.scalars(select(Unit).where(Unit.id.in_(wanted)))} if wanted else {}
