"""What was asked for, shown at the counter: people come with it instead of answering by phone."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from flask import Response, redirect, url_for
from werkzeug.wrappers import Response as Answer

from identity.application import Application, Given, resubmit
from identity.application.model import check_move
from identity.base import Refused
from portal.database import db
from portal.fields import TextAreaField, TicksField, without_numbers
from portal.language import _, _l
from portal.office import blueprint
from portal.office.access import RECEIVING, case_for
from portal.office.case import show_again, show_case
from portal.office.forms import CaseForm
from portal.reasons import SUPPLEMENTS
from portal.security import writes
from portal.services import now


class BroughtForm(CaseForm):
    """All that was asked for, or the applicant comes again."""

    shown = TicksField(
        _l("What the applicant showed you"),
        choices=list(SUPPLEMENTS.items()),
        hint=_l("All that was asked for. If something is missing, the request stands and the applicant comes again."),
    )
    note = TextAreaField(
        _l("What you have seen, for whoever decides"), length=500, rows=3,
        hint=_l("No numbers of documents."), rules=[without_numbers],
    )  # fmt: skip

    def offer(self, application: Application, now: datetime) -> None:
        """Only what was asked for."""
        asked = (application.supplement or {}).get("reasons", ())
        self.shown.choices = [choice for choice in self.shown.choices if choice[0] in asked]


@blueprint.get("/cases/<uuid:application_id>/brought", endpoint="brought")
@writes
def brought_page(application_id: UUID) -> Response:
    application, officer = case_for(db, application_id, RECEIVING)
    check_move(application, "resubmit")
    form = BroughtForm(version=str(application.version))
    return show_case("office/case_form.html", application, officer, form, **_words())


@blueprint.post("/cases/<uuid:application_id>/brought")
def take_in(application_id: UUID) -> Response | Answer:
    form = BroughtForm()
    if form.validate_on_submit():
        try:
            application, officer = case_for(db, application_id, RECEIVING)
            answers = {reason: Given(form.note.data) for reason in form.shown.data}
            resubmit(db, application, answers, actor=officer, now=now(), version=form.seen)
        except Refused as refusal:
            if refusal.audited:
                raise
            missing = refusal.code == "supplement-incomplete"
            form.refuse(Refused("brought-incomplete", field="shown") if missing else refusal)
        else:
            return redirect(url_for("office.case", application_id=application_id), 303)
    return show_again("office/case_form.html", application_id, form, RECEIVING, **_words())


def _words() -> dict[str, Any]:
    return {
        "heading": _("Take in what was brought"),
        "consequence": _("The clock runs again, and the applicant is told that the answer has arrived."),
        "send_text": _("Take it in"),
        "fields": ("shown", "note"),
    }
