"""The manual route at the counter: while a register is not asked, an officer compares by hand and a second confirms."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response, redirect, url_for
from werkzeug.wrappers import Response as Answer

from identity.application.by_hand import compare_by_hand, confirm_by_hand
from identity.application.model import check_move
from identity.base import Refused
from portal.database import db
from portal.fields import TextField, TickField
from portal.language import _, _l
from portal.office import blueprint
from portal.office.access import RECEIVING, SUPERVISOR, case_for
from portal.office.case import show_again, show_case
from portal.office.forms import CaseForm
from portal.security import writes
from portal.services import now


class CompareForm(CaseForm):
    """What the first officer holds and sees."""

    paper_number = TextField(
        _l("Number on the original: identity card, or passport"),
        length=30,
        hint=_l("Read it from the paper in your hand, not from this page."),
        required=_l("Enter the number of the paper"),
    )
    original = TickField(
        _l("I have the original in my hand, and its safety features are right"),
        required=_l("Look at the original before you go on"),
    )
    face = TickField(
        _l("I see the person myself, and the face is that of the paper and of the portrait taken today"),
        required=_l("Compare the face before you go on"),
    )


class ConfirmForm(CompareForm):
    """What the second person has seen with their own eyes; the number was read once."""

    paper_number = None


@blueprint.get("/cases/<uuid:application_id>/by-hand", endpoint="by_hand")
@writes
def compare_page(application_id: UUID) -> Response:
    application, actor = case_for(db, application_id, RECEIVING)
    check_move(application, "compare_by_hand")
    form = CompareForm(version=str(application.version))
    return show_case("office/case_form.html", application, actor, form, **_comparing())


@blueprint.post("/cases/<uuid:application_id>/by-hand")
def compare(application_id: UUID) -> Response | Answer:
    form = CompareForm()
    if form.validate_on_submit():
        try:
            application, actor = case_for(db, application_id, RECEIVING)
            compare_by_hand(db, application, actor, form.paper_number.data, now=now(), version=form.seen)
        except Refused as refusal:
            _refused(form, refusal)
        else:
            return redirect(url_for("office.case", application_id=application_id), 303)
    return show_again("office/case_form.html", application_id, form, RECEIVING, **_comparing())


@blueprint.get("/cases/<uuid:application_id>/by-hand/confirm", endpoint="confirm_by_hand")
@writes
def confirm_page(application_id: UUID) -> Response:
    application, actor = case_for(db, application_id, SUPERVISOR)
    check_move(application, "match_by_hand")
    form = ConfirmForm(version=str(application.version))
    return show_case("office/case_form.html", application, actor, form, **_confirming())


@blueprint.post("/cases/<uuid:application_id>/by-hand/confirm")
def confirm(application_id: UUID) -> Response | Answer:
    form = ConfirmForm()
    if form.validate_on_submit():
        try:
            application, actor = case_for(db, application_id, SUPERVISOR)
            confirm_by_hand(db, application, actor, now=now(), version=form.seen)
        except Refused as refusal:
            _refused(form, refusal)
        else:
            return redirect(url_for("office.case", application_id=application_id), 303)
    return show_again("office/case_form.html", application_id, form, SUPERVISOR, **_confirming())


def _refused(form: CaseForm, refusal: Refused) -> None:
    """Shown beside what was typed, and recorded where it must be. Whoever may not be here at all sees no form."""
    if refusal.audited and refusal.code != "hand-paper":
        raise refusal
    form.refuse(refusal)


def _comparing() -> dict[str, Any]:
    return {
        "heading": _("Compare by hand"),
        "consequence": _(
            "The register is not asked at the moment. Compare the person with the original. A supervisor sees both as "
            "well and confirms, another officer decides, and the register is asked as soon as it answers."
        ),
        "send_text": _("Save the comparison"),
        "fields": ("paper_number", "original", "face"),
        "photos": True,
    }


def _confirming() -> dict[str, Any]:
    return {
        "heading": _("Confirm the comparison by hand"),
        "consequence": _(
            "You are the second person. The applicant is told that the comparison was by hand. Level 2 holds for some "
            "days only, until the register has answered."
        ),
        "send_text": _("Confirm"),
        "fields": ("original", "face"),
        "photos": True,
    }
