"""Public documents: discovery, OAuth metadata and the JWKS. Cacheable, the same for everybody, made once."""

from __future__ import annotations

import orjson
from flask import Response, current_app, url_for

from identity.oidc.metadata import describe
from portal.oidc import blueprint
from portal.oidc.provider import key_ring
from portal.security.guards import for_programs
from portal.services import services

ENDPOINTS = {
    "authorization_endpoint": "oidc.authorize",
    "token_endpoint": "oidc.token",
    "userinfo_endpoint": "oidc.userinfo",
    "jwks_uri": "oidc.jwks",
    "revocation_endpoint": "oidc.revoke",
    "introspection_endpoint": "oidc.introspect",
    "end_session_endpoint": "oidc.end_session",
}
AN_HOUR = "public, max-age=3600"
FIVE_MINUTES = "public, max-age=300"


@blueprint.get("/.well-known/openid-configuration")
@for_programs
def discovery() -> Response:
    return _document(_metadata(), AN_HOUR)


@blueprint.get("/.well-known/oauth-authorization-server")
@for_programs
def oauth_metadata() -> Response:
    return _document(_metadata(), AN_HOUR)


@blueprint.get("/oauth/jwks")
@for_programs
def jwks() -> Response:
    return _document(key_ring().jwks, FIVE_MINUTES)


def _metadata() -> bytes:
    made = current_app.extensions.get("oidc-metadata")
    if made is None:
        settings = services().settings
        paths = {member: url_for(endpoint) for member, endpoint in ENDPOINTS.items()}
        made = orjson.dumps(describe(settings.issuer, paths, settings.locales))
        current_app.extensions["oidc-metadata"] = made
    return bytes(made)


def _document(content: bytes, caching: str) -> Response:
    response = Response(content, mimetype="application/json")
    response.headers["Cache-Control"] = caching
    return response
