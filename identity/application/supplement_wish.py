"""The wish of an officer to ask an applicant for more a second time, and whether a supervisor granted it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, LargeBinary, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from identity.application.model import Application
from identity.base import Base, Keyed
from identity.sealed import Sealed


class SupplementWish(Keyed, Base):
    """One wish and its answer. It is about the supplement after `supplements`, and used up by asking for that one."""

    __tablename__ = "supplement_wish"
    __table_args__ = (Index(None, "unit_id", "answered_at", "due_at"),)

    application_id: Mapped[UUID] = mapped_column(ForeignKey("application.id"), index=True)
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"))
    supplements: Mapped[int]
    """How often something had been asked for before."""
    asked_by_id: Mapped[UUID]
    asked_at: Mapped[datetime]
    due_at: Mapped[datetime]
    reason_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    answered_at: Mapped[datetime | None]
    answered_by_id: Mapped[UUID | None]
    is_granted: Mapped[bool | None]
    answer_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)

    reason = Sealed(str)
    answer = Sealed(str)


def last_wish(db: Session, application: Application) -> SupplementWish | None:
    """The newest about the next supplement of this file."""
    about = (
        SupplementWish.application_id == application.id,
        SupplementWish.supplements == application.supplements,
    )
    newest = SupplementWish.asked_at.desc(), SupplementWish.id.desc()
    return db.scalar(select(SupplementWish).where(*about).order_by(*newest).limit(1))


def is_granted(db: Session, application: Application) -> bool:
    """Whether a supervisor let an officer ask one more time."""
    wish = last_wish(db, application)
    return wish is not None and bool(wish.is_granted)
