"""Ticks by number on the list, noted on a device without network and sent when there is one. They hold no name."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

from flask import Response, abort, jsonify, request
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from onboarding.roster import attend_by_numbers
from portal.database import db
from portal.services import now
from portal.training import blueprint
from portal.training.acting import acting_member, own_session, owner_of_screen

MOST = 400
Number = Annotated[int, Field(gt=0, le=10_000)]
Moment = Annotated[int, Field(ge=0, le=4_000_000_000_000)]


class Ticks(BaseModel):
    """Number on the list → when it was ticked, in milliseconds of the server's clock as the device knew it."""

    model_config = ConfigDict(extra="forbid")

    ticks: Annotated[dict[Number, Moment], Field(max_length=MOST)]
    owner: Annotated[str, Field(max_length=24)]


@blueprint.post("/sessions/<uuid:session_id>/ticks")
def take_ticks(session_id: UUID) -> Response:
    """Sent again, they change nothing. They come from whoever made them: another member on the device sends none."""
    found, moment = own_session(session_id), now()
    try:
        sent = Ticks.model_validate_json(request.get_data(cache=False))
    except ValidationError:
        abort(400)
    if sent.owner != owner_of_screen():
        abort(409)
    ticks = {number: datetime.fromtimestamp(at / 1000, UTC) for number, at in sent.ticks.items()}
    counted = attend_by_numbers(db, acting_member(), found, ticks, now=moment)
    return jsonify(counted=counted, taken=sorted(ticks))
