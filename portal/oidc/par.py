"""The pushed authorization request endpoint (RFC 9126): a client says beforehand, and proven, what it will ask."""

from __future__ import annotations

from flask import Response, request
from werkzeug.exceptions import RequestEntityTooLarge

from identity.oidc.clients import Client
from identity.oidc.errors import NoWayBack, ProtocolError
from identity.oidc.pushed import push
from identity.oidc.request import Origin, Parameters, read
from portal.database import db
from portal.oidc import blueprint
from portal.oidc.client_auth import nonce_for, prove, spend
from portal.oidc.objects import open_object
from portal.oidc.posted import Posted
from portal.oidc.provider import key_ring, provider, read_id_token
from portal.oidc.server import SERVER
from portal.security.guards import for_programs, unprotected
from portal.services import now

LARGEST = 64 * 1024
FORM = "application/x-www-form-urlencoded"
CREDENTIALS = {"client_secret", "client_assertion", "client_assertion_type"}
RULE = "RFC 9126 section 2"


@blueprint.post("/oauth/par", endpoint="push")
@unprotected
@for_programs
def par() -> Response:
    if (request.content_length or 0) > LARGEST:
        raise RequestEntityTooLarge
    key_ring()  # made, if it has to be, before this request writes
    return SERVER.answer(_push)


def _push() -> Response:
    if request.mimetype != FORM:
        raise ProtocolError("invalid_request", f"The body must be {FORM}", rule=RULE)
    posted = Posted()
    client, marks = prove(posted, "par")
    asked, is_signed = _checked(client, posted)
    spend(marks)
    life = provider().lifetimes.pushed
    reference = push(db, client, asked, is_signed=is_signed, life=life, now=now())
    answer = {"request_uri": reference, "expires_in": int(life.total_seconds())}
    headers = [("Content-Type", "application/json"), *nonce_for(posted)]
    response: Response = SERVER.handle_response(201, answer, headers)
    return response


def _checked(client: Client, posted: Posted) -> tuple[Parameters, bool]:
    """What is asked, checked as at the authorization endpoint, and whether it is signed. Writes nothing."""
    asked, is_signed = _asked(client, posted)
    asked = _with_key(asked, posted)
    try:
        read(asked, find_client=lambda _: client, read_id_token=read_id_token, origin=Origin("pushed", is_signed))
    except NoWayBack as failure:
        raise ProtocolError("invalid_request", WORDS[failure.reason], rule=RULE) from None
    return asked, is_signed


WORDS = {
    "address-missing": "The redirect_uri is missing",
    "address-not-registered": "The redirect_uri is not one that this client has registered",
    "state-too-long": "The state has more than 8000 characters",
    "parameter-twice": "The redirect_uri was sent more than once",
}


def _asked(client: Client, posted: Posted) -> tuple[Parameters, bool]:
    """The parameters that were posted, or those of the request object; the client is the one that proved itself."""
    if "request_uri" in posted.sent:
        words = "A request_uri cannot be pushed"
        raise ProtocolError("invalid_request", words, rule="RFC 9126 section 2.1")
    single = {name: [value] for name, value in posted.sent.items() if name not in CREDENTIALS}
    sent = single | {"client_id": [client.client_id]} | ({"resource": posted.resources} if posted.resources else {})
    if "request" not in sent:
        return sent, False
    unwrapped = open_object(sent["request"][0], sent, client)
    return unwrapped.parameters, unwrapped.is_signed


def _with_key(asked: Parameters, posted: Posted) -> Parameters:
    """The key of the DPoP header, to which the code will be bound (RFC 9449 section 10.1)."""
    if posted.proof is None:
        return asked
    if list(asked.get("dpop_jkt", [posted.proof.jkt])) != [posted.proof.jkt]:
        words = "The dpop_jkt is not the key of the DPoP proof"
        raise ProtocolError("invalid_dpop_proof", words, rule="RFC 9449 section 10.1")
    return {**asked, "dpop_jkt": [posted.proof.jkt]}
