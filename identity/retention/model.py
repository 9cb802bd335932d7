"""What one rule purged on one day."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from identity.base import Base, Keyed


class RetentionReport(Keyed, Base):
    """A line of the report: figures, nothing about anybody."""

    __tablename__ = "retention_report"
    __table_args__ = (UniqueConstraint("day", "rule"),)

    day: Mapped[date]
    rule: Mapped[str] = mapped_column(String(30))
    before: Mapped[datetime]
    """What was older than this went."""
    purged: Mapped[int] = mapped_column(default=0)
    begun_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
