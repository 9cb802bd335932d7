"""A person's receipt for one event of their own: a text to keep."""

from __future__ import annotations

from uuid import UUID

from flask import Response, abort

from identity import seals
from identity.audit import AuditEvent
from identity.base import Refused
from identity.history import concerns
from portal.database import db
from portal.security import guarded, me, resident
from portal.trail import blueprint


@blueprint.get("/receipts/<uuid:event_id>")
@guarded(resident)
def receipt(event_id: UUID) -> Response:
    """Of events that concern the person or their account, and of what they did themselves."""
    event = db.get(AuditEvent, event_id)
    if event is None or not _is_own(event):
        abort(404)
    proof = seals.receipt_for(db, event)
    if proof is None:
        raise Refused("not-sealed-yet")
    response = Response(seals.written(proof), mimetype="text/plain")
    response.headers["Content-Disposition"] = (
        f'attachment; filename="{event.at:%Y-%m-%d}-{event_id.hex[-8:]}.tlog-proof"'
    )
    response.headers["Cache-Control"] = "no-store"
    return response


def _is_own(event: AuditEvent) -> bool:
    visitor = me()
    return visitor is not None and concerns(db, event, visitor.account_id, visitor.person_id)
