"""What is known of a member of staff beside account and roles: where invitations go, and who answers for the review."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from identity.account import Account
from identity.base import Base, Keyed
from identity.sealed import Sealed
from identity.staff.model import Role


class StaffRecord(Keyed, Base):
    """One member of staff. `back_since` is when an administrator opened an idle account again."""

    __tablename__ = "staff_record"

    account_id: Mapped[UUID] = mapped_column(ForeignKey(Account.id), unique=True)
    email_sealed: Mapped[bytes]
    invited_at: Mapped[datetime]
    invited_by_id: Mapped[UUID | None]
    accepted_at: Mapped[datetime | None]
    back_since: Mapped[datetime | None]

    email = Sealed(str)


class RoleReview(Keyed, Base):
    """Somebody looked, in a quarter, whether a role is still needed, and kept it. A role that is not kept is ended."""

    __tablename__ = "role_review"
    __table_args__ = (UniqueConstraint("role_id", "quarter"),)

    role_id: Mapped[UUID] = mapped_column(ForeignKey(Role.id))
    quarter: Mapped[str] = mapped_column(String(7))
    by_id: Mapped[UUID | None]
    at: Mapped[datetime]
