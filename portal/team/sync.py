"""Where a phone sends its outbox: JSON, up to 50 records at once, an answer for each.

The greeting carries what a record may name: villages of the unit, and authorisations by task and end of the receipt.

A former member may still send what happened before the end, so the guard asks for a member of staff and not for the
role; what may count is `onboarding.assistance`'s to say.
"""

from __future__ import annotations

from base64 import b64encode
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from flask import Response, abort, jsonify, request
from flask_wtf.csrf import generate_csrf
from pydantic import ValidationError
from werkzeug.exceptions import BadRequest

from identity.base import Refused
from identity.deadlines import today_in_vietnam
from identity.session import was_ended
from onboarding.assistance import former_owner_tags, outbox_key, owner_tag, take_in_batch
from onboarding.delegation import delegations_of
from onboarding.entry import Entry
from onboarding.event import newest_of
from onboarding.team import membership
from onboarding.villages import villages_of
from portal.database import db, look_around
from portal.security import guarded, me
from portal.security.cookies import SESSION, read_cookie
from portal.security.visitor import SignedIn
from portal.services import now
from portal.team import blueprint
from portal.team.batch import Batch, read_record, stored_values
from portal.team.forms import receipt_name
from portal.team.told import told, told_damaged


def any_staff() -> Response | None:
    """A program asks, so the answer is a status and not the way to sign in."""
    visitor = me()
    if visitor is None or not visitor.is_staff or visitor.aal < 2:
        response = jsonify(error="signed-out" if _has_left(visitor) else "sign-in")
        response.status_code = 401
        return response
    return None


@blueprint.get("/sync")
@guarded(any_staff)
def greet() -> Response:
    """Whose outbox may be sent now and what opens it, the form token, and the server's time."""
    moment, account_id = now(), _account()
    member = membership(db, account_id, on=today_in_vietnam(moment))
    return _answer(
        owner=owner_tag(db, account_id),
        was=former_owner_tags(db, account_id),
        key=b64encode(outbox_key(db, account_id)).decode(),
        token=generate_csrf(),
        is_member=member is not None,
        server_time=moment,
        signed_in_at=_signed_in_at(),
        villages=[] if member is None else [[one.id, one.name] for one in villages_of(db, member.unit_id, now=moment)],
        receipts=[[one.id, receipt_name(one)] for one in delegations_of(db, account_id, on=today_in_vietnam(moment))],
    )


@blueprint.post("/sync")
@guarded(any_staff)
def send() -> Response:
    batch, moment, account_id = _batch(), now(), _account()
    if batch.owner != owner_tag(db, account_id):
        raise Refused("outbox-of-another")
    read = [read_record(values) for values in batch.records]
    entries = {one.id: one for one in read if isinstance(one, Entry)}
    taken = take_in_batch(db, account_id, list(entries.values()), now=moment, clock_skew=batch.skew(moment))
    answers = [told(entries[id_], one, account_id, now=moment) for id_, one in taken.items()]
    for values, one in zip(batch.records, read, strict=True):
        if not isinstance(one, Entry):
            answers.append(told_damaged(values, one))
    return _answer(server_time=moment, records=answers)


@blueprint.get("/sync/<uuid:id>")
@guarded(any_staff)
def newest(id: UUID) -> Response:
    """What the server holds of one's own record now, whatever corrected it: a correction on the phone starts there."""
    found = newest_of(db, id)
    if found is None or found.account_id != _account():
        abort(404)
    return _answer(record=stored_values(found))


def _has_left(visitor: SignedIn | None) -> bool:
    """Whether the member signed out, here or from afar, or somebody else sits here. A session that lapsed is neither:
    far from the network it always does, and the member goes on writing."""
    token = read_cookie(SESSION)
    if visitor is not None or not token:
        return visitor is not None and not visitor.is_staff
    with look_around() as session:
        return was_ended(session, token)


def _account() -> UUID:
    visitor = me()
    assert visitor is not None  # the guard let nobody else pass
    return visitor.account_id


def _signed_in_at() -> datetime:
    """A phone that signed out without network tells by it whether this is still the session that it left."""
    visitor = me()
    assert visitor is not None  # as above
    return visitor.auth_time


def _batch() -> Batch:
    try:
        return Batch.model_validate(request.get_json(silent=True))
    except ValidationError:
        raise BadRequest from None


def _answer(**content: Any) -> Response:
    response = Response(orjson.dumps(content), mimetype="application/json")
    response.headers["Cache-Control"] = "no-store"
    return response
