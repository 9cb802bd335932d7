"""Steps of one press: acknowledge."""

from __future__ import annotations

from uuid import UUID

from flask import redirect, url_for
from werkzeug.wrappers import Response as Answer

from identity import application as verbs
from portal.database import db
from portal.office import blueprint
from portal.office.access import RECEIVING, case_for
from portal.office.forms import StepForm
from portal.services import now


@blueprint.post("/cases/<uuid:application_id>/acknowledge")
def acknowledge(application_id: UUID) -> Answer:
    form = StepForm()
    application, officer = case_for(db, application_id, RECEIVING)
    verbs.acknowledge(db, application, officer, now=now(), version=form.seen)
    return redirect(url_for("office.case", application_id=application_id))
