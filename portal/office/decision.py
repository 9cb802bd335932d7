"""The decision: a form beside the case, a look at what the applicant gets, then the act that cannot be undone."""

from __future__ import annotations

from uuid import UUID

from flask import Response, redirect, request, url_for
from werkzeug.wrappers import Response as Answer

from identity import application as verbs
from identity.application import check_decision
from identity.application.desks import check_handed_out, take_to_decide
from identity.application.issue import level_raised_to
from identity.base import Refused
from portal.database import db, this_session
from portal.language import _
from portal.office import blueprint
from portal.office.access import APPROVING, case_for, roles_on
from portal.office.carried import carried
from portal.office.case import show_again, show_case
from portal.office.forms import DecisionForm
from portal.office.told import decision_preview
from portal.services import now


@blueprint.post("/cases/<uuid:application_id>/decision")
def decide(application_id: UUID) -> Response | Answer:
    form, step = DecisionForm(), request.form.get("step", "check")
    if form.validate_on_submit() and step != "change":
        try:
            if step == "check":
                return _preview(application_id, form)
            _decide(application_id, form)
        except Refused as refusal:
            if refusal.audited:  # four eyes, scope: the attempt itself is recorded, after the roll-back
                raise
            form.refuse(refusal)
        else:
            return redirect(url_for("office.case", application_id=application_id))
    return show_again("office/case.html", application_id, form, APPROVING)


def _decide(application_id: UUID, form: DecisionForm) -> None:
    look = this_session()
    application, officer = case_for(look, application_id, APPROVING)
    take_to_decide(look, application, officer, roles_on(look, application), now=now())
    reason = form.reason.data if form.outcome.data == "refused" else None
    verbs.decide(look, application, officer, form.outcome.data, reason, now=now(), version=form.seen)


def _preview(application_id: UUID, form: DecisionForm) -> Response:
    application, officer = case_for(db, application_id, APPROVING)
    outcome, moment = form.outcome.data, now()
    check_decision(db, application, officer, outcome, form.reason.data, now=moment, version=form.seen)
    check_handed_out(application, officer, roles_on(db, application))
    raised_to = level_raised_to(db, application, now=moment) if outcome == "approved" else None
    return show_case(
        "office/check.html",
        application,
        officer,
        form,
        heading=_("Approve this application") if outcome == "approved" else _("Refuse this application"),
        consequence=_consequence(outcome, raised_to),
        message=decision_preview(application, outcome, form.reason.data, moment, raised_to=raised_to),
        carried=carried(form),
        send_text=_send_text(outcome, raised_to),
        grave=outcome == "refused",
    )


def _consequence(outcome: str, raised_to: int | None) -> str:
    if outcome == "refused":
        return _("The application is closed and the applicant is told. It cannot be taken back.")
    if raised_to is not None:
        return _("The account that is there counts at once, and the notice leaves. It cannot be taken back.")
    return _("The account is issued and the notice leaves at once. It cannot be taken back.")


def _send_text(outcome: str, raised_to: int | None) -> str:
    if outcome == "refused":
        return _("Refuse")
    return _("Approve and issue the account") if raised_to is None else _("Approve")
