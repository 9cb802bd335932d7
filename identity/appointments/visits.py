"""What became of an appointment, as the office sees it."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Row, select
from sqlalchemy.orm import Session, object_session

from identity.application import Application, notices
from identity.application.refusing import EXPECTED
from identity.application.review import check_not_own
from identity.appointments.model import Appointment, AppointmentState, end, find_appointment
from identity.appointments.slots import bounds
from identity.audit import Actor, Event, record
from identity.base import Refused
from identity.places import Office

NO_SHOW = "appointment-missed"
Booked = Row[Appointment, Application]


def appointments_on(db: Session, office: Office, day: date) -> list[Booked]:
    """The day's appointments at this office, by time and seat, with their applications.

    Not those given back, nor those of an application that another office has now.
    """
    begin, until = bounds(day, day)
    query = (
        select(Appointment, Application)
        .join(Application, Application.id == Appointment.application_id)
        .where(Appointment.office_id == office.id, Application.office_id == office.id)
        .where(Appointment.starts_at >= begin, Appointment.starts_at < until, Appointment.seat.is_not(None))
        .order_by(Appointment.starts_at, Appointment.seat)
    )
    return list(db.execute(query))


def came(db: Session, appointment_id: UUID, application: Application, officer: Actor, *, now: datetime) -> None:
    """The applicant stands at the counter. Said twice, it is said once."""
    _settle(db, appointment_id, application, officer, AppointmentState.CAME, now=now)


def did_not_come(db: Session, appointment_id: UUID, application: Application, officer: Actor, *, now: datetime) -> None:
    """The time is over and nobody came; the applicant is told how to book again. Refused before the time has come."""
    _settle(db, appointment_id, application, officer, AppointmentState.NO_SHOW, now=now)


def is_expected(application: Application, now: datetime) -> bool:
    """Whether the applicant has a time that is still to come; nobody is refused for not having come before it."""
    db = object_session(application)
    held = find_appointment(db, application) if db is not None else None
    return held is not None and held.starts_at > now


EXPECTED.append(is_expected)


def note_no_show(db: Session, held: Appointment, application: Application, by: Actor, *, now: datetime) -> bool:
    """Close it as missed and say so; False when it was closed already."""
    starts_at = held.starts_at
    if not end(db, held, AppointmentState.NO_SHOW, now=now):
        return False
    record(db, Event.APPOINTMENT_MISSED, by, now=now, subject=application.subject, at=starts_at.isoformat())
    notices.tell(db, application, NO_SHOW, now=now, starts_at=starts_at)
    return True


def note_came(db: Session, held: Appointment, application: Application, by: Actor, *, now: datetime) -> bool:
    """Close it as kept; False when it was closed already."""
    starts_at = held.starts_at
    if not end(db, held, AppointmentState.CAME, now=now):
        return False
    record(db, Event.APPOINTMENT_KEPT, by, now=now, subject=application.subject, at=starts_at.isoformat())
    return True


def _settle(
    db: Session,
    appointment_id: UUID,
    application: Application,
    officer: Actor,
    outcome: AppointmentState,
    *,
    now: datetime,
) -> None:
    check_not_own(db, application, officer)
    held = db.get(Appointment, appointment_id)
    if held is None or held.application_id != application.id:
        raise Refused("appointment-unknown")
    if held.state == outcome.value:
        return
    if outcome is AppointmentState.NO_SHOW and held.starts_at > now:
        raise Refused("appointment-not-yet")
    done = note_came if outcome is AppointmentState.CAME else note_no_show
    if not done(db, held, application, officer, now=now):
        raise Refused("appointment-changed")
