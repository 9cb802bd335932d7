"""What a relying party reads once: discovery, the authorization server's metadata, keys. Each a ready body."""

from __future__ import annotations

from collections.abc import Mapping

import orjson
from flask import Response, current_app, url_for

from identity.oidc.metadata import describe
from portal.oidc import blueprint
from portal.oidc.provider import key_ring
from portal.security.guards import for_programs
from portal.services import services

ENDPOINTS = {
    "authorization_endpoint": "oidc.authorize",
    "pushed_authorization_request_endpoint": "oidc.push",
    "token_endpoint": "oidc.token",
    "userinfo_endpoint": "oidc.userinfo",
    "jwks_uri": "oidc.jwks",
    "registration_endpoint": "oidc.register",
    "revocation_endpoint": "oidc.revoke",
    "introspection_endpoint": "oidc.introspect",
    "end_session_endpoint": "oidc.end_session",
}
DISCOVERY, OAUTH_METADATA = "/.well-known/openid-configuration", "/.well-known/oauth-authorization-server"
JWKS = "/oauth/jwks"
AN_HOUR = "public, max-age=3600"
FIVE_MINUTES = "public, max-age=300"
Ready = Mapping[str, tuple[Mapping[str, str], bytes]]


@blueprint.get(DISCOVERY)
@for_programs
def discovery() -> Response:
    return _answer(DISCOVERY)


@blueprint.get(OAUTH_METADATA)
@for_programs
def oauth_metadata() -> Response:
    return _answer(OAUTH_METADATA)


@blueprint.get(JWKS)
@for_programs
def jwks() -> Response:
    return _answer(JWKS)


def ready() -> Ready:
    """Headers and body of every document by its path; what is in it holds for as long as the key ring does."""
    metadata = _metadata()
    return {
        DISCOVERY: (_headers("application/json", AN_HOUR), metadata),
        OAUTH_METADATA: (_headers("application/json", AN_HOUR), metadata),
        JWKS: (_headers("application/jwk-set+json", FIVE_MINUTES), key_ring().jwks),
    }


def _headers(media_type: str, caching: str) -> dict[str, str]:
    return {"Content-Type": media_type, "Cache-Control": caching}


def _metadata() -> bytes:
    made = current_app.extensions.get("oidc-metadata")
    if made is None:
        settings = services().settings
        paths = {member: url_for(endpoint) for member, endpoint in ENDPOINTS.items()}
        made = orjson.dumps(describe(settings.issuer, paths, settings.locales))
        current_app.extensions["oidc-metadata"] = made
    return bytes(made)


def _answer(path: str) -> Response:
    headers, body = ready()[path]
    return Response(body, headers=dict(headers))
