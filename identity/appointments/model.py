"""The rows: an appointment, a day on which an office is closed, a number in the queue of a day."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from identity.application import Application
from identity.base import Base, Keyed


class AppointmentState(StrEnum):
    """What became of it; whoever missed one may book again."""

    BOOKED = "booked"
    CAME = "came"
    NO_SHOW = "no_show"
    CANCELLED = "cancelled"


class Appointment(Keyed, Base):
    """A seat in a slot. The database itself keeps a seat from being given twice, and a second open appointment out."""

    __tablename__ = "appointment"
    __table_args__ = (UniqueConstraint("office_id", "starts_at", "seat"), CheckConstraint("seat >= 1", name="seat"))

    application_id: Mapped[UUID] = mapped_column(ForeignKey("application.id"), index=True)
    open_for: Mapped[UUID | None] = mapped_column(unique=True)
    """`application_id` while it is booked: nobody has two."""
    office_id: Mapped[UUID] = mapped_column(ForeignKey("office.id"))
    starts_at: Mapped[datetime]
    seat: Mapped[int | None]
    """Counted from 1 in its slot; none once it was given back."""
    code: Mapped[str] = mapped_column(String(12))
    """Time and seat, for the officer's list; unique at its office on its day, and it opens nothing."""
    state: Mapped[str] = mapped_column(String(12))
    booked_at: Mapped[datetime]
    remind_at: Mapped[datetime | None] = mapped_column(index=True)
    """When the reminder is due; none once it was sent, or when it would come too late to help."""
    ended_at: Mapped[datetime | None]


class OfficeClosure(Base):
    """A working day on which this office receives nobody (inventory, flood, training)."""

    __tablename__ = "office_closure"

    office_id: Mapped[UUID] = mapped_column(ForeignKey("office.id"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    by_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    made_at: Mapped[datetime]


class QueueNumber(Keyed, Base):
    """A number for somebody who came without an appointment. Nothing in it says who."""

    __tablename__ = "queue_number"
    __table_args__ = (UniqueConstraint("office_id", "day", "number"),)

    office_id: Mapped[UUID] = mapped_column(ForeignKey("office.id"))
    day: Mapped[date]
    number: Mapped[int]
    taken_at: Mapped[datetime]
    called_at: Mapped[datetime | None]
    done_at: Mapped[datetime | None]


def find_appointment(db: Session, application: Application) -> Appointment | None:
    """The open appointment of this application."""
    return db.scalar(select(Appointment).where(Appointment.open_for == application.id))


def missed_appointment(db: Session, application: Application) -> Appointment | None:
    """The last appointment, when nobody came and no other was booked since: another may be booked."""
    last = (
        select(Appointment).where(Appointment.application_id == application.id).order_by(Appointment.booked_at.desc())
    )
    found = db.scalar(last.limit(1))
    return found if found is not None and found.state == AppointmentState.NO_SHOW else None


def end(db: Session, appointment: Appointment, state: AppointmentState, *, now: datetime) -> bool:
    """Close an open appointment; of two who try at once one gets True. A seat given back is free at once."""
    values: dict[str, Any] = {"state": state.value, "open_for": None, "remind_at": None, "ended_at": now}
    if state is AppointmentState.CANCELLED:
        values["seat"] = None
    ended = db.execute(
        update(Appointment)
        .where(Appointment.id == appointment.id, Appointment.state == AppointmentState.BOOKED.value)
        .values(**values)
        .returning(Appointment.id)
        .execution_options(synchronize_session=False)
    ).scalar_one_or_none()
    db.expire(appointment)
    return ended is not None
