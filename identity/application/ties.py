"""The row of a declared conflict of interest (`conflicts` says what follows from it)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, LargeBinary, String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from identity.base import Base, Keyed
from identity.sealed import Sealed


class Conflict(Keyed, Base):
    """One declaration. It is not taken back: whoever could would do so before the file that matters."""

    __tablename__ = "conflict_of_interest"
    __table_args__ = (UniqueConstraint("officer_id", "number_index"), Index(None, "number_index"))

    officer_id: Mapped[UUID]
    number_index: Mapped[bytes] = mapped_column(LargeBinary(32))
    tie: Mapped[str] = mapped_column(String(12))
    label_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    """What the officer calls the person, for the officer's own list."""
    declared_at: Mapped[datetime]

    label = Sealed(str)


def is_tied(db: Session, account_id: UUID | None, number_index: bytes) -> bool:
    """Whether this officer declared to be tied to the person of this number."""
    found = select(Conflict.id).where(Conflict.officer_id == account_id, Conflict.number_index == number_index)
    return db.scalar(found.limit(1)) is not None
