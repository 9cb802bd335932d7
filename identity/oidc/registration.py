"""Registration by a program: made, read, changed and ended by who holds its token (RFC 7591, RFC 7592)."""

from __future__ import annotations

import secrets
from dataclasses import replace
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy.orm import Session

from identity.audit import Actor
from identity.gateways import FetchRefused, RemoteFetcher
from identity.oidc import clients
from identity.oidc.client_metadata import said as metadata_of
from identity.oidc.clients import Client, Registration
from identity.oidc.errors import ProtocolError
from identity.oidc.invitation import spend_invitation
from identity.oidc.moving import with_known_names
from identity.oidc.profiles import SECRET_METHODS, Profile
from identity.oidc.registration_request import TRANSLATED, Document, read_registration, refuse

NOT_TO_BE_SENT = (
    "registration_access_token",
    "registration_client_uri",
    "client_secret_expires_at",
    "client_id_issued_at",
)
"""RFC 7592 section 2.2."""
PROGRAM = Actor(None, "client")


def wish_of(
    document: Document, fetcher: RemoteFetcher, *, is_open: bool, client_id: str = "", profile: Profile | None = None
) -> Registration:
    """What a document asks for, its sector checked. May wait for the network, so it comes before any write.

    A client that is there already has a `profile`: it keeps it unless the document names another.
    """
    if profile is not None and document.get("profile") is None:
        document = {**document, "profile": profile.value}
    said = read_registration(document, client_id=client_id or secrets.token_urlsafe(16), is_open=is_open)
    if said.sector_identifier_uri is not None:
        _check_sector(said, fetcher)
    return said


def register(
    db: Session, said: Registration, *, invitation: str | None, now: datetime
) -> tuple[Client, str | None, str]:
    """The client, its secret and its registration token. `invitation` None: anybody may (the test setting)."""
    if invitation is not None and not spend_invitation(db, invitation, now=now):
        raise no_entry()
    client, secret = clients.register(db, said, now=now, actor=PROGRAM)
    return client, secret, clients.give_registration_token(db, client)


def change(
    db: Session, client: Client, document: Document, said: Registration, *, is_right: bool, now: datetime
) -> tuple[Client, str | None]:
    """Replace the whole registration, save what an operator gave.

    `is_right` says whether a secret that was sent along is the client's.
    """
    sent_back = any(name in document for name in NOT_TO_BE_SENT)
    if document.get("client_id") != client.client_id or sent_back or not is_right:
        words = "client_id must be there, a client_secret unchanged, and nothing of what only we say"
        raise ProtocolError("invalid_request", words, rule="RFC 7592 section 2.2")
    given = {name: getattr(client, name) for name in ("resources", "claim_mapping", "least_aal")}
    said = with_known_names(db, client, replace(said, **given))
    return clients.change(db, client, said, now=now, actor=PROGRAM)


def no_entry() -> ProtocolError:
    """The token is missing, spent, over or another's; which of these is not told (RFC 7592 section 2.1)."""
    challenge = {"WWW-Authenticate": 'Bearer realm="registration", error="invalid_token"'}
    words = "The access token for registration is missing or not valid"
    return ProtocolError("invalid_token", words, status=401, headers=challenge, rule="RFC 6750 section 3.1")


def described(client: Client) -> dict[str, Any]:
    """What is registered, in the words of the specification (RFC 7591 section 3.2.1)."""
    told = metadata_of(client)
    for name in TRANSLATED:
        told.pop(name, None)
        told |= _spelled(name, getattr(client, name))
    signs_in = "authorization_code" in client.grant_types
    return {
        **told,
        **_spelled("client_name", client.name),
        **_spelled("purpose", client.purpose),
        "client_id": client.client_id,
        "profile": client.profile.value,
        "application_type": client.application_type,
        "redirect_uris": list(client.redirect_uris),
        "post_logout_redirect_uris": list(client.post_logout_redirect_uris),
        "grant_types": list(client.grant_types),
        "response_types": ["code"] if signs_in else [],
        "scope": " ".join(client.scopes),
        "subject_type": client.subject_type,
        "token_endpoint_auth_method": client.auth_method,
        "id_token_signed_response_alg": client.id_token_signed_response_alg,
        "require_pushed_authorization_requests": client.require_pushed_authorization_requests
        or client.rules.pushed_only,
        "dpop_bound_access_tokens": client.dpop_bound_access_tokens,
    } | ({"client_secret_expires_at": 0} if client.auth_method in SECRET_METHODS else {})


def _spelled(name: str, texts: Any) -> dict[str, str]:
    return {f"{name}#{language}" if language else name: text for language, text in texts.items()}


def _check_sector(said: Registration, fetcher: RemoteFetcher) -> None:
    """The document of the sector must name every redirect address (Registration section 5)."""
    try:
        fetched = fetcher.get(str(said.sector_identifier_uri), accept="application/json")
        named = orjson.loads(fetched.body) if fetched.status == 200 else None
    except FetchRefused as refused:
        refuse("sector_identifier_uri", f"could not be read ({refused.reason})")
    except orjson.JSONDecodeError:
        named = None
    if not isinstance(named, list) or not set(said.redirect_uris) <= {one for one in named if isinstance(one, str)}:
        refuse("sector_identifier_uri", "must answer with a JSON array of all redirect_uris")
