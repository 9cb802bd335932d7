"""Endpoints that programs call. A client's or a token's authority speaks, no cookie, so no form token is asked."""

from __future__ import annotations

from flask import Response

from identity.oidc.errors import ProtocolError
from identity.oidc.userinfo import userinfo_answer, userinfo_claims
from portal.database import this_session
from portal.frame import Answer
from portal.oidc import blueprint
from portal.oidc.failures import note
from portal.oidc.presented import Presented, challenge, check_presented
from portal.oidc.provider import key_ring, provider
from portal.oidc.server import SERVER
from portal.security.guards import for_programs, unprotected
from portal.services import now, services


@blueprint.post("/oauth/token")
@unprotected
@for_programs
def token() -> Response:
    key_ring()  # made, if it has to be, before this request writes
    return SERVER.answer(SERVER.create_token_response)


@blueprint.post("/oauth/revoke")
@unprotected
@for_programs
def revoke() -> Response:
    return SERVER.answer(lambda: SERVER.create_endpoint_response("revocation"))


@blueprint.post("/oauth/introspect")
@unprotected
@for_programs
def introspect() -> Response:
    return SERVER.answer(lambda: SERVER.create_endpoint_response("introspection"))


@blueprint.get("/oauth/userinfo")
@for_programs
def userinfo() -> Response:
    """What the token's scopes and the person's consent release (Core section 5.3)."""
    key_ring()  # made, if it has to be, before this request writes
    try:
        return _released(check_presented("openid"))
    except ProtocolError as error:
        note(error, None)
        return challenge(error)


@blueprint.post("/oauth/userinfo")
@unprotected
@for_programs
def userinfo_posted() -> Response:
    return userinfo()


def _released(presented: Presented) -> Response:
    claims, client = userinfo_claims(this_session(), services().vault, presented.live, now=now()), presented.client
    kind, content = userinfo_answer(provider(), key_ring(), client, claims, recipient=presented.recipient)
    return Answer(content, 200, [("Content-Type", kind), *presented.headers.items()])
