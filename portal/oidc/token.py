"""Endpoints that programs call. A client's or a token's authority speaks, no cookie, so no form token is asked."""

from __future__ import annotations

import orjson
from flask import Response

from identity.oidc.errors import ProtocolError
from identity.oidc.userinfo import userinfo_claims
from portal.database import db
from portal.oidc import blueprint
from portal.oidc.failures import note
from portal.oidc.presented import challenge, check_presented
from portal.oidc.provider import key_ring
from portal.oidc.server import SERVER
from portal.security.guards import for_programs, unprotected
from portal.services import now, services


@blueprint.post("/oauth/token")
@unprotected
@for_programs
def token() -> Response:
    key_ring()  # made, if it has to be, before this request writes
    return SERVER.answer_noted(SERVER.create_token_response)


@blueprint.post("/oauth/revoke")
@unprotected
@for_programs
def revoke() -> Response:
    return SERVER.answer_noted(lambda: SERVER.create_endpoint_response("revocation"))


@blueprint.post("/oauth/introspect")
@unprotected
@for_programs
def introspect() -> Response:
    return SERVER.answer_noted(lambda: SERVER.create_endpoint_response("introspection"))


@blueprint.get("/oauth/userinfo")
@for_programs
def userinfo() -> Response:
    """What the token's scopes and the person's consent release (Core section 5.3)."""
    try:
        presented = check_presented("openid")
    except ProtocolError as error:
        note(error, None)
        return challenge(error)
    claims = userinfo_claims(db, services().vault, presented.live, now=now())
    return Response(orjson.dumps(claims), 200, mimetype="application/json", headers=presented.headers)


@blueprint.post("/oauth/userinfo")
@unprotected
@for_programs
def userinfo_posted() -> Response:
    return userinfo()
