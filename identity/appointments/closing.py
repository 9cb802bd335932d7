"""Days on which nobody is received: a working day that one office closes, which may be taken back, and a working day
that became a day off for all after people had booked (a swap is announced months later than some book).
"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from identity.application import Application
from identity.appointments.booking import tell
from identity.appointments.model import Appointment, AppointmentState, OfficeClosure, end
from identity.appointments.visits import appointments_on
from identity.audit import SYSTEM, Actor, Event, record
from identity.base import Refused
from identity.deadlines import calendar, today_in_vietnam
from identity.places import Office
from identity.turns import take_turns

CLOSED = "appointment-office-closed"


def close_day(db: Session, office: Office, day: date, officer: Actor, *, now: datetime) -> int:
    """Give no more seats on this day, and give back those taken: each applicant is told. Returns how many.

    Refused "closure-past" for today and before: who is on the way is received.
    """
    if day <= today_in_vietnam(now):
        raise Refused("closure-past", field="day")
    if officer.account_id is None:
        raise Refused("not-allowed")
    take_turns(db, office.id.bytes)
    if db.get(OfficeClosure, (office.id, day)) is not None:
        return 0
    db.add(OfficeClosure(office_id=office.id, day=day, by_id=officer.account_id, made_at=now))
    record(db, Event.OFFICE_DAY_CLOSED, officer, now=now, subject=("office", office.id), day=day.isoformat())
    return sum(_send_away(db, office, *row, officer, now=now) for row in appointments_on(db, office, day))


def open_day(db: Session, office: Office, day: date, officer: Actor, *, now: datetime) -> bool:
    """Receive people on this day after all; seats that were given back stay free. False when it was not closed.

    Refused "closure-past" for today and before.
    """
    if day <= today_in_vietnam(now):
        raise Refused("closure-past", field="day")
    take_turns(db, office.id.bytes)
    reopened = delete(OfficeClosure).where(OfficeClosure.office_id == office.id, OfficeClosure.day == day)
    if db.scalar(reopened.returning(OfficeClosure.day)) is None:
        return False
    record(db, Event.OFFICE_DAY_OPENED, officer, now=now, subject=("office", office.id), day=day.isoformat())
    return True


def send_away_from_days_off(db: Session, *, now: datetime) -> None:
    """Give back the seats of days that are working days no more, and tell whoever had them."""
    to_come = select(Appointment.starts_at).where(Appointment.open_for.is_not(None), Appointment.starts_at > now)
    days = calendar()
    off = [at for at in db.scalars(to_come.distinct()) if not days.is_working_day(today_in_vietnam(at))]
    query = select(Appointment, Application, Office).join(Application, Application.id == Appointment.open_for)
    rows = query.join(Office, Office.id == Appointment.office_id).where(Appointment.starts_at.in_(off))
    for held, application, office in db.execute(rows.order_by(Appointment.id)).all() if off else ():
        _send_away(db, office, held, application, SYSTEM, now=now)


def _send_away(
    db: Session, office: Office, held: Appointment, application: Application, officer: Actor, *, now: datetime
) -> bool:
    if held.state != AppointmentState.BOOKED or not end(db, held, AppointmentState.CANCELLED, now=now):
        return False
    at = held.starts_at.isoformat()
    record(db, Event.APPOINTMENT_CANCELLED, officer, now=now, subject=application.subject, at=at)
    tell(db, application, office, held, CLOSED, now=now)
    return True
