"""A call to the hotline: whom it is about, which agent answers, and how far the caller has come."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from identity.base import Base, Keyed


class HotlineCall(Keyed, Base):
    """One call about one file or account. It ends by itself, so that no page left open goes on working."""

    __tablename__ = "hotline_call"
    __table_args__ = (Index(None, "answered_by_id", "opened_at"), Index(None, "account_id", "opened_at"))

    answered_by_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    account_id: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    application_id: Mapped[UUID | None] = mapped_column(ForeignKey("application.id"), index=True)
    found_by: Mapped[str] = mapped_column(String(10))
    opened_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    questions: Mapped[str] = mapped_column(String(80), default="")
    """Which questions the rule drew, with spaces between."""
    tries: Mapped[int] = mapped_column(default=0)
    verified_at: Mapped[datetime | None]
    called_back_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    outcome: Mapped[str | None] = mapped_column(String(20))

    def is_open(self, now: datetime) -> bool:
        return self.closed_at is None and self.expires_at > now
