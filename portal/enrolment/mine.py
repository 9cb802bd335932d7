"""The applications of somebody who is signed in: no code, no message to the phone."""

from __future__ import annotations

from uuid import UUID

from flask import redirect, url_for
from werkzeug.wrappers import Response

from identity.application import Application, applications_for_wards, applications_of, belongs_to
from identity.base import Refused
from portal.database import db
from portal.enrolment import blueprint
from portal.enrolment.visit import open_visit
from portal.enrolment.words import STANDINGS
from portal.pages import page
from portal.security import guarded, me, resident
from portal.services import now


@blueprint.get("/status/mine")
@guarded(resident)
def mine() -> Response:
    visitor = me()
    own, for_wards = _of(visitor.person_id) if visitor and visitor.person_id else ([], [])
    rows = [(row, STANDINGS[row.state], "") for row in own]
    return page("enrolment/mine.html", rows=rows + [(row, STANDINGS[row.state], row.full_name) for row in for_wards])


def _of(person_id: UUID) -> tuple[list[Application], list[Application]]:
    """One's own, and what one sent as a guardian."""
    return applications_of(db, person_id), applications_for_wards(db, person_id, now=now())


@blueprint.post("/status/mine/<uuid:application_id>")
@guarded(resident)
def open_mine(application_id: UUID) -> Response:
    """Somebody else's is as unknown as none."""
    visitor, application = me(), db.get(Application, application_id)
    if visitor is None or application is None or not belongs_to(db, application, visitor.person_id, now=now()):
        raise Refused("application-unknown")
    open_visit(application)
    return redirect(url_for("enrolment.status"), 303)
