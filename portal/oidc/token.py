"""Endpoints that programs call. A client's or a token's authority speaks, no cookie, so no form token is asked."""

from __future__ import annotations

import orjson
from flask import Response, request

from identity.account import Act
from identity.oidc.tokens import Live, find_live
from identity.oidc.userinfo import userinfo_claims
from portal.database import db
from portal.oidc import blueprint
from portal.oidc.provider import key_ring
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
    presented = _bearer()
    if presented is None:
        return _challenge(401)
    live = find_live(db, presented, Act.USERINFO, now=now())
    if live is None or live.sub is None:
        return _challenge(401, "invalid_token", "The token is unknown, expired or revoked")
    if "openid" not in live.scopes:
        return _challenge(403, "insufficient_scope", "The token lacks the scope openid")
    return _json(live)


@blueprint.post("/oauth/userinfo")
@unprotected
@for_programs
def userinfo_posted() -> Response:
    return userinfo()


def _json(live: Live) -> Response:
    claims = userinfo_claims(db, services().vault, live, now=now())
    return Response(orjson.dumps(claims), 200, mimetype="application/json")


def _bearer() -> str | None:
    """The token of the header, or of the body of a post (RFC 6750 section 2); sent twice it counts as none."""
    scheme, _, value = request.headers.get("Authorization", "").partition(" ")
    from_header = value.strip() if scheme.lower() == "bearer" else None
    from_body = request.form.get("access_token")
    return None if from_header and from_body else from_header or from_body


def _challenge(status: int, error: str = "", description: str = "") -> Response:
    """RFC 6750 section 3."""
    parts = ['Bearer realm="userinfo"']
    if error:
        parts += [f'error="{error}"', f'error_description="{description}"']
    body = {"error": error, "error_description": description} if error else {}
    response = Response(orjson.dumps(body), status, mimetype="application/json")
    response.headers["WWW-Authenticate"] = ", ".join(parts)
    return response
