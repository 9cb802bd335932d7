"""What is kept about guardians: the guardianship as evidence with its paper and dates, and each question to them."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from identity.base import Base, Keyed
from identity.sealed import Sealed


class Guardianship(Keyed, Base):
    """One person acts for another, from `began_at` to the end of `ends_on`. Never changed but for its end."""

    __tablename__ = "guardianship"

    ward_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), index=True)
    guardian_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), index=True)
    basis: Mapped[str] = mapped_column(String(10))
    ends_on_sealed: Mapped[bytes]
    """The last day of the authority: sealed, because a child's is the day before a birthday."""
    began_at: Mapped[datetime]
    by_account_id: Mapped[UUID | None]
    """The officer who looked at the paper; none when the register named the guardian."""
    application_id: Mapped[UUID | None]
    file_id: Mapped[UUID | None]
    """The paper, for a guardian whom no register names."""
    ended_at: Mapped[datetime | None]
    """Set when it was ended before its day."""
    ended_for: Mapped[str | None] = mapped_column(String(10))
    ended_by_id: Mapped[UUID | None]
    ended_paper_sealed: Mapped[bytes | None]
    """Number and day of the paper that ended it."""

    ends_on = Sealed(date)
    ended_paper = Sealed(str)


class Confirmation(Keyed, Base):
    """One question to the guardian of an account: may it be used for this, here, now?"""

    __tablename__ = "guardian_confirmation"
    __table_args__ = (
        CheckConstraint("number BETWEEN 10 AND 99", name="number"),
        Index(None, "ward_account_id", "asked_at"),
    )

    ward_account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    purpose: Mapped[str] = mapped_column(String(10))
    bound_to: Mapped[UUID]
    """The session or the activation sitting that asks: an answer is good there and nowhere else."""
    client_id: Mapped[UUID | None]
    number: Mapped[int]
    """Shown where the account is used; the guardian picks it out of three."""
    asked_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    is_confirmed: Mapped[bool | None]
    by_account_id: Mapped[UUID | None]
