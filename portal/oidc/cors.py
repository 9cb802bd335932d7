"""Pages of public clients may read what these endpoints answer (CORS); nobody else's pages, and no other endpoint.

No cookie counts here, so `Access-Control-Allow-Credentials` is never sent.
"""

from __future__ import annotations

from flask import Response, current_app, request

from identity.oidc.origins import PublicOrigins, origins_of
from portal.database import peek
from portal.frame import only_for
from portal.oidc import blueprint
from portal.oidc.provider import provider

FOR_EVERY_CLIENT = {"oidc.discovery", "oidc.oauth_metadata", "oidc.jwks", "oidc.userinfo", "oidc.userinfo_posted"}
FOR_ITS_CLIENT = {"oidc.token", "oidc.revoke"}
"""Endpoints that know whom they serve: the page must be of that very client."""
PREFLIGHT = {
    "Access-Control-Allow-Methods": "GET, POST",
    "Access-Control-Allow-Headers": "Authorization, Content-Type, DPoP",
    "Access-Control-Max-Age": "600",
}
EXPOSED = "DPoP-Nonce, WWW-Authenticate"


@blueprint.after_request
@only_for(FOR_EVERY_CLIENT | FOR_ITS_CLIENT)
def allow_origin(response: Response) -> Response:
    """Answer a page of a public client, and its preflight, so that its browser lets it read."""
    response.vary.add("Origin")
    origin = request.headers.get("Origin")
    if origin is None or not _is_known(origin):
        return response
    response.headers["Access-Control-Allow-Origin"] = origin
    response.headers["Access-Control-Expose-Headers"] = EXPOSED
    if request.method == "OPTIONS":
        response.headers.update(PREFLIGHT)
    return response


def _is_known(origin: str) -> bool:
    with peek() as look:
        if request.endpoint in FOR_ITS_CLIENT and request.method != "OPTIONS":
            client = provider().clients.find(look, request.form.get("client_id", ""))
            return client is not None and origin in origins_of(client)
        return _public_origins().has(look, origin)


def _public_origins() -> PublicOrigins:
    found: PublicOrigins = current_app.extensions.setdefault("oidc-origins", PublicOrigins())
    return found
