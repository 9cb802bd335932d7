"""Whose sign-in this is: what it needs of the account, read together with what the gate judges.

A sign-in asks for it several times, and the row as the ORM loads it would cost more than all the statements around it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from sqlalchemy import ColumnElement, Table, bindparam, exists, select
from sqlalchemy.orm import Session

from identity.account import Account, Act, judge, standing_columns
from identity.credentials.passkey import Passkey
from identity.sealed import vault
from identity.statements import Asked, Prepared


@dataclass(frozen=True, slots=True)
class Holder:
    """An account before the gate."""

    id: UUID
    kind: str
    person_id: UUID | None
    locale: str
    password_hash: str | None
    totp_secret_sealed: bytes | None
    has_passkey: bool
    row: Any

    @classmethod
    def of(cls, row: Any) -> Holder:
        """From a row of `holder_columns`."""
        return cls(
            id=row.account_id,
            kind=row.account_kind,
            person_id=row.account_person_id,
            locale=row.account_locale,
            password_hash=row.password_hash,
            totp_secret_sealed=row.totp_secret_sealed,
            has_passkey=bool(row.has_passkey),
            row=row,
        )

    @property
    def has_second_factor(self) -> bool:
        """Whether the password alone is not enough."""
        return self.totp_secret_sealed is not None or self.has_passkey

    def check_may(self, db: Session, act: Act, *, now: datetime) -> None:
        """The gate, as this account stood when it was read; the caller reads it in the transaction that counts."""
        judge(vault(db), self.row, act, now=now)


def holder_columns() -> tuple[ColumnElement[Any], ...]:
    """For a statement that joins the account; it is given `now`."""
    own_passkey = exists().where(Passkey.account_id == _ACCOUNT.c.id).label("has_passkey")
    return (*standing_columns(), _ACCOUNT.c.password_hash, _ACCOUNT.c.totp_secret_sealed, own_passkey)


def find_holder(db: Session, account_id: UUID, *, now: datetime) -> Holder | None:
    """The account of this id."""
    statement, given = finding(account_id, now=now)
    row = statement.one(db, **given)
    return None if row is None else Holder.of(row)


def finding(account_id: UUID, *, now: datetime) -> Asked:
    """For the row of `find_holder`, asked together with others."""
    return _FIND, {"account": account_id, "now": now}


_ACCOUNT = cast(Table, Account.__table__)
_FIND = Prepared(select(*holder_columns()).where(_ACCOUNT.c.id == bindparam("account")))
