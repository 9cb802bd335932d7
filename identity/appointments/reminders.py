"""What time does by itself: the reminder one working day before, and the end of what nobody settled.

Reminders are a chore over the rows that are due. Once an hour a job closes open appointments whose day is over or has
become a day off, or whose application needs no visit any more (it was withdrawn, or the person was received without
being ticked off).
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from identity.application import Application
from identity.appointments.booking import AWAITS_VISIT, may_visit, tell
from identity.appointments.closing import send_away_from_days_off
from identity.appointments.model import Appointment, AppointmentState, end
from identity.appointments.slots import midnight
from identity.appointments.visits import note_came, note_no_show
from identity.audit import SYSTEM
from identity.deadlines import today_in_vietnam
from identity.jobs import enqueue_once
from identity.places import Office

REMINDER = "appointment-reminder"
JOB = "appointments-settled"
BATCH = 100


def remind(db: Session, *, now: datetime) -> int:
    """Send the reminders that are due; of two workers one claims a row."""
    due = select(Appointment.id).where(Appointment.remind_at <= now).order_by(Appointment.remind_at).limit(BATCH)
    claimed = (
        update(Appointment)
        .where(Appointment.id.in_(due.with_for_update(skip_locked=True)))
        .values(remind_at=None)
        .returning(Appointment.id)
        .execution_options(synchronize_session=False)
    )
    sent = 0
    for id_ in list(db.scalars(claimed)):
        held = db.get_one(Appointment, id_, populate_existing=True)
        application = db.get_one(Application, held.application_id)
        if held.state == AppointmentState.BOOKED and held.starts_at > now and may_visit(application):
            tell(db, application, db.get_one(Office, held.office_id), held, REMINDER, now=now)
            sent += 1
    return sent


def start_the_hours_settling(db: Session, *, now: datetime) -> None:
    """Ask for this hour's job once, by whichever worker comes first."""
    hour = now.replace(minute=0, second=0, microsecond=0).isoformat()
    enqueue_once(db, JOB, hour, {"hour": hour}, lasting=timedelta(hours=2), now=now)


def settle_some(db: Session, cursor: dict[str, Any] | None, *, now: datetime) -> dict[str, Any] | None:
    """Close the next batch; returns where to go on, or None at the end."""
    after = UUID(cursor["after"]) if cursor and "after" in cursor else UUID(int=0)
    if after.int == 0:
        send_away_from_days_off(db, now=now)
    over = Appointment.starts_at < midnight(today_in_vietnam(now))
    rows = db.execute(
        select(Appointment, Application)
        .join(Application, Application.id == Appointment.open_for)
        .where(or_(over, Application.state.not_in([state.value for state in AWAITS_VISIT])), Appointment.id > after)
        .order_by(Appointment.id)
        .limit(BATCH)
    ).all()
    last = str(rows[-1][0].id) if len(rows) == BATCH else None
    for held, application in rows:
        _settle(db, held, application, now=now)
    return {"after": last} if last else None


def _settle(db: Session, held: Appointment, application: Application, *, now: datetime) -> None:
    if may_visit(application):
        note_no_show(db, held, application, SYSTEM, now=now)
    elif application.captured_at is not None and application.captured_at >= held.booked_at:
        note_came(db, held, application, SYSTEM, now=now)
    else:
        end(db, held, AppointmentState.CANCELLED, now=now)
