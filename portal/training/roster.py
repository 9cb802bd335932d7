"""Counting people by hand: ticks on a list, walk-ins with a help code, slips for people without an account."""

from __future__ import annotations

from uuid import UUID

from flask import Response, redirect, request, url_for
from flask import session as browser
from werkzeug.wrappers import Response as Answer

from identity.base import Refused
from onboarding.roster import (
    attend_by_roster,
    walk_in_again,
    walk_in_with_help_code,
    walk_in_with_slip,
    withdraw_attendance,
)
from portal.database import db
from portal.services import now
from portal.training import blueprint
from portal.training.acting import acting_member, group_of, learner_in, own_session
from portal.training.forms import HelpCodeForm, SlipAgainForm, SlipForm
from portal.training.sessions import SLIP, session_page


@blueprint.post("/sessions/<uuid:session_id>/roster")
def tick(session_id: UUID) -> Answer:
    found, group = own_session(session_id), group_of(session_id)
    ticked = [learner_id for learner_id in group if str(learner_id) in request.form.getlist("there")]
    attend_by_roster(db, acting_member(), found, ticked, now=now())
    return _back(session_id)


@blueprint.post("/sessions/<uuid:session_id>/people/<uuid:learner_id>/not-here")
def not_here(session_id: UUID, learner_id: UUID) -> Answer:
    found, learner = own_session(session_id), learner_in(session_id, learner_id)
    withdraw_attendance(db, acting_member(), found, learner.id, now=now())
    return _back(session_id)


@blueprint.post("/sessions/<uuid:session_id>/walk-in")
def walk_in(session_id: UUID) -> Response | Answer:
    form, found = HelpCodeForm(), own_session(session_id)
    if form.validate_on_submit():
        refusal = walk_in_with_help_code(db, acting_member(), found, form.help_code.data, now=now())
        if refusal is None:
            return _back(session_id)
        form.show(refusal)
    return session_page(session_id, help_form=form)


@blueprint.post("/sessions/<uuid:session_id>/slips")
def slip(session_id: UUID) -> Response | Answer:
    form, found = SlipForm(), own_session(session_id)
    if form.validate_on_submit():
        made = walk_in_with_slip(db, acting_member(), found, now=now(), age_band=form.age_band.data or None)
        browser[SLIP] = {"code": made.code, "label": made.label}
        return _back(session_id)
    return session_page(session_id, slip_form=form)


@blueprint.post("/sessions/<uuid:session_id>/slips/again")
def slip_again(session_id: UUID) -> Response | Answer:
    form, found = SlipAgainForm(), own_session(session_id)
    if form.validate_on_submit():
        try:
            walk_in_again(db, acting_member(), found, form.slip.data, now=now())
        except Refused as refusal:
            form.refuse(refusal)
        else:
            return _back(session_id)
    return session_page(session_id, again_form=form)


def _back(session_id: UUID) -> Answer:
    return redirect(url_for("training.session", session_id=session_id, _anchor="group"), 303)
