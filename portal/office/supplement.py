"""Asking for what is missing: reasons from the list, a look at the message, then the sending."""

from __future__ import annotations

from uuid import UUID

from flask import Response, redirect, request, url_for
from werkzeug.wrappers import Response as Answer

from identity.application import check_may_ask, request_supplement
from identity.application.model import check_move
from identity.base import Refused
from portal.database import db
from portal.language import _
from portal.office import blueprint
from portal.office.access import APPROVING, RECEIVING, SUPERVISOR, case_for
from portal.office.carried import carried
from portal.office.case import show_again, show_case
from portal.office.forms import SupplementForm
from portal.office.told import supplement_preview
from portal.security import writes
from portal.services import now

ASKING = (SUPERVISOR, RECEIVING, APPROVING)
"""As whom an officer asks: the strongest of their roles, because a second time takes it."""


@blueprint.get("/cases/<uuid:application_id>/supplement")
@writes
def supplement(application_id: UUID) -> Response:
    application, officer = case_for(db, application_id, *ASKING)
    check_move(application, "request_supplement")
    check_may_ask(db, application, officer, now=now())
    return show_case("office/supplement.html", application, officer, SupplementForm(version=str(application.version)))


@blueprint.post("/cases/<uuid:application_id>/supplement")
def ask_supplement(application_id: UUID) -> Response | Answer:
    form, step = SupplementForm(), request.form.get("step", "check")
    if form.validate_on_submit() and step != "change":
        if step == "check":
            return _preview(application_id, form)
        try:
            _send(application_id, form)
        except Refused as refusal:
            form.refuse(refusal)
        else:
            return redirect(url_for("office.case", application_id=application_id))
    return show_again("office/supplement.html", application_id, form, *ASKING)


def _send(application_id: UUID, form: SupplementForm) -> None:
    application, officer = case_for(db, application_id, *ASKING)
    version = form.seen
    request_supplement(db, application, officer, form.reasons.data, form.note.data or "", now=now(), version=version)


def _preview(application_id: UUID, form: SupplementForm) -> Response:
    application, officer = case_for(db, application_id, *ASKING)
    check_may_ask(db, application, officer, now=now())
    return show_case(
        "office/check.html",
        application,
        officer,
        form,
        heading=_("Ask for a supplement"),
        consequence=_("The clock stops, and the message leaves at once. It cannot be taken back."),
        message=supplement_preview(application, form.reasons.data, form.note.data or "", now()),
        carried=carried(form),
        send_text=_("Send the request"),
        grave=False,
    )
