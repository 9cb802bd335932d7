"""Where the provider of SMS hands over what people send: a word that shuts the sender's account, and nothing else.

Signed with a key that both sides hold (HMAC-SHA256 over the body). The answer is the same for every sender.
"""

from __future__ import annotations

import hmac
from hashlib import sha256

from flask import Response, abort, request
from pydantic import BaseModel, Field, ValidationError

from identity.freeze_message import freeze_by_message
from portal.account import blueprint
from portal.database import db
from portal.security import anyone, guarded, limiter
from portal.security.guards import unprotected
from portal.services import now, services


class Incoming(BaseModel):
    """A message as the provider's adapter hands it over."""

    id: str = Field(min_length=1, max_length=200)
    sender: str = Field(alias="from", max_length=40)
    text: str = Field(max_length=2000)


@blueprint.post("/freeze/message")
@guarded(anyone)
@unprotected
@limiter.limit("600 per minute")
def take_message() -> Response:
    key = services().settings.sms_in_key
    if not key:
        abort(404)
    body = request.get_data()
    said = request.headers.get("X-Signature", "")
    if not hmac.compare_digest(hmac.new(key.encode(), body, sha256).hexdigest().encode(), said.encode()):
        abort(401)
    try:
        message = Incoming.model_validate_json(body)
    except ValidationError:
        abort(400)
    freeze_by_message(db, message.id, message.sender, message.text, now=now())
    return Response(status=204)
