"""The receipt: code, dossier number, time of receipt, legal dates, and what to bring."""

from __future__ import annotations

from flask import redirect, url_for
from werkzeug.wrappers import Response

from identity.application import find_receipt, is_activated
from identity.deadlines import rule, today_in_vietnam
from identity.places import Office
from portal.database import db
from portal.enrolment import blueprint
from portal.enrolment.drafting import find_draft, forget
from portal.enrolment.rows import office_name
from portal.pages import page
from portal.services import now
from portal.words.bring import things_to_bring


@blueprint.get("/apply/receipt")
def receipt() -> Response:
    draft = find_draft()
    found = find_receipt(db, draft, now=now()) if draft else None
    if found is None:
        return forget(redirect(url_for("enrolment.find_status"), 303))
    application, code = found
    office = db.get_one(Office, application.office_id)
    hours = rule(office.opens, today_in_vietnam(now()))
    return page(
        "enrolment/receipt.html",
        application=application,
        code=code,
        office=office,
        office_name=office_name(office),
        hours=hours,
        bring=things_to_bring(application),
        activated=is_activated(db, application),
    )


@blueprint.post("/apply/receipt")
def receipt_noted() -> Response:
    return forget(redirect(url_for("home.index"), 303))
