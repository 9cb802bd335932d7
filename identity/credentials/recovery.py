"""The recovery sheet: codes that sign in, each good once, and one that freezes the account. Kept as keyed digests.

A new sheet replaces the old one.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    ForeignKey,
    Index,
    LargeBinary,
    Table,
    bindparam,
    delete,
    func,
    select,
    update,
)  # fmt: skip
from sqlalchemy.orm import Mapped, Session, mapped_column

from identity.base import Base, Keyed, new_id
from identity.credentials.codes import clean_code, new_code
from identity.deadlines import rule, today_in_vietnam
from identity.either_key import same
from identity.sealed import vault
from identity.statements import Prepared
from identity.writing import write_many, write_together

GROUPS = 3
"""60 random bits a code."""


class RecoveryCode(Keyed, Base):
    """One code of the set."""

    __tablename__ = "recovery_code"
    __table_args__ = (Index(None, "account_id", "digest", unique=True),)

    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    digest: Mapped[bytes] = mapped_column(LargeBinary(32))
    made_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class FreezeCode(Base):
    """The code of the sheet that shuts the account at once and opens nothing; good until the next sheet."""

    __tablename__ = "freeze_code"

    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), primary_key=True)
    digest: Mapped[bytes] = mapped_column(LargeBinary(32))
    made_at: Mapped[datetime]


@dataclass(frozen=True, slots=True)
class Sheet:
    """What is printed: shown once, kept by the person."""

    codes: list[str]
    freeze: str

    @classmethod
    def draw(cls, now: datetime) -> Sheet:
        """A fresh one, not stored yet."""
        return cls(draw_codes(now), new_code(GROUPS))

    @classmethod
    def read(cls, kept: dict[str, Any] | None) -> Sheet:
        """From where it waited (`as_json`)."""
        return cls(kept["codes"], kept.get("freeze", "")) if kept else cls([], "")

    def as_json(self) -> dict[str, Any]:
        return {"codes": self.codes, "freeze": self.freeze}

    def has(self, typed: str) -> bool:
        """Whether this is one of its codes, as people type."""
        return clean_code(typed) in {clean_code(code) for code in self.codes}


def keep_sheet(db: Session, account_id: UUID, sheet: Sheet, *, now: datetime) -> None:
    """Make it the account's sheet; the old one is worthless from here on."""
    keep_codes(db, account_id, sheet.codes, now=now)
    _FORGET_FREEZE.run(db, account=account_id)
    if sheet.freeze:
        digest = _freeze_digest(db, account_id, sheet.freeze)
        write_together(db, (_FREEZE, {"account_id": account_id, "digest": digest, "made_at": now}))


def is_freeze_code(db: Session, account_id: UUID, typed: str) -> bool:
    """Whether this is the sheet's freeze code."""
    kept = db.scalar(select(FreezeCode.digest).where(FreezeCode.account_id == account_id))
    return same(kept or b"", _freeze_digest(db, account_id, typed))


def draw_codes(now: datetime) -> list[str]:
    """A fresh set, not stored yet."""
    return [new_code(GROUPS) for _ in range(rule("recovery_codes", today_in_vietnam(now)))]


def keep_codes(db: Session, account_id: UUID, codes: Iterable[str], *, now: datetime) -> None:
    """Make `codes` the account's set; the old one is worthless from here on."""
    _FORGET.run(db, account=account_id)
    rows = [
        {"id": new_id(), "account_id": account_id, "digest": _digest(db, account_id, code), "made_at": now}
        for code in codes
    ]
    write_many(db, _CODES, rows)


def make_codes(db: Session, account_id: UUID, *, now: datetime) -> list[str]:
    """Draw and keep a fresh set; shown once by the caller."""
    codes = draw_codes(now)
    keep_codes(db, account_id, codes, now=now)
    return codes


def use_code(db: Session, account_id: UUID, typed: str, *, now: datetime) -> bool:
    """Use one code up; False if it is unknown or was used before."""
    return use_found_code(db, account_id, _digest(db, account_id, typed), now=now)


def find_unused_code(db: Session, account_id: UUID, typed: str) -> bytes | None:
    """The digest of an unused code, if this is one: a look before the second proof, which uses it up."""
    query = select(RecoveryCode.digest).where(RecoveryCode.account_id == account_id, RecoveryCode.used_at.is_(None))
    return db.scalar(query.where(RecoveryCode.digest == _digest(db, account_id, typed)))


def use_found_code(db: Session, account_id: UUID, digest: bytes, *, now: datetime) -> bool:
    """Use up what `find_unused_code` found; of two at once, one wins."""
    won = db.execute(
        update(RecoveryCode)
        .where(RecoveryCode.account_id == account_id, RecoveryCode.digest == digest, RecoveryCode.used_at.is_(None))
        .values(used_at=now)
        .returning(RecoveryCode.id)
        .execution_options(synchronize_session=False)
    ).scalar_one_or_none()
    return won is not None


def codes_left(db: Session, account_id: UUID) -> int:
    """How many codes of the set are still good."""
    return db.scalars(select(codes_left_of(account_id))).one()


def codes_left_of(account: UUID | ColumnElement[UUID]) -> ColumnElement[int]:
    """The same as a column of a larger statement."""
    query = select(func.count()).where(RecoveryCode.account_id == account, RecoveryCode.used_at.is_(None))
    return query.scalar_subquery()


def _freeze_digest(db: Session, account_id: UUID, code: str) -> bytes:
    return vault(db).digest("freeze-code", f"{account_id}:{clean_code(code)}")


def _digest(db: Session, account_id: UUID, code: str) -> bytes:
    return vault(db).digest("recovery-code", f"{account_id}:{clean_code(code)}")


_CODES, _FREEZE = (cast(Table, one.__table__) for one in (RecoveryCode, FreezeCode))
_FORGET = Prepared(delete(_CODES).where(_CODES.c.account_id == bindparam("account")))
_FORGET_FREEZE = Prepared(delete(_FREEZE).where(_FREEZE.c.account_id == bindparam("account")))
