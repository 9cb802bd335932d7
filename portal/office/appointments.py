"""The day at the counter: who has an appointment, who waits with a number, and days on which nobody is received."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from flask import abort, redirect, request, url_for
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as Answer

from identity.application import Application
from identity.appointments import (
    Appointment,
    AppointmentState,
    appointments_on,
    call_next,
    came,
    close_day,
    did_not_come,
    finish,
    open_day,
    queue_now,
    slots_of,
    take_number,
)
from identity.appointments.slots import closed_days
from identity.appointments.walk_in import being_served
from identity.audit import Actor
from identity.base import Refused
from identity.deadlines import calendar, today_in_vietnam
from identity.places import Office
from identity.staff import units_in_reach
from portal.database import db
from portal.language import _l, ngettext
from portal.office import blueprint
from portal.office.access import APPROVING, OFFICERS, officer, reach
from portal.pages import page
from portal.services import now
from portal.words.places import office_name

MOST = 300
"""Offices to choose from: more than any province has."""
FAR = timedelta(days=366)
"""How far from today a day may be looked at."""
STATES: dict[str, tuple[Any, str]] = {
    AppointmentState.BOOKED: (_l("Expected"), "waiting"),
    AppointmentState.CAME: (_l("Came"), "good"),
    AppointmentState.NO_SHOW: (_l("Did not come"), "off"),
}


@dataclass(frozen=True, slots=True)
class Visit:
    """One line of the day's list."""

    id: UUID
    application_id: UUID
    starts_at: Any
    code: str
    name: str
    dossier_number: str
    state: tuple[Any, str]
    is_expected: bool
    is_due: bool


@blueprint.get("/appointments", endpoint="appointments")
def show_appointments() -> Answer:
    offices, moment = offices_in_reach(db), now()
    if not offices:
        return page("office/no_office.html")
    chosen = request.args.get("office", "")
    office = next((one for one in offices if str(one.id) == chosen), offices[0])
    shown, today = day_of(today_in_vietnam(moment)), today_in_vietnam(moment)
    return page(
        "office/appointments.html",
        office=office,
        offices=[(one.id, office_name(one)) for one in offices],
        day=shown,
        is_today=shown == today,
        visits=[_visit(held, application) for held, application in appointments_on(db, office, shown)],
        waiting=queue_now(db, office, now=moment),
        serving=being_served(db, office, now=moment),
        places=ngettext("1 place left", "%(num)s places left", _places_left(office, shown)),
        is_working=calendar(office.opens).is_working_day(shown),
        is_closed=shown in closed_days(db, office, shown, shown),
        may_close=shown > today and any(held.role == APPROVING for held in officer().roles),
    )


@blueprint.post("/appointments/<uuid:application_id>/<uuid:appointment_id>/came")
def note_came(application_id: UUID, appointment_id: UUID) -> Answer:
    application, actor = reach(db, application_id)
    came(db, appointment_id, application, actor, now=now())
    return _back(application.office_id)


@blueprint.post("/appointments/<uuid:application_id>/<uuid:appointment_id>/missed")
def note_missed(application_id: UUID, appointment_id: UUID) -> Answer:
    application, actor = reach(db, application_id)
    did_not_come(db, appointment_id, application, actor, now=now())
    return _back(application.office_id)


@blueprint.post("/appointments/<uuid:office_id>/numbers")
def give_number(office_id: UUID) -> Answer:
    given = take_number(db, office_in_reach(office_id), now=now())
    return redirect(url_for("office.number", office_id=office_id, number_id=given.id), 303)


@blueprint.get("/appointments/<uuid:office_id>/numbers/<uuid:number_id>")
def number(office_id: UUID, number_id: UUID) -> Answer:
    office, moment = office_in_reach(office_id), now()
    given = next((one for one in queue_now(db, office, now=moment) if one.id == number_id), None)
    if given is None:  # called already
        return _back(office_id)
    return page("office/number.html", office=office, office_name=office_name(office), given=given, shown_at=moment)


@blueprint.post("/appointments/<uuid:office_id>/numbers/next")
def call_number(office_id: UUID) -> Answer:
    call_next(db, office_in_reach(office_id), now=now())
    return _back(office_id)


@blueprint.post("/appointments/<uuid:office_id>/numbers/<uuid:number_id>/done")
def finish_number(office_id: UUID, number_id: UUID) -> Answer:
    finish(db, office_in_reach(office_id), number_id, now=now())
    return _back(office_id)


@blueprint.post("/appointments/<uuid:office_id>/close")
def close_office_day(office_id: UUID) -> Answer:
    office = office_in_reach(office_id, APPROVING)
    close_day(db, office, day_of(today_in_vietnam(now())), Actor(officer().account_id, APPROVING), now=now())
    return _back(office_id)


@blueprint.post("/appointments/<uuid:office_id>/open")
def open_office_day(office_id: UUID) -> Answer:
    office = office_in_reach(office_id, APPROVING)
    open_day(db, office, day_of(today_in_vietnam(now())), Actor(officer().account_id, APPROVING), now=now())
    return _back(office_id)


def office_in_reach(office_id: UUID, *roles: str) -> Office:
    """The office when the officer's role reaches it; else refused, and the attempt recorded."""
    office = db.get(Office, office_id) or abort(404)
    if office.unit_id not in units_in_reach(db, officer().roles, *(roles or OFFICERS)):
        raise Refused("out-of-scope", audited=True)
    return office


def offices_in_reach(look: Session) -> list[Office]:
    """The offices whose visits this officer may see, those of the officer's own unit first."""
    units, own = units_in_reach(look, officer().roles, *OFFICERS), officer().units_for(*OFFICERS)
    query = select(Office).where(Office.unit_id.in_(units)).order_by(Office.unit_id.not_in(own), Office.search_folded)
    return list(look.scalars(query.limit(MOST)))


def day_of(today: date) -> date:
    """The day in the address, at most a year away; else today, or the next working day."""
    asked = day_asked(today)
    if asked is not None:
        return asked
    return today if calendar().is_working_day(today) else calendar().add_working_days(today, 1)


def day_asked(today: date) -> date | None:
    """The day in the address, if it is one and at most a year away."""
    try:
        asked = date.fromisoformat(request.values.get("day", ""))
    except ValueError:
        return None
    return asked if abs(asked - today) <= FAR else None


def _back(office_id: UUID) -> Answer:
    shown = day_of(today_in_vietnam(now()))
    return redirect(url_for("office.appointments", office=office_id, day=shown.isoformat()), 303)


def _visit(held: Appointment, application: Application) -> Visit:
    expected = held.state == AppointmentState.BOOKED
    return Visit(
        id=held.id,
        application_id=application.id,
        starts_at=held.starts_at,
        code=held.code,
        name=application.full_name or "",
        dossier_number=application.dossier_number,
        state=STATES[AppointmentState(held.state)],
        is_expected=expected,
        is_due=expected and held.starts_at <= now(),
    )


def _places_left(office: Office, shown: date) -> int:
    return sum(slot.free for slot in slots_of(db, office, shown, now=now()))
