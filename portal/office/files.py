"""Portraits and papers of a case, opened for the officer who works on it. Each look is recorded."""

from __future__ import annotations

from uuid import UUID

from flask import Response, abort

from identity.audit import Event, record
from identity.files import read
from portal.database import db
from portal.office import blueprint
from portal.office.access import case_for
from portal.office.papers import papers_of
from portal.security import writes
from portal.services import now


@blueprint.get("/cases/<uuid:application_id>/files/<uuid:file_id>")
@writes
def file(application_id: UUID, file_id: UUID) -> Response:
    application, officer = case_for(db, application_id)
    paper = next((paper for paper in papers_of(db, application) if paper.id == file_id), None)
    content = read(db, file_id) if paper else None
    if paper is None or content is None:
        abort(404)
    record(db, Event.APPLICATION_VIEWED, officer, now=now(), subject=application.subject, part=paper.kind)
    headers = {"Cache-Control": "no-store", "Content-Disposition": "inline", "Content-Security-Policy": "sandbox"}
    return Response(content, mimetype=paper.media_type, headers=headers)
