"""The rows of warnings. A warning is a task: it has one owner, a last day, and every step is kept."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from identity.base import Base, Keyed


class Kind(StrEnum):
    """What looks odd."""

    OUTLIER = "outlier"
    """A week far from the weeks before it."""
    JUMP = "jump"
    """A day far above every day of the weeks before it."""
    SILENT = "silent"
    """A team that recorded nothing for a long time."""
    BUNCHING = "bunching"
    """A month's records in its last days."""
    BURST = "burst"
    """Many records of one member in a few minutes."""
    UNCONFIRMED = "unconfirmed"
    """Claimed outcomes that the system did not see."""


DATA_KINDS = frozenset(Kind) - {Kind.SILENT}
"""Those that say that figures may be wrong; while one is open nothing is forecast from them."""


class State(StrEnum):
    """Where a warning stands."""

    OPEN = "open"
    RESOLVED = "resolved"


class Step(StrEnum):
    """What happened to it."""

    FOUND = "found"
    RAISED = "raised"
    LESSON = "lesson"
    CORRECTION = "correction"
    REOPENED = "reopened"


class FigureWarning(Keyed, Base):
    """Something odd in the figures of a unit or team. `key` says what: the same is found once.

    `owner_id` None: nobody coordinates or leads the unit or any above it. `lesson` is what was learned from it.
    """

    __tablename__ = "figure_warning"
    __table_args__ = (Index(None, "unit_id", "state"), Index(None, "state", "due_on"))

    kind: Mapped[str] = mapped_column(String(20))
    key: Mapped[str] = mapped_column(String(160), unique=True)
    indicator: Mapped[str | None] = mapped_column(String(40))
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"))
    team_id: Mapped[UUID | None] = mapped_column(ForeignKey("team.id"), index=True)
    found_at: Mapped[datetime]
    facts: Mapped[dict[str, Any]] = mapped_column(JSON)
    owner_id: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"), index=True)
    due_on: Mapped[date]
    state: Mapped[str] = mapped_column(String(10))
    lesson: Mapped[str | None] = mapped_column(String(500))


class FigureWarningStep(Keyed, Base):
    """One step of a warning, with the note of who took it."""

    __tablename__ = "figure_warning_step"

    warning_id: Mapped[UUID] = mapped_column(ForeignKey("figure_warning.id"), index=True)
    step: Mapped[str] = mapped_column(String(12))
    note: Mapped[str] = mapped_column(String(500))
    at: Mapped[datetime]
    by_id: Mapped[UUID | None]
