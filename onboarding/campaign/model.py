"""The rows of a campaign. Targets and the steps of tasks are never overwritten: what was said stays."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, false
from sqlalchemy.orm import Mapped, mapped_column

from identity.base import Base, Keyed
from onboarding.figures.model import NATION


class AimKind(StrEnum):
    """What a target is a number of."""

    SHARE = "share"
    COUNT = "count"


class TaskState(StrEnum):
    """Where a task stands."""

    OPEN = "open"
    DOING = "doing"
    DONE = "done"
    DROPPED = "dropped"


class TaskStep(StrEnum):
    """What a line of a task's history says."""

    MOVED = "moved"
    ASKED = "asked"
    GIVEN = "given"
    KEPT = "kept"
    HANDED = "handed"


class Campaign(Keyed, Base):
    """Work of a span of days in some units. `source` is the document that orders it."""

    __tablename__ = "campaign"

    name: Mapped[str] = mapped_column(String(120))
    first_day: Mapped[date] = mapped_column(index=True)
    last_day: Mapped[date]
    source: Mapped[str] = mapped_column(String(160))
    is_national: Mapped[bool] = mapped_column(default=False, server_default=false())
    """It takes place in the whole country, and then in no unit of its own."""
    planned_at: Mapped[datetime]
    planned_by_id: Mapped[UUID | None]
    closed_at: Mapped[datetime | None]
    closed_by_id: Mapped[UUID | None]


class CampaignUnit(Base):
    """A unit, with everything below it, in which a campaign takes place."""

    __tablename__ = "campaign_unit"

    campaign_id: Mapped[UUID] = mapped_column(ForeignKey("campaign.id"), primary_key=True)
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"), primary_key=True, index=True)


class CampaignGroup(Keyed, Base):
    """A working group or task force of a campaign."""

    __tablename__ = "campaign_group"

    campaign_id: Mapped[UUID] = mapped_column(ForeignKey("campaign.id"), index=True)
    name: Mapped[str] = mapped_column(String(120))


class CampaignTarget(Keyed, Base):
    """How far a unit is to come by a day. A new aim for the same ends the old row, which stays."""

    __tablename__ = "campaign_target"
    __table_args__ = (Index(None, "campaign_id", "ended_at"),)

    campaign_id: Mapped[UUID] = mapped_column(ForeignKey("campaign.id"))
    unit_id: Mapped[UUID | None] = mapped_column(ForeignKey("unit.id"))
    """None: the whole country."""
    indicator: Mapped[str] = mapped_column(String(40))
    indicator_version: Mapped[int]
    kind: Mapped[str] = mapped_column(String(10))
    aim: Mapped[int]
    """Tenths of a percent of a share, whole numbers of a count."""
    deadline: Mapped[date]
    source: Mapped[str] = mapped_column(String(160))
    set_at: Mapped[datetime]
    set_by_id: Mapped[UUID | None]
    ended_at: Mapped[datetime | None]

    @property
    def place_id(self) -> UUID:
        """As figures know it."""
        return self.unit_id or NATION


class CampaignResult(Base):
    """How a target stood when its campaign was closed: exactly, and as it was published. Later counts change nothing.

    None is a figure that was missing; `shown` says whether the published one was suppressed.
    """

    __tablename__ = "campaign_result"

    target_id: Mapped[UUID] = mapped_column(ForeignKey("campaign_target.id"), primary_key=True)
    numerator: Mapped[int | None]
    denominator: Mapped[int | None]
    counted_at: Mapped[datetime | None]
    shown: Mapped[str] = mapped_column(String(10))
    shown_numerator: Mapped[int | None]
    shown_denominator: Mapped[int | None]
    shown_at: Mapped[datetime | None]


class CampaignTask(Keyed, Base):
    """Something one member of staff has to do until a day."""

    __tablename__ = "campaign_task"
    __table_args__ = (Index(None, "unit_id", "state", "due_on"),)

    campaign_id: Mapped[UUID] = mapped_column(ForeignKey("campaign.id"), index=True)
    unit_id: Mapped[UUID | None] = mapped_column(ForeignKey("unit.id"))
    """None: the whole country."""
    title: Mapped[str] = mapped_column(String(160))
    owner_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), index=True)
    due_on: Mapped[date]
    first_due_on: Mapped[date | None]
    """The last day it was given with, once it was given more time."""
    asked_due_on: Mapped[date | None]
    """Until when its owner asks for, while nobody has answered."""
    state: Mapped[str] = mapped_column(String(10))
    given_at: Mapped[datetime]
    given_by_id: Mapped[UUID | None]
    told_late_at: Mapped[datetime | None]
    """When its owner heard that it is past its day; once for each last day."""


class CampaignTaskChange(Keyed, Base):
    """One step of a task, with the note of who took it. Of time that is asked for or given, until when (`due_on`)."""

    __tablename__ = "campaign_task_change"

    task_id: Mapped[UUID] = mapped_column(ForeignKey("campaign_task.id"), index=True)
    step: Mapped[str] = mapped_column(String(10), default=TaskStep.MOVED.value, server_default=TaskStep.MOVED.value)
    state: Mapped[str] = mapped_column(String(10))
    due_on: Mapped[date | None]
    note: Mapped[str] = mapped_column(String(200))
    at: Mapped[datetime]
    by_id: Mapped[UUID | None]
    before_id: Mapped[UUID | None]
    """Who had it until it was handed over."""
