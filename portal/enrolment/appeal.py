"""Not agreeing with a refusal: the appeal, and taking it back."""

from __future__ import annotations

from flask import redirect, url_for
from werkzeug.wrappers import Response

from identity.application import Application, appeal, appeal_until, may, may_appeal, paper_of, take_back_appeal
from identity.application.appeal import LONGEST_TEXT
from identity.base import Refused
from identity.deadlines import rule, today_in_vietnam
from portal.database import db
from portal.enrolment import blueprint
from portal.enrolment.forms import EmptyForm
from portal.enrolment.visit import unlocked
from portal.fields import HouseForm, TextAreaField
from portal.language import _l
from portal.pages import page
from portal.reasons import REFUSALS
from portal.services import now


class AppealForm(HouseForm):
    """Why the applicant does not agree."""

    text = TextAreaField(
        _l("Why you do not agree"),
        length=LONGEST_TEXT,
        rows=6,
        hint=_l("In your own words. Say what is not right and what shows it. You can bring papers to the office."),
    )


@blueprint.route("/status/appeal", methods=["GET", "POST"])
@unlocked
def file_appeal(application: Application) -> Response:
    paper = paper_of(db, application)
    if paper is None or not may_appeal(db, application, now=now()):  # filed already, or too late: the status says so
        return redirect(url_for("enrolment.status"), 303)
    form = AppealForm()
    if form.validate_on_submit():
        try:
            appeal(db, application, form.text.data, now=now())
        except Refused as refusal:
            form.refuse(refusal)
        else:
            return redirect(url_for("enrolment.status"), 303)
    return page(
        "enrolment/appeal.html",
        form=form,
        refusal=REFUSALS.get(paper.reason or ""),
        until=appeal_until(paper),
        days=rule("appeal_answer_days", today_in_vietnam(now())),
    )


@blueprint.route("/status/appeal/take-back", methods=["GET", "POST"])
@unlocked
def end_appeal(application: Application) -> Response:
    form = EmptyForm()
    if not may(application, "uphold"):
        return redirect(url_for("enrolment.status"), 303)
    if form.validate_on_submit():
        take_back_appeal(db, application, now=now())
        return redirect(url_for("enrolment.status"), 303)
    return page("enrolment/end_appeal.html", form=form, application=application)
