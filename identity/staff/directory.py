"""Finding members of staff. Names are sealed, so a search opens them: an office has hundreds, a province thousands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from identity.account import Account, Kind, LockGround
from identity.deadlines import today_in_vietnam
from identity.names import fold
from identity.staff.roles import RoleHeld, roles_of


@dataclass(frozen=True, slots=True)
class Listed:
    """One line of the list."""

    id: UUID
    name: str
    login: str
    state: str
    roles: Sequence[RoleHeld]
    is_shut: bool


def find_staff(db: Session, text: str, *, now: datetime, limit: int, offset: int = 0) -> tuple[list[Listed], int]:
    """Those whose name or login holds `text`, without marks and case, by name; and how many there are."""
    wanted = fold(text)
    accounts = [
        account
        for account in db.scalars(select(Account).where(Account.kind == Kind.STAFF))
        if wanted in fold(f"{account.display_name} {account.login}")
    ]
    accounts.sort(key=lambda account: (fold(account.display_name or ""), account.id))
    shown = accounts[offset : offset + limit]
    return [_listed(db, account, now) for account in shown], len(accounts)


def _listed(db: Session, account: Account, now: datetime) -> Listed:
    shut = select(LockGround.id).where(LockGround.account_id == account.id, LockGround.ended_at.is_(None)).limit(1)
    return Listed(
        account.id,
        account.display_name or "",
        account.login or "",
        account.state,
        roles_of(db, account.id, today_in_vietnam(now)),
        db.scalar(shut) is not None,
    )
