"""How a client proves itself at the endpoints that programs call (RFC 6749 section 2.3, RFC 7523, RFC 8705).

Nothing is written before every signature was checked: what a proof spends in the ledger is spent last, in one
statement, and a client that is only asked for a DPoP nonce may come again with the same assertion.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Mapping
from urllib.parse import unquote_plus

from flask import g, request, url_for
from joserfc.jwk import KeySet

from identity.oidc import client_assertion, dpop, mtls
from identity.oidc.binding import Binding
from identity.oidc.client_keys import keys_for
from identity.oidc.clients import Client
from identity.oidc.encryption import Kind, is_encrypted
from identity.oidc.errors import ProtocolError
from identity.oidc.profiles import MTLS_METHODS, PUBLIC
from identity.once import Mark, spend_each
from portal.database import db
from portal.oidc.posted import Posted, certificate, is_certificate_verified
from portal.oidc.provider import find_client_apart, provider
from portal.services import now, services

CHALLENGE = {"WWW-Authenticate": 'Basic realm="oauth"'}
WITH_PROOF = {"token", "par"}
"""Endpoints at which a DPoP proof means something."""
OWN_ENDPOINTS = ("oidc.token", "oidc.revoke", "oidc.introspect")
RULE = "RFC 6749 section 2.3"


def authenticate(posted: Posted, endpoint: str) -> Client:
    """The client that made this request; its DPoP proof is then `posted.proof`. `ProtocolError` invalid_client."""
    client, marks = prove(posted, endpoint)
    spend(marks)
    return client


def prove(posted: Posted, endpoint: str) -> tuple[Client, list[Mark]]:
    """The same, and what is still to be spent: for an endpoint that may wait for the network before it writes."""
    client, marks = WAYS[_way(posted)](posted)
    if endpoint == "introspection" and client.auth_method == PUBLIC:
        raise _refusal("A public client may not ask about tokens")  # RFC 7662 section 2.1
    if posted.sent.get("client_id", client.client_id) != client.client_id:
        raise ProtocolError("invalid_request", "The client_id is not that of the client that proved itself", rule=RULE)
    if endpoint in WITH_PROOF and "DPoP" in request.headers:
        posted.proof = _proof(posted, client)
        marks = [*marks, posted.proof.mark]
    if endpoint == "token":
        posted.recipient = encryption_keys(client, "id_token")
    posted.client = g.calling_client = client
    return client, marks


def binding_of(posted: Posted) -> Binding | None:
    """What the tokens of this request are bound to: the key of its proof, else its certificate; None for bearer tokens.

    `ProtocolError` invalid_dpop_proof where this client's tokens must be bound and nothing was shown.
    """
    client: Client = posted.client
    if posted.proof is not None:
        return posted.proof.binding
    wants_certificate = client.tls_client_certificate_bound_access_tokens or client.rules.sender_constrained
    shown = certificate() if wants_certificate and not client.dpop_bound_access_tokens else None
    if shown is not None:
        return mtls.binding_of(shown)
    if client.tls_client_certificate_bound_access_tokens:
        raise ProtocolError("invalid_request", "This client's tokens are bound to a certificate, and none was shown")
    if client.rules.sender_constrained or client.dpop_bound_access_tokens:
        raise ProtocolError(
            "invalid_dpop_proof", "This client's tokens are bound: send a DPoP proof", rule="RFC 9449 section 5.2"
        )
    return None


def nonce_for(posted: Posted) -> list[tuple[str, str]]:
    """The nonce for the next proof, for a client that shows one (RFC 9449 section 8.2)."""
    return [] if posted.proof is None else [("DPoP-Nonce", dpop.nonce_of(services().vault, now()))]


def _way(posted: Posted) -> str:
    """Which proof was offered; two at once are refused (RFC 6749 section 2.3)."""
    offered = [
        way
        for way, is_there in (
            ("client_secret_basic", "Authorization" in request.headers),
            ("client_secret_post", "client_secret" in posted.sent),
            ("private_key_jwt", bool({"client_assertion", "client_assertion_type"} & posted.sent.keys())),
        )
        if is_there
    ]
    if len(offered) > 1:
        raise ProtocolError("invalid_request", "The client authenticated in two ways", rule=RULE)
    return offered[0] if offered else PUBLIC


def _by_header(posted: Posted) -> tuple[Client, list[Mark]]:
    client_id, secret = _name_and_secret()
    client = find_client_apart(client_id) if client_id and secret else None
    if client is None or client.auth_method != "client_secret_basic" or not _has_secret(client, secret):
        raise ProtocolError(
            "invalid_client", "The client or its secret is wrong", status=401, headers=CHALLENGE, rule=RULE
        )
    return client, []


def _name_and_secret() -> tuple[str, str]:
    """Both are form-encoded before they are joined (RFC 6749 section 2.3.1): a plus stands for a space.

    Authlib's reader leaves the plus, so a secret with a space could not be told.
    """
    scheme, _, value = request.headers["Authorization"].partition(" ")
    if scheme.lower() != "basic":
        return "", ""
    try:
        joined = base64.b64decode(value, validate=True).decode()
        client_id, _, secret = (unquote_plus(part, errors="strict") for part in joined.partition(":"))
    except (ValueError, binascii.Error):  # not base64, or not UTF-8
        return "", ""
    return client_id, secret


def _by_secret(posted: Posted) -> tuple[Client, list[Mark]]:
    client = _known(posted.sent.get("client_id"), "client_secret_post")
    if not _has_secret(client, posted.sent["client_secret"]):
        raise _refusal("The client or its secret is wrong")
    return client, []


def _by_assertion(posted: Posted) -> tuple[Client, list[Mark]]:
    if posted.sent.get("client_assertion_type") != client_assertion.ASSERTION_TYPE:
        raise _refusal("The client_assertion_type is not one that we take")
    statement = client_assertion.read(posted.sent.get("client_assertion", ""))
    client = _known(client_assertion.named(statement), "private_key_jwt")
    issuer = provider().issuer
    endpoints = {posted.uri, *(issuer + url_for(endpoint) for endpoint in OWN_ENDPOINTS)}
    keys = _keys_for(client, statement.header.get("kid"))
    return client, [client_assertion.check(statement, client, keys, issuer=issuer, endpoints=endpoints, now=now())]


def _by_name(posted: Posted) -> tuple[Client, list[Mark]]:
    """Nothing but a name: a public client, or one whose certificate speaks for it."""
    client = _known(posted.sent.get("client_id"), PUBLIC, *MTLS_METHODS)
    if client.auth_method == "tls_client_auth":
        mtls.check_named(certificate(), client, is_verified=is_certificate_verified(), now=now())
    elif client.auth_method == "self_signed_tls_client_auth":
        mtls.check_registered(certificate(), _keys_for(client), now=now())
    return client, []


WAYS: Mapping[str, Callable[[Posted], tuple[Client, list[Mark]]]] = {
    "client_secret_basic": _by_header,
    "client_secret_post": _by_secret,
    "private_key_jwt": _by_assertion,
    PUBLIC: _by_name,
}


def _proof(posted: Posted, client: Client) -> dpop.DpopProof:
    return dpop.check_proof(
        request.headers["DPoP"],
        method=request.method,
        url=posted.uri,
        secrets=services().vault,
        needs_nonce=client.rules.sender_constrained,
        now=now(),
    )


def spend(marks: list[Mark]) -> None:
    """Each proof counts once. `ProtocolError` invalid_client or invalid_dpop_proof when one was shown before."""
    used = spend_each(db, marks) if marks else []
    if any(mark.purpose == client_assertion.PURPOSE for mark in used):
        raise client_assertion.refusal("The client_assertion was used before")
    if used:
        raise dpop.reused()


def _known(client_id: str | None, *methods: str) -> Client:
    client = find_client_apart(client_id) if client_id else None
    if client is None:
        raise _refusal("The client is not known here" if client_id else "The client did not say who it is")
    if client.auth_method not in methods:
        raise _refusal("The client is registered to authenticate in another way")
    return client


def _keys_for(client: Client, kid: object = None) -> KeySet:
    """The client's keys; fetched anew when it signs with one that we have not seen."""
    keys = keys_for(client, services().fetcher)
    is_unknown = client.jwks_uri is not None and kid is not None and all(key.kid != kid for key in keys.keys)
    return keys_for(client, services().fetcher, fresh=True) if is_unknown else keys


def encryption_keys(client: Client, kind: Kind) -> KeySet | None:
    """The client's keys for answers of this kind that only it can read; fetched, so ask before the first write."""
    return keys_for(client, services().fetcher, use="enc") if is_encrypted(client, kind) else None


def _has_secret(client: Client, secret: str | None) -> bool:
    return secret is not None and client.has_secret(services().vault, secret)


def _refusal(description: str) -> ProtocolError:
    return ProtocolError("invalid_client", description, status=401, rule=RULE)
