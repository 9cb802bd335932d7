"""An access token that was presented to an endpoint of ours: read, looked up, and shown to be its holder's.

RFC 6750 for bearer tokens, RFC 9449 section 7 for tokens bound to a key, RFC 8705 section 3 for those bound to a
certificate. A bound token without its proof is worth nothing, whatever scheme it comes with.
"""

from __future__ import annotations

from dataclasses import dataclass

import orjson
from flask import Response, g, request
from joserfc.jwk import KeySet

from identity.account import Act
from identity.oidc import dpop, mtls
from identity.oidc.binding import CERTIFICATE, DPOP
from identity.oidc.clients import Client
from identity.oidc.errors import ProtocolError
from identity.oidc.tokens import BEARER, Live, find_live
from portal.database import database, db, look_around
from portal.oidc.client_auth import encryption_keys
from portal.oidc.posted import certificate
from portal.oidc.provider import provider
from portal.services import now, services

REALM = 'realm="userinfo"'
ALGORITHMS = f'algs="{" ".join(dpop.ALGORITHMS)}"'


@dataclass(frozen=True, slots=True)
class Presented:
    """A live token in the right hands, and what goes with the answer."""

    live: Live
    client: Client
    recipient: KeySet | None
    """The client's keys for encryption, where its answers are encrypted."""
    headers: dict[str, str]


def check_presented(scope: str) -> Presented:
    """The token of this request. `ProtocolError` with the status and challenge of RFC 6750 section 3.1."""
    scheme, token = _token_of_request()
    with look_around() as look:
        live = find_live(look, token, Act.USERINFO, now=now())
        client = None if live is None else provider().clients.find(look, live.client)
    if live is None or client is None or live.terms.audience is not None:
        raise _invalid("The token is unknown, expired, revoked, or not for this endpoint")
    recipient = encryption_keys(client, "userinfo")
    headers = _check_possession(scheme, token, live, client)
    if live.sub is None or scope not in live.scopes:
        raise ProtocolError("insufficient_scope", f"The token lacks the scope {scope}", status=403)
    return Presented(live, client, recipient, headers)


def challenge(error: ProtocolError) -> Response:
    """The refusal with both schemes that would do; the one that was tried says what was wrong."""
    body = {"error": error.error, "error_description": error.description} if error.error else {}
    response = Response(orjson.dumps(body), error.status_code, mimetype="application/json", headers=error.headers)
    tried = _scheme()
    said = f', error="{error.error}", error_description="{error.description}"' if error.error else ""
    if error.error == "insufficient_scope":
        said += ', scope="openid"'
    challenges = [f"{BEARER} {REALM}", f"{dpop.SCHEME} {REALM}, {ALGORITHMS}"]
    for one in sorted(challenges, key=lambda text: not text.startswith(tried)):
        response.headers.add("WWW-Authenticate", one + (said if one.startswith(tried) else ""))
    return response


def _token_of_request() -> tuple[str, str]:
    """From the header, or from the body of a post; never from the address (RFC 9700 section 4.3.2)."""
    scheme, _, value = request.headers.get("Authorization", "").partition(" ")
    in_header = value.strip() if scheme.lower() in {"bearer", "dpop"} else ""
    sent = [token for token in (in_header, *request.form.getlist("access_token")) if token]
    if len(sent) > 1:
        raise ProtocolError("invalid_request", "The token was sent twice", rule="RFC 6750 section 3.1")
    if not sent:
        raise ProtocolError("", "", status=401)
    return _scheme(), sent[0]


def _scheme() -> str:
    tried = request.headers.get("Authorization", "").partition(" ")[0].lower()
    return dpop.SCHEME if tried == "dpop" else BEARER


def _check_possession(scheme: str, token: str, live: Live, client: Client) -> dict[str, str]:
    binding = live.terms.binding
    if (scheme == dpop.SCHEME) != (binding is not None and binding.kind == DPOP):
        raise _invalid("The token is of another type than the scheme it came with")
    if binding is None:
        return {}
    if binding.kind == CERTIFICATE:
        shown = certificate()
        if shown is None or mtls.binding_of(shown) != binding:
            raise _invalid("The token is bound to a certificate that was not shown")
        return {}
    return _check_proof(token, live, client)


def _check_proof(token: str, live: Live, client: Client) -> dict[str, str]:
    try:
        proof = dpop.check_proof(
            request.headers.get("DPoP", ""),
            method=request.method,
            url=provider().issuer + request.path,
            secrets=services().vault,
            access_token=token,
            needs_nonce=client.rules.sender_constrained,
            now=now(),
        )
        if proof.binding != live.terms.binding:
            raise _invalid("The token is bound to another key")
        _spend(proof)
    except ProtocolError as error:
        error.status_code = 401  # at a resource, not at the token endpoint (RFC 9449 section 7.1 and 9)
        raise
    return {"DPoP-Nonce": dpop.nonce_of(services().vault, now())}


def _spend(proof: dpop.DpopProof) -> None:
    """A GET only reads, so its proof is spent in a short transaction of its own."""
    if g.writes:
        dpop.spend_jti(db, proof)
    else:
        with database().transaction() as write:
            dpop.spend_jti(write, proof)


def _invalid(description: str) -> ProtocolError:
    return ProtocolError("invalid_token", description, status=401, rule="RFC 6750 section 3.1")
