"""Dynamic registration: open to who was invited, and to everybody in the test setting (RFC 7591, RFC 7592)."""

from __future__ import annotations

from typing import Any

import orjson
from flask import Response, request, url_for

from identity.oidc import clients, registration
from identity.oidc.clients import Client
from identity.oidc.errors import ProtocolError
from identity.oidc.invitation import is_invited
from portal.database import db, peek
from portal.oidc import blueprint
from portal.oidc.provider import find_client_apart, provider
from portal.oidc.server import SERVER
from portal.security import limiter
from portal.security.guards import for_programs, unprotected
from portal.services import now, services

LARGEST = 64 * 1024


@blueprint.post("/oauth/register")
@unprotected
@for_programs
@limiter.limit("60/minute;600/hour")
def register() -> Response:
    return SERVER.answer(_register)


@blueprint.get("/oauth/register/<path:client_id>")
@for_programs
def registered(client_id: str) -> Response:
    return SERVER.answer(lambda: _told(_speaking_for(client_id)))


@blueprint.put("/oauth/register/<path:client_id>")
@unprotected
@for_programs
@limiter.limit("60/minute;600/hour")
def change_registration(client_id: str) -> Response:
    return SERVER.answer(lambda: _change(_speaking_for(client_id)))


@blueprint.delete("/oauth/register/<path:client_id>")
@unprotected
@for_programs
def end_registration(client_id: str) -> Response:
    return SERVER.answer(lambda: _end(_speaking_for(client_id)))


def _register() -> Response:
    invitation, is_open = _bearer(), services().settings.open_registration
    if invitation is not None or not is_open:
        with peek() as look:  # before a stranger makes us fetch anything
            if invitation is None or not is_invited(look, invitation, now=now()):
                raise registration.no_entry()
    said = registration.wish_of(_document(), services().fetcher, is_open=is_open)
    client, secret, token = registration.register(db, said, invitation=invitation, now=now())
    return _told(client, 201, secret=secret, token=token, client_id_issued_at=int(now().timestamp()))


def _change(client: Client) -> Response:
    document = _document()
    is_open = services().settings.open_registration
    said = registration.wish_of(
        document, services().fetcher, is_open=is_open, client_id=client.client_id, profile=client.profile
    )
    secret = document.get("client_secret")
    is_right = secret is None or (isinstance(secret, str) and client.has_secret(services().vault, secret))
    changed, fresh = registration.change(db, client, document, said, is_right=is_right, now=now())
    provider().clients.forget(client.client_id)
    return _told(changed, secret=fresh)


def _end(client: Client) -> Response:
    clients.close(db, client.client_id, now=now(), actor=registration.PROGRAM)
    provider().clients.forget(client.client_id)
    return Response(status=204, headers={"Cache-Control": "no-store"})


def _speaking_for(client_id: str) -> Client:
    """The client whose registration token was sent; an unknown client and a wrong token look alike."""
    token = _bearer()
    client = find_client_apart(client_id)
    if token is None or client is None or not client.has_registration_token(services().vault, token):
        raise registration.no_entry()
    return client


def _told(
    client: Client, status: int = 200, *, secret: str | None = None, token: str | None = None, **more: Any
) -> Response:
    address = provider().issuer + url_for("oidc.registered", client_id=client.client_id)
    told = {**registration.described(client), **more, "registration_client_uri": address}
    told["registration_access_token"] = token or _bearer()
    if secret is not None:
        told["client_secret"] = secret
    response = Response(orjson.dumps(told), status, mimetype="application/json")
    response.headers["Cache-Control"] = "no-store"
    return response


def _document() -> dict[str, Any]:
    if not request.is_json or (request.content_length or LARGEST + 1) > LARGEST:
        raise ProtocolError("invalid_client_metadata", "Send a JSON object of at most 64 KB as application/json")
    try:
        document = orjson.loads(request.get_data())
    except orjson.JSONDecodeError:
        document = None
    if not isinstance(document, dict):
        raise ProtocolError("invalid_client_metadata", "The body is not a JSON object", rule="RFC 7591 section 3.1")
    return document


def _bearer() -> str | None:
    scheme, _space, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" and token.strip() else None
