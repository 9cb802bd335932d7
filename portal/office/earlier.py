"""Naming an earlier number of the applicant: is there an account under other papers? The answer is yes or no."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response, redirect, url_for
from werkzeug.wrappers import Response as Answer

from identity.application.earlier import LONGEST_NUMBER, name_earlier
from identity.base import Refused
from portal.database import db
from portal.fields import TextField
from portal.language import _, _l
from portal.office import blueprint
from portal.office.access import RECEIVING, case_for
from portal.office.case import show_again, show_case
from portal.office.forms import CaseForm
from portal.security import writes
from portal.services import now

ABOUT_THE_NUMBER = ("earlier-unknown", "earlier-known", "earlier-compared", "linking-open", "linking-same")


class EarlierForm(CaseForm):
    """The number of then, from an old paper in the applicant's hand or as they say it."""

    number = TextField(
        _l("Earlier number"),
        length=LONGEST_NUMBER,
        hint=_l(
            "Of an old passport or residence card, or the identification number of the account. For a passport of "
            "another country, its three letters first: KOR M12345678"
        ),
        required=_l("Enter the number"),
    )


@blueprint.get("/cases/<uuid:application_id>/earlier-number", endpoint="earlier_number")
@writes
def earlier_page(application_id: UUID) -> Response:
    application, actor = case_for(db, application_id, RECEIVING)
    form = EarlierForm(version=str(application.version))
    form.number.data = (application.declared or {}).get("earlier_number", "")
    return show_case("office/case_form.html", application, actor, form, **_words())


@blueprint.post("/cases/<uuid:application_id>/earlier-number")
def name_it(application_id: UUID) -> Response | Answer:
    form = EarlierForm()
    if form.validate_on_submit():
        try:
            application, actor = case_for(db, application_id, RECEIVING)
            name_earlier(db, application, actor, form.number.data, now=now(), version=form.seen)
        except Refused as refusal:
            if refusal.audited and refusal.code not in ABOUT_THE_NUMBER:
                raise
            form.refuse(refusal)
        else:
            return redirect(url_for("office.case", application_id=application_id), 303)
    return show_again("office/case_form.html", application_id, form, RECEIVING, **_words())


def _words() -> dict[str, Any]:
    return {
        "heading": _("An account under earlier papers"),
        "consequence": _(
            "You learn whether the number names an account, not whose. If it does, another officer compares the two "
            "before anything is approved. Looking it up is recorded, and the holder of that account sees it."
        ),
        "send_text": _("Look it up"),
        "fields": ("number",),
    }
