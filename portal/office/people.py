"""Names of officers and of the places they work for."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, load_only

from identity.account import Account
from identity.places import Unit
from portal.language import current_locale


def names_of(db: Session, accounts: Iterable[UUID | None]) -> dict[UUID | None, str]:
    """Display names by account."""
    wanted = [account for account in accounts if account is not None]
    if not wanted:
        return {}
    found = select(Account).options(load_only(Account.display_name_sealed)).where(Account.id.in_(wanted))
    return {account.id: account.display_name or "" for account in db.scalars(found)}


def places_of(db: Session, units: Iterable[UUID]) -> str:
    """The units an officer works for, by their official names."""
    found = [unit for unit in (db.get(Unit, unit_id) for unit_id in dict.fromkeys(units)) if unit is not None]
    vietnamese = current_locale() == "vi"
    return ", ".join(unit.title if vietnamese else unit.english_title for unit in found)
