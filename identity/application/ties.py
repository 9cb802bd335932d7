"""The row of a declared conflict of interest (`conflicts` says what follows from it)."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Index,
    LargeBinary,
    String,
    UniqueConstraint,
    bindparam,
    exists,
    or_,
    select,
)
from sqlalchemy.orm import Mapped, Session, mapped_column

from identity.base import Base, Keyed
from identity.sealed import Sealed
from identity.statements import Prepared


class Conflict(Keyed, Base):
    """One declaration. It is not taken back: whoever could would do so before the file that matters."""

    __tablename__ = "conflict_of_interest"
    __table_args__ = (UniqueConstraint("officer_id", "number_index"), Index(None, "number_index"))

    officer_id: Mapped[UUID]
    number_index: Mapped[bytes] = mapped_column(LargeBinary(32))
    tie: Mapped[str] = mapped_column(String(12))
    number_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    """The number itself, so that the index can be written anew under a newer key; it is shown to nobody."""
    label_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    """What the officer calls the person, for the officer's own list."""
    declared_at: Mapped[datetime]

    number = Sealed(str)
    label = Sealed(str)


def tied_to(officer: Any, *number_indexes: Any) -> ColumnElement[bool]:
    """Condition for a part of another statement: what `is_tied` asks."""
    numbers = or_(*(Conflict.number_index == index for index in number_indexes))
    return exists().where(Conflict.officer_id == officer, numbers)


def is_tied(db: Session, account_id: UUID | None, *number_indexes: bytes | None) -> bool:
    """Whether this officer declared to be tied to a person of one of these numbers."""
    if account_id is None:
        return False
    numbers = [index for index in number_indexes if index is not None]
    return any(_TIED.one(db, officer_id=account_id, number_index=index) is not None for index in numbers)


_TIED = Prepared(
    select(Conflict.id).where(
        Conflict.officer_id == bindparam("officer_id"), Conflict.number_index == bindparam("number_index")
    )
)
