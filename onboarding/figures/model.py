"""Rows of figures: facts in time, numbers from papers, the days to be counted anew, what may be published."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import JSON, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from identity.base import Base

NATION, UNALLOCATED = UUID(int=0), UUID(int=1)
"""Places that are no units: the whole country, and what no unit is known for (so that sums hold)."""


class IndicatorFact(Base):
    """One indicator, place and period as it was counted from `as_of` on, until another count replaced it.

    `unit_id` is a unit, NATION or UNALLOCATED. A unit's row holds everything below it. Nothing is ever changed: a late
    or corrected event makes a new row, so every restatement stays to be seen.
    """

    __tablename__ = "indicator_fact"
    __table_args__ = (
        Index(
            "ix_indicator_fact_current",
            *("indicator", "unit_id", "kind", "starts"),
            unique=True,
            sqlite_where=text("replaced_at IS NULL"),
            postgresql_where=text("replaced_at IS NULL"),
        ),
        Index(None, "kind", "starts"),
    )

    indicator: Mapped[str] = mapped_column(String(40), primary_key=True)
    unit_id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(10), primary_key=True)
    starts: Mapped[date] = mapped_column(primary_key=True)
    as_of: Mapped[datetime] = mapped_column(primary_key=True)
    version: Mapped[int]
    numerator: Mapped[int]
    denominator: Mapped[int]
    replaced_at: Mapped[datetime | None]


class FigureDay(Base):
    """A Vietnamese day whose figures must be counted anew."""

    __tablename__ = "figure_day"

    day: Mapped[date] = mapped_column(primary_key=True)


class FigureClock(Base):
    """Up to which event the audit trail was read, and the day of the last publication."""

    __tablename__ = "figure_clock"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    last_event: Mapped[UUID]
    published_on: Mapped[date | None]


class PublishedSpan(Base):
    """At which days the figures of a family and place may be cut for publication (`protection`).

    `boundaries` are ISO days. The figures that go with them are those of `as_of`.
    """

    __tablename__ = "published_span"

    family: Mapped[str] = mapped_column(String(20), primary_key=True)
    unit_id: Mapped[UUID] = mapped_column(primary_key=True)
    boundaries: Mapped[list[str]] = mapped_column(JSON)
    as_of: Mapped[datetime]


class ReferenceCount(Base):
    """A number that no event of ours gives: how many adults live in a unit, or a figure from a report.

    It is so many on a `day`, by a `source` (the document) of a `vintage` (its edition). Nothing is changed: a later
    import ends the row and adds its own, one without a number takes it back.
    """

    __tablename__ = "reference_count"
    __table_args__ = (
        Index(
            "ix_reference_count_current",
            *("measure", "unit_id", "day"),
            unique=True,
            sqlite_where=text("replaced_at IS NULL"),
            postgresql_where=text("replaced_at IS NULL"),
        ),
    )

    measure: Mapped[str] = mapped_column(String(40), primary_key=True)
    unit_id: Mapped[UUID] = mapped_column(primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    imported_at: Mapped[datetime] = mapped_column(primary_key=True)
    number: Mapped[int | None]
    source: Mapped[str] = mapped_column(String(200))
    vintage: Mapped[str] = mapped_column(String(40))
    replaced_at: Mapped[datetime | None]
