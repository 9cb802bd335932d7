"""A passkey as it is kept: of whom, what it proves, what the holder calls it. Its rules are in `passkeys`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import JSON, ColumnElement, ForeignKey, LargeBinary, exists, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from identity.base import Base, Keyed
from identity.sealed import Sealed

LONGEST_NAME = 60


@dataclass(frozen=True, slots=True)
class Site:
    """Our own address: passkeys belong to the host and answer to the origin."""

    host: str
    origin: str
    name: str


class Passkey(Keyed, Base):
    """One passkey of an account. The public key is public; only its name says something about the person."""

    __tablename__ = "passkey"

    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), index=True)
    credential_id: Mapped[bytes] = mapped_column(LargeBinary(1023), unique=True)
    public_key: Mapped[bytes] = mapped_column(LargeBinary)
    sign_count: Mapped[int]
    transports: Mapped[list[str]] = mapped_column(JSON)
    is_synced: Mapped[bool]
    """It travels with the person's cloud account, and is on a new phone at once."""
    name_sealed: Mapped[bytes]
    added_at: Mapped[datetime]
    used_at: Mapped[datetime | None]

    name = Sealed(str)

    @property
    def methods(self) -> tuple[str, ...]:
        """How whoever uses it has proved who they are (RFC 8176 section 2): software or hardware key, and its lock."""
        return ("swk" if self.is_synced else "hwk", "user", "mfa")


def passkeys_of(db: Session, account_id: UUID) -> list[Passkey]:
    """Every passkey of the account, the oldest first."""
    return list(db.scalars(select(Passkey).where(Passkey.account_id == account_id).order_by(Passkey.added_at)))


def has_passkey(db: Session, account_id: UUID) -> bool:
    """Whether the account has one at least."""
    return bool(db.scalar(select(exists().where(Passkey.account_id == account_id))))


def passkeys_count_of(account: UUID | ColumnElement[UUID]) -> ColumnElement[int]:
    """How many the account has, as a column of a larger statement."""
    return select(func.count()).select_from(Passkey).where(Passkey.account_id == account).scalar_subquery()


def find_own(db: Session, account_id: UUID, passkey_id: UUID) -> Passkey | None:
    """One of one's own passkeys."""
    return db.scalar(select(Passkey).where(Passkey.id == passkey_id, Passkey.account_id == account_id))
