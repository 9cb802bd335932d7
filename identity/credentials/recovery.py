"""Recovery codes: a printed set, each good once, kept as keyed digests. A new set replaces the old one."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, LargeBinary, delete, func, insert, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from identity.base import Base, Keyed, new_id
from identity.credentials.codes import clean_code, new_code
from identity.deadlines import rule, today_in_vietnam
from identity.sealed import vault

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


def draw_codes(now: datetime) -> list[str]:
    """A fresh set, not stored yet."""
    return [new_code(GROUPS) for _ in range(rule("recovery_codes", today_in_vietnam(now)))]


def keep_codes(db: Session, account_id: UUID, codes: Iterable[str], *, now: datetime) -> None:
    """Make `codes` the account's set; the old one is worthless from here on."""
    db.execute(delete(RecoveryCode).where(RecoveryCode.account_id == account_id))
    rows = [
        {"id": new_id(), "account_id": account_id, "digest": _digest(db, account_id, code), "made_at": now}
        for code in codes
    ]
    db.execute(insert(RecoveryCode), rows)


def make_codes(db: Session, account_id: UUID, *, now: datetime) -> list[str]:
    """Draw and keep a fresh set; shown once by the caller."""
    codes = draw_codes(now)
    keep_codes(db, account_id, codes, now=now)
    return codes


def use_code(db: Session, account_id: UUID, typed: str, *, now: datetime) -> bool:
    """Use one code up; False if it is unknown or was used before."""
    won = db.execute(
        update(RecoveryCode)
        .where(RecoveryCode.account_id == account_id, RecoveryCode.digest == _digest(db, account_id, typed))
        .where(RecoveryCode.used_at.is_(None))
        .values(used_at=now)
        .returning(RecoveryCode.id)
        .execution_options(synchronize_session=False)
    ).scalar_one_or_none()
    return won is not None


def codes_left(db: Session, account_id: UUID) -> int:
    """How many codes of the set are still good."""
    query = select(func.count()).where(RecoveryCode.account_id == account_id, RecoveryCode.used_at.is_(None))
    return db.scalars(query).one()


def _digest(db: Session, account_id: UUID, code: str) -> bytes:
    return vault(db).digest("recovery-code", f"{account_id}:{clean_code(code)}")
