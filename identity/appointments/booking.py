"""Taking a seat, taking another instead, and giving it back.

Who counts seats holds the office until the transaction ends (`take_turns`); that no seat is given twice the database
keeps as well. An appointment at another office takes the file there: its officers receive it.
"""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from identity.application import Application, State, notices
from identity.appointments.model import Appointment, AppointmentState, end, find_appointment
from identity.appointments.slots import slots_of
from identity.audit import VISITOR, Actor, Event, record
from identity.base import Refused
from identity.deadlines import VIETNAM, calendar, today_in_vietnam
from identity.places import Office
from identity.places.offices import RECEIVES
from identity.turns import take_turns

BOOKED = "appointment-booked"
CANCELLED = "appointment-cancelled"
AWAITS_VISIT = frozenset({State.SUBMITTED, State.RECEIVED, State.SUPPLEMENT_REQUESTED, State.RESUBMITTED})
"""Before the counter visit; afterwards there is nothing to come for."""
REMINDED_FROM = time(8)


def may_visit(application: Application) -> bool:
    """Whether the applicant still has to come."""
    return application.level == 2 and application.state in AWAITS_VISIT


def book(
    db: Session, application: Application, office: Office, starts_at: datetime, *, now: datetime, actor: Actor = VISITOR
) -> Appointment:
    """Take a seat; an open appointment is given back for it. Sending the same time twice finds the seat that is held.

    Refused: "appointment-state", "office-does-not-receive", "appointment-time", "appointment-full".
    """
    take_turns(db, application.id.bytes, office.id.bytes)
    db.refresh(application, ["state", "version", "office_id", "unit_id"])
    _check(application, office)
    held = find_appointment(db, application)
    if held is not None and (held.office_id, held.starts_at) == (office.id, starts_at):
        return held
    seat = _free_seat(db, office, starts_at, now=now)
    if held is not None:
        end(db, held, AppointmentState.CANCELLED, now=now)
    taken = _take(db, application, office, starts_at, seat, now=now)
    _go_to(db, application, office)
    event = Event.APPOINTMENT_BOOKED if held is None else Event.APPOINTMENT_MOVED
    record(db, event, actor, now=now, subject=application.subject, office=str(office.id), at=starts_at.isoformat())
    tell(db, application, office, taken, BOOKED, now=now)
    return taken


def cancel(db: Session, application: Application, *, now: datetime, actor: Actor = VISITOR) -> None:
    """Give the seat back; nothing happens when there is none (a second click). Another may be taken at any time."""
    held = find_appointment(db, application)
    if held is None or not end(db, held, AppointmentState.CANCELLED, now=now):
        return
    record(db, Event.APPOINTMENT_CANCELLED, actor, now=now, subject=application.subject, at=held.starts_at.isoformat())
    tell(db, application, db.get_one(Office, held.office_id), held, CANCELLED, now=now)


def tell(db: Session, application: Application, office: Office, held: Appointment, kind: str, *, now: datetime) -> None:
    """Queue a message about this appointment, with the office as the applicant's language names it."""
    facts: dict[str, Any] = {"starts_at": held.starts_at, "visit_code": held.code, "place": office.address}
    name = office.name if application.locale == "vi" else office.english_name
    notices.tell(db, application, kind, now=now, office=name, **facts)


def _check(application: Application, office: Office) -> None:
    if not may_visit(application):
        raise Refused("appointment-state")
    if office.kind != RECEIVES[application.person_kind]:
        raise Refused("office-does-not-receive")


def _free_seat(db: Session, office: Office, starts_at: datetime, *, now: datetime) -> int:
    """The lowest seat that nobody has."""
    day = today_in_vietnam(starts_at)
    slot = next((one for one in slots_of(db, office, day, now=now) if one.starts_at == starts_at), None)
    if slot is None:
        raise Refused("appointment-time", field="starts_at")
    if not slot.free:
        raise Refused("appointment-full", field="starts_at")
    held = select(Appointment.seat).where(Appointment.office_id == office.id, Appointment.starts_at == starts_at)
    taken = set(db.scalars(held.where(Appointment.seat.is_not(None))))
    return next(seat for seat in range(1, len(taken) + 2) if seat not in taken)


def _take(
    db: Session, application: Application, office: Office, starts_at: datetime, seat: int, *, now: datetime
) -> Appointment:
    remind_at = _reminder(office, starts_at)
    taken = Appointment(
        application_id=application.id,
        open_for=application.id,
        office_id=office.id,
        starts_at=starts_at,
        seat=seat,
        code=f"{starts_at.astimezone(VIETNAM):%H%M}-{seat}",
        state=AppointmentState.BOOKED.value,
        booked_at=now,
        remind_at=remind_at if remind_at > now else None,
    )
    db.add(taken)
    db.flush()
    return taken


def _reminder(office: Office, starts_at: datetime) -> datetime:
    """The morning of the working day before."""
    day = today_in_vietnam(starts_at) - timedelta(days=1)
    while not calendar(office.opens).is_working_day(day):
        day -= timedelta(days=1)
    return datetime.combine(day, REMINDED_FROM, VIETNAM).astimezone(UTC)


def _go_to(db: Session, application: Application, office: Office) -> None:
    """Hand the file to the office of the visit. A page that an officer has open there and then is out of date."""
    if application.office_id == office.id:
        return
    moved = db.execute(
        update(Application)
        .where(Application.id == application.id, Application.version == application.version)
        .values(office_id=office.id, unit_id=office.unit_id, version=application.version + 1)
        .returning(Application.id)
        .execution_options(synchronize_session=False)
    ).scalar_one_or_none()
    if moved is None:
        raise Refused("application-changed")
    db.refresh(application, ["version", "office_id", "unit_id"])
