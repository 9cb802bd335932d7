"""Checking in: the code scanned from the trainer's screen, or the six digits said aloud."""

from __future__ import annotations

from uuid import UUID

from flask import Response, redirect, url_for
from werkzeug.wrappers import Response as Answer

from identity.base import Refused
from onboarding.attendance import attend_by_spoken_code, attend_by_ticket
from onboarding.check_in import check_in_rules, give_ticket, is_open, takes_late_proof
from onboarding.training import Course, TrainingSession, get_session
from portal.database import db
from portal.fields import CodeField, HouseForm
from portal.language import _l
from portal.learn import blueprint
from portal.learn.visitor import acting_learner, person_id
from portal.pages import page
from portal.security import guarded, limiter, resident, writes
from portal.security.cookies import drop_cookie, read_cookie, set_cookie
from portal.services import now

COOKIE = "eid_check_in"


class SpokenCodeForm(HouseForm):
    """The six digits under the code on the screen."""

    code = CodeField(
        _l("Code that the trainer says"),
        hint=_l("Six digits. They change every minute."),
        autocomplete="off",
        required=_l("Enter the six digits"),
    )


@blueprint.get("/check-in/<uuid:session_id>/<token>")
@writes
@limiter.limit("60 per minute")
def scan(session_id: UUID, token: str) -> Answer:
    """The address in the QR code. Fresh, it is swapped for a ticket, so that there is time to sign in."""
    moment = now()
    ticket = give_ticket(db, get_session(db, session_id), token, now=moment)
    response = redirect(url_for("learn.check_in"), 303)
    set_cookie(response, COOKIE, f"{session_id}.{ticket}", check_in_rules(moment).ticket)
    return response


@blueprint.get("/check-in")
def check_in() -> Response:
    session = _scanned()
    course = db.get(Course, session.course_id) if session else None
    return page("learn/check_in.html", session=session, course=course, is_resident=person_id() is not None)


@blueprint.post("/check-in")
@guarded(resident)
def confirm() -> Answer:
    ticket = (read_cookie(COOKIE) or "").partition(".")[2]
    session_id = attend_by_ticket(db, acting_learner(), ticket, now=now())
    if isinstance(session_id, Refused):
        raise session_id
    response = redirect(url_for("learn.progress", done="counted"), 303)
    drop_cookie(response, COOKIE)
    return response


@blueprint.get("/sessions/<uuid:session_id>/code")
@guarded(resident)
def spoken(session_id: UUID) -> Response:
    return _spoken_page(SpokenCodeForm(), session_id)


@blueprint.post("/sessions/<uuid:session_id>/code")
@guarded(resident)
def give_spoken_code(session_id: UUID) -> Response | Answer:
    form, session = SpokenCodeForm(), get_session(db, session_id)
    if form.validate_on_submit():
        refusal = attend_by_spoken_code(db, session, acting_learner(), form.code.data, now=now())
        if refusal is None:
            return redirect(url_for("learn.progress", done="counted"), 303)
        form.show(refusal)
    return _spoken_page(form, session_id)


def _spoken_page(form: SpokenCodeForm, session_id: UUID) -> Response:
    session = get_session(db, session_id)
    course = db.get(Course, session.course_id)
    return page(
        "learn/code.html",
        form=form,
        session=session,
        course=course,
        is_open=is_open(session, now()) or takes_late_proof(session, now()),
    )


def _scanned() -> TrainingSession | None:
    """The session whose code this browser has scanned a moment ago."""
    try:
        return db.get(TrainingSession, UUID((read_cookie(COOKIE) or "").partition(".")[0]))
    except ValueError:
        return None
