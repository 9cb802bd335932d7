"""Taking a case, handing it back, and saying of whom one is not the officer."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response, redirect, request, url_for
from werkzeug.wrappers import Response as Answer

from identity.application import check_version, hand_back, may, take_here
from identity.application.conflicts import declare
from identity.application.desks import find_at_counter, free_from
from identity.base import Refused
from identity.operation.routes import manual
from identity.staff import units_in_reach
from portal.database import db
from portal.fields import SelectField, TextField
from portal.language import _, _l
from portal.office import blueprint
from portal.office.access import RECEIVING, SUPERVISOR, case_for, officer, reach
from portal.office.case import show_again, show_case
from portal.office.forms import CaseForm, StepForm
from portal.office.words import HAND_BACK, TIES
from portal.pages import page
from portal.security import guarded, staff, writes
from portal.services import now


class TakeHereForm(CaseForm):
    """The applicant stands at the counter with the paper."""

    shown = TextField(
        _l("Last 4 signs of the number on the applicant’s paper"),
        length=8,
        hint=_l("Identity card or passport. The application is yours then."),
        required=_l("Enter the last 4 signs"),
    )


class WalkInForm(CaseForm):
    """Who stands at the counter, by the paper in their hand."""

    number = TextField(
        _l("Number of the identity card or passport"),
        length=30,
        hint=_l("For a passport, the three letters of the country first: KOR M12345678"),
        required=_l("Enter the number"),
    )


class HandBackForm(CaseForm):
    """Why somebody else goes on."""

    reason = SelectField(_l("Why do you hand it back?"), choices=list(HAND_BACK.items()))


class ConflictForm(CaseForm):
    """What ties the officer to the applicant."""

    tie = SelectField(_l("What ties you to the applicant?"), choices=list(TIES.items()))


@blueprint.post("/cases/<uuid:application_id>/take-here", endpoint="take_here")
def take_at_counter(application_id: UUID) -> Answer:
    form = TakeHereForm()
    application, actor = reach(db, application_id, RECEIVING)
    take_here(db, application, actor, str(form.shown.data or ""), now=now())
    return redirect(url_for("office.case", application_id=application_id), 303)


@blueprint.route("/walk-in", methods=["GET", "POST"])
@guarded(staff(RECEIVING))
def walk_in() -> Response | Answer:
    form = WalkInForm()
    if form.validate_on_submit():
        try:
            application = find_at_counter(db, units_in_reach(db, officer().roles, RECEIVING), form.number.data)
            _found, actor = reach(db, application.id, RECEIVING)
            take_here(db, application, actor, (application.number or "")[-4:], now=now())
        except Refused as refusal:
            if refusal.audited and not refusal.field:
                raise
            form.refuse(refusal)
        else:
            goal = "office.counter" if may(application, "record_capture") else "office.case"
            return redirect(url_for(goal, application_id=application.id), 303)
    return page("office/walk_in.html", 422 if request.method == "POST" else 200, form=form, away=manual(db))


@blueprint.get("/cases/<uuid:application_id>/hand-back", endpoint="hand_back")
@writes
def hand_back_page(application_id: UUID) -> Response:
    application, actor = case_for(db, application_id)
    form = HandBackForm(version=str(application.version))
    return show_case("office/case_form.html", application, actor, form, **_hand_back())


@blueprint.post("/cases/<uuid:application_id>/hand-back")
def give_back(application_id: UUID) -> Response | Answer:
    form = HandBackForm()
    if form.validate_on_submit():
        try:
            application, actor = case_for(db, application_id)
            check_version(application, form.seen)
            hand_back(db, application, actor, form.reason.data, now=now())
        except Refused as refusal:
            if refusal.audited:
                raise
            form.refuse(refusal)
        else:
            return redirect(url_for("office.queue"), 303)
    return show_again("office/case_form.html", application_id, form, **_hand_back())


@blueprint.post("/cases/<uuid:application_id>/release")
def release(application_id: UUID) -> Answer:
    form = StepForm()
    application, actor = case_for(db, application_id, SUPERVISOR)
    check_version(application, form.seen)
    free_from(db, application, actor, now=now())
    return redirect(url_for("office.case", application_id=application_id), 303)


@blueprint.get("/cases/<uuid:application_id>/conflict", endpoint="conflict")
@writes
def conflict_page(application_id: UUID) -> Response:
    application, actor = case_for(db, application_id)
    form = ConflictForm(version=str(application.version))
    return show_case("office/case_form.html", application, actor, form, **_conflict())


@blueprint.post("/cases/<uuid:application_id>/conflict")
def declare_conflict(application_id: UUID) -> Response | Answer:
    form = ConflictForm()
    if form.validate_on_submit():
        application, actor = case_for(db, application_id)
        declare(db, application, actor, form.tie.data, now=now())
        return redirect(url_for("office.conflicts"), 303)
    return show_again("office/case_form.html", application_id, form, **_conflict())


def _hand_back() -> dict[str, Any]:
    return {
        "heading": _("Hand the application back"),
        "consequence": _("The next officer gets it. You are not given it again today."),
        "send_text": _("Hand it back"),
        "fields": ("reason",),
    }


def _conflict() -> dict[str, Any]:
    return {
        "heading": _("Conflict of interest"),
        "consequence": _(
            "The applications of this person leave your list at once and do not open for you any more. "
            "It is not taken back."
        ),
        "send_text": _("Declare it"),
        "fields": ("tie",),
    }
