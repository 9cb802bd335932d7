"""Where a phone sends its outbox: JSON, up to 50 records at once, an answer for each.

The greeting carries what a record may name: villages of the unit, and authorisations by task and end of the receipt.

A former member may still send what happened before the end, so the guard asks for a member of staff and not for the
role; what may count is `onboarding.assistance`'s to say.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
from flask import Response, jsonify, request
from flask_wtf.csrf import generate_csrf
from pydantic import ValidationError
from werkzeug.exceptions import BadRequest

from identity.base import Refused
from identity.deadlines import rule, today_in_vietnam
from onboarding.assistance import AssistanceEvent, State, Taken, owner_tag, take_in_batch
from onboarding.delegation import Delegation, delegations_of
from onboarding.entry import Entry
from onboarding.team import membership
from onboarding.villages import villages_of
from portal.database import db
from portal.errors import sentence
from portal.security import guarded, me
from portal.services import now
from portal.team import blueprint
from portal.team.batch import Batch, read_record, stored_values
from portal.team.forms import receipt_name


def any_staff() -> Response | None:
    """A program asks, so the answer is a status and not the way to sign in."""
    visitor = me()
    if visitor is None or not visitor.is_staff or visitor.aal < 2:
        response = jsonify(error="sign-in")
        response.status_code = 401
        return response
    return None


@blueprint.get("/sync")
@guarded(any_staff)
def greet() -> Response:
    """Whose outbox may be sent now, the form token, and the server's time."""
    moment, account_id = now(), _account()
    member = membership(db, account_id, on=today_in_vietnam(moment))
    return _answer(
        owner=owner_tag(db, account_id),
        token=generate_csrf(),
        is_member=member is not None,
        server_time=moment,
        villages=[] if member is None else [[one.id, one.name] for one in villages_of(db, member.unit_id, now=moment)],
        receipts=[
            [one.id, receipt_name(one)] for one in delegations_of(db, account_id) if not _is_long_over(one, moment)
        ],
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
    answers = [_result(id_, one, account_id, moment) for id_, one in taken.items()]
    for values, one in zip(batch.records, read, strict=True):
        if not isinstance(one, Entry):
            answers.append(_damaged(values, one))
    return _answer(server_time=moment, records=answers)


def _is_long_over(given: Delegation, moment: datetime) -> bool:
    """Whether no record that is still taken in could name it."""
    today = today_in_vietnam(moment)
    return given.valid_to < today - timedelta(days=rule("assistance_late_days", today))


def _account() -> UUID:
    visitor = me()
    assert visitor is not None  # the guard let nobody else pass
    return visitor.account_id


def _batch() -> Batch:
    try:
        return Batch.model_validate(request.get_json(silent=True))
    except ValidationError:
        raise BadRequest from None


def _result(id_: UUID, taken: Taken, account_id: UUID, moment: Any) -> dict[str, Any]:
    result: dict[str, Any] = {"id": id_, "state": taken.state.value}
    if taken.refusal is not None:
        result |= {"reason": sentence(taken.refusal), "field": taken.refusal.field or "", "code": taken.refusal.code}
    if taken.state in {State.SAVED, State.HELD}:
        result["received_at"] = moment
    if taken.state in {State.KNOWN, State.CONFLICT}:
        stored = db.get(AssistanceEvent, id_)
        if stored is not None and stored.account_id == account_id:
            result |= {"received_at": stored.received_at, "stored": stored_values(stored)}
    return result


def _damaged(values: dict[str, Any], field: str | None) -> dict[str, Any]:
    refusal = Refused("record-damaged")
    reason = {"reason": sentence(refusal), "field": field or "", "code": refusal.code}
    return {"id": str(values.get("id", "")), "state": State.REFUSED.value, **reason}


def _answer(**content: Any) -> Response:
    response = Response(orjson.dumps(content), mimetype="application/json")
    response.headers["Cache-Control"] = "no-store"
    return response
