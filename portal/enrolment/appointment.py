"""Coming to the office at a time of one's own: choose office, day and time; move; cancel."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from flask import redirect, request, url_for
from werkzeug.wrappers import Response

from identity.application import Application
from identity.appointments import Appointment, Slot, book, cancel, find_appointment, may_visit, open_days, slots_of
from identity.base import Refused
from identity.deadlines import today_in_vietnam
from identity.places import Office, offices_for
from portal.database import db
from portal.enrolment import blueprint
from portal.enrolment.forms import DayForm, EmptyForm, TimeForm
from portal.enrolment.rows import office_name
from portal.enrolment.visit import unlocked
from portal.language import clock, ngettext, weekday_day
from portal.pages import page
from portal.printing.paper import paper
from portal.security import limiter
from portal.services import now
from portal.words.bring import things_to_bring

MOST = 40


@blueprint.get("/status/appointment")
@unlocked
def appointment(application: Application) -> Response:
    held = find_appointment(db, application)
    if held is None:
        return redirect(url_for("enrolment.choose_time"), 303)
    office = db.get_one(Office, held.office_id)
    return page("enrolment/appointment.html", **_visit(application, held, office))


@blueprint.get("/status/appointment/sheet")
@limiter.limit("20/minute")
@unlocked
def appointment_sheet(application: Application) -> Response:
    held = find_appointment(db, application)
    if held is None:
        return redirect(url_for("enrolment.choose_time"), 303)
    return paper(
        "enrolment/sheets/appointment.html",
        "appointment",
        **_visit(application, held, db.get_one(Office, held.office_id)),
    )


@blueprint.route("/status/appointment/time", methods=["GET", "POST"])
@unlocked
def choose_time(application: Application) -> Response:
    if not may_visit(application):
        return redirect(url_for("enrolment.status"), 303)
    office = _office(application)
    days = [one.day for one in open_days(db, office, now=now())]
    day = _day(days)
    form = TimeForm()
    slots = slots_of(db, office, day, now=now()) if day else []
    form.starts_at.choices = [_choice(slot) for slot in slots if slot.free or _typed(form) == _value(slot)]
    if form.validate_on_submit():
        try:
            book(db, application, office, datetime.fromisoformat(form.starts_at.data), now=now())
        except Refused as refusal:
            form.refuse(refusal)
        else:
            return redirect(url_for("enrolment.appointment"), 303)
    return page("enrolment/choose_time.html", form=form, **_shown(application, office, days, day))


def _visit(application: Application, held: Appointment, office: Office) -> dict[str, Any]:
    return {
        "application": application,
        "held": held,
        "office": office,
        "office_name": office_name(office),
        "bring": things_to_bring(application),
    }


@blueprint.get("/status/appointment/office")
@unlocked
def choose_office(application: Application) -> Response:
    text = request.args.get("q", "").strip()[:80]
    citizen = application.person_kind == "citizen"
    found = [] if citizen and not text else _offices(application.person_kind, text)
    offices = [{"id": one.id, "name": office_name(one), "address": one.address} for one in found[:MOST]]
    return page("enrolment/choose_office.html", text=text, offices=offices, more=len(found) > MOST, is_citizen=citizen)


def _offices(kind: str, text: str) -> list[Office]:
    return offices_for(db, kind, text, on=today_in_vietnam(now()), limit=MOST + 1)


@blueprint.route("/status/appointment/cancel", methods=["GET", "POST"])
@unlocked
def cancel_appointment(application: Application) -> Response:
    held, form = find_appointment(db, application), EmptyForm()
    if held is None:
        return redirect(url_for("enrolment.status"), 303)
    if form.validate_on_submit():
        cancel(db, application, now=now())
        return redirect(url_for("enrolment.status", done="appointment-cancelled"), 303)
    return page("enrolment/cancel_appointment.html", form=form, starts_at=held.starts_at)


def _shown(application: Application, office: Office, days: list[date], day: date | None) -> dict[str, Any]:
    chooser = DayForm(formdata=None, day=day.isoformat() if day else "")
    chooser.day.choices = [(one.isoformat(), weekday_day(one)) for one in days]
    held = find_appointment(db, application)
    back = url_for("enrolment.appointment" if held else "enrolment.status")
    return {"office": office, "office_name": office_name(office), "day": day, "chooser": chooser, "back": back}


def _office(application: Application) -> Office:
    """The one in the address, when it exists; else where the application is."""
    try:
        wanted = db.get(Office, UUID(request.args.get("office", "")))
    except ValueError:
        wanted = None
    held = find_appointment(db, application) if wanted is None else None
    return wanted or db.get_one(Office, held.office_id if held else application.office_id)


def _day(days: list[date]) -> date | None:
    """The day in the address, when it has room or was just sent; else the first with room."""
    try:
        wanted = date.fromisoformat(request.args.get("day", ""))
    except ValueError:
        wanted = None
    if wanted is not None and (wanted in days or request.method == "POST"):
        return wanted
    return days[0] if days else None


def _typed(form: TimeForm) -> str:
    return str(form.starts_at.data or "")


def _value(slot: Slot) -> str:
    return slot.starts_at.isoformat()


def _choice(slot: Slot) -> tuple[str, str, str]:
    left = ngettext("1 place left", "%(num)s places left", slot.free)
    return _value(slot), f"{clock(slot.starts_at)} – {clock(slot.ends_at)}", left
