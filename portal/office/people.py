"""Names of officers and of the places they work for."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from identity.account import Account
from identity.places import Unit
from identity.statements import Prepared, among, listed, room_for
from portal.words.places import unit_title


def names_of(db: Session, accounts: Iterable[UUID | None]) -> dict[UUID | None, str]:
    """Display names by account."""
    wanted = {account for account in accounts if account is not None}
    if not wanted:
        return {}
    rows = _named(room_for(wanted)).all(db, **listed("account", wanted))
    return {row.id: Account.display_name.opened(db, row.id, row.display_name_sealed) or "" for row in rows}


def places_of(db: Session, units: Iterable[UUID]) -> str:
    """The units an officer works for, by their official names."""
    wanted = dict.fromkeys(units)
    rows = _placed(room_for(wanted)).all(db, **listed("unit", wanted)) if wanted else ()
    found = {row.id: unit_title(row) for row in rows}
    return ", ".join(found[unit] for unit in wanted if unit in found)


@cache
def _named(room: int) -> Prepared:
    return Prepared(select(Account.id, Account.display_name_sealed).where(among(Account.id, "account", room)))


@cache
def _placed(room: int) -> Prepared:
    return Prepared(select(Unit.id, Unit.type, Unit.name).where(among(Unit.id, "unit", room)))
