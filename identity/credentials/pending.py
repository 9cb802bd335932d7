"""Between the password and the second step: a ticket of some minutes in this browser's cookie, good for one success."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from typing import cast
from uuid import UUID

from sqlalchemy import Table, bindparam, select, update
from sqlalchemy.orm import Session

from identity import once
from identity.account import Account, Act, judge, standing_columns_of
from identity.base import UTC_DateTime
from identity.credentials.holder import Holder, holder_columns
from identity.deadlines import rule, today_in_vietnam
from identity.locks import LOSSES
from identity.sealed import vault
from identity.statements import Prepared
from identity.vault import fingerprint

PURPOSE = "second-step"


def put(db: Session, account_id: UUID, password_hash: str, *, now: datetime) -> str:
    """A ticket for this account; worthless once the password changes."""
    life = timedelta(minutes=rule("second_step_minutes", today_in_vietnam(now)))
    payload: dict[str, object] = {"mark": mark_of(password_hash)}
    return once.issue(db, PURPOSE, account_id, now=now, expires_at=now + life, payload=payload)


def find(db: Session, ticket: str, *, now: datetime) -> Holder | None:
    """Whom the ticket stands for, without using it up: a mistyped code may be tried again."""
    row = _FIND.one(db, digest=once.ticket_digest(db, PURPOSE, ticket), now=now)
    if row is None:
        return None
    mark = str(once.bought(db, row).payload["mark"])
    return Holder.of(row) if secrets.compare_digest(mark, mark_of(row.password_hash or "")) else None


def use(db: Session, ticket: str, *, now: datetime) -> bool:
    """Use the ticket up; of two at once, one wins. The gate is asked in the same statement: Refused if it shuts."""
    row = _USE.one(db, digest=once.ticket_digest(db, PURPOSE, ticket), now=now)
    if row is None:
        return False
    judge(vault(db), row, Act.SIGN_IN, now=now)
    return True


def _drop(db: Session, account_id: UUID, now: datetime) -> None:
    """A lock ends what is half done: whoever knew the password begins anew when the account opens."""
    once.withdraw(db, PURPOSE, account_id, now=now)


def mark_of(password_hash: str) -> str:
    """What tells one password hash from another."""
    return fingerprint(password_hash.encode())


if _drop not in LOSSES:
    LOSSES.append(_drop)


_TABLE, _ACCOUNT = cast(Table, once.Ticket.__table__), cast(Table, Account.__table__)
_FIND = Prepared(
    select(*once.BOUGHT, *holder_columns()).join(_ACCOUNT, _ACCOUNT.c.id == _TABLE.c.subject).where(*once.OPEN)
)
_USE = Prepared(
    update(_TABLE)
    .where(*once.OPEN)
    .values(consumed_at=bindparam("now", type_=UTC_DateTime()))
    .returning(_TABLE.c.subject.label("account_id"), *standing_columns_of(_TABLE.c.subject))
)
