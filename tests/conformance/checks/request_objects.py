"""Requests in a signed object, by value and by reference (Core section 6, RFC 9101)."""

from __future__ import annotations

import time
from typing import Any

from tests.conformance.pages import Landing
from tests.conformance.party import Party, fresh, signed
from tests.conformance.registry import check, refused_somehow, with_code
from tests.conformance.subject import Subject, a_key

ERRORS = ("invalid_request_object", "invalid_request", "request_not_supported")
REFERENCE = (*ERRORS, "invalid_request_uri", "request_uri_not_supported")


def _party(at: Subject) -> Party:
    at.needs("request_parameter_supported", True)
    found: Party = at.kept.get("objects") or at.register_with_key(request_object_signing_alg="ES256")
    at.kept["objects"] = found
    return found


def _object(at: Subject, party: Party, *, key: Any = None, alg: str = "ES256", **changes: Any) -> str:
    now = int(time.time())
    claims = {**party.request(), "iss": party.client_id, "aud": at.issuer, "iat": now, "nbf": now, "exp": now + 120}
    claims |= {"jti": fresh(), **changes}
    kept = {name: value for name, value in claims.items() if value is not None}
    return signed(kept, key or party.key, alg=alg, typ="oauth-authz-req+jwt")


def _send(at: Subject, party: Party, value: str, **changes: Any) -> Landing:
    """The object, and outside what Core section 6.1 wants there."""
    return party.authorize(at.friend(), party.request(request=value, state=None, nonce=None, **changes))


@check
def a_signed_request_is_honoured(at: Subject) -> None:
    """Core 1.0 section 6.1, RFC 9101 section 5.1."""
    party = _party(at)
    landing = _send(at, party, _object(at, party, state="inside", nonce="inside too"))
    assert party.read(party.redeem(with_code(landing)).json()["id_token"])["nonce"] == "inside too"
    assert landing.sent["state"] == "inside"


@check
def only_what_is_signed_counts(at: Subject) -> None:
    """RFC 9101 section 6.3: parameters inside the object only."""
    party = _party(at)
    landing = party.authorize(at.friend(), party.request(request=_object(at, party, state=None), state="outside"))
    assert landing.sent.get("state") != "outside"


@check
def a_signature_of_another_key_is_refused(at: Subject) -> None:
    """RFC 9101 section 6.2."""
    party = _party(at)
    stranger = a_key(party.key.kid)
    refused_somehow(_send(at, party, _object(at, party, key=stranger)), *ERRORS)


@check
def an_unsigned_object_is_refused(at: Subject) -> None:
    """RFC 9101 section 10.1: the registered algorithm, none is none of them."""
    party = _party(at)
    refused_somehow(_send(at, party, _object(at, party, alg="none")), *ERRORS)


@check
def an_unsigned_object_counts_where_nothing_was_registered(at: Subject) -> None:
    """Registration 1.0 section 2: without a registered algorithm, any that the provider supports, none included."""
    at.needs("request_object_signing_alg_values_supported", "none")
    party = at.register_with_key()
    landing = _send(at, party, _object(at, party, alg="none", state="inside"))
    with_code(landing)
    assert landing.sent["state"] == "inside"


@check
def an_object_for_another_provider_is_refused(at: Subject) -> None:
    """RFC 9101 section 4: aud names the authorization server."""
    party = _party(at)
    refused_somehow(_send(at, party, _object(at, party, aud="https://other.example")), *ERRORS)


@check
def an_object_of_another_client_is_refused(at: Subject) -> None:
    """RFC 9101 section 5: client_id inside and outside MUST be identical."""
    party = _party(at)
    other = at.register_with_key(request_object_signing_alg="ES256")
    refused_somehow(_send(at, party, _object(at, party, iss=other.client_id, client_id=other.client_id)), *ERRORS)


@check
def an_object_that_ended_is_refused(at: Subject) -> None:
    """RFC 7519 section 4.1.4."""
    party = _party(at)
    past = int(time.time()) - 600
    refused_somehow(_send(at, party, _object(at, party, iat=past - 60, nbf=past - 60, exp=past)), *ERRORS)


@check
def an_object_within_an_object_is_refused(at: Subject) -> None:
    """RFC 9101 section 4: request and request_uri MUST NOT be included."""
    party = _party(at)
    refused_somehow(_send(at, party, _object(at, party, request=_object(at, party))), *ERRORS)


@check
def an_object_cannot_lead_to_an_address_that_is_not_registered(at: Subject) -> None:
    """Core 1.0 section 3.1.2.1, RFC 9101 section 6.3."""
    party = _party(at)
    landing = _send(at, party, _object(at, party, redirect_uri="https://attacker.example/"))
    assert not landing.is_back or landing.url == party.redirect_uri, landing.url
    assert "code" not in landing.sent


@check
def what_is_no_object_is_refused_as_one(at: Subject) -> None:
    """RFC 9101 section 6."""
    party = _party(at)
    for value in ("nonsense", "a.b.c", "e30.e30.", "x" * 20_000):
        refused_somehow(_send(at, party, value), *ERRORS)


@check
def value_and_reference_together_are_refused(at: Subject) -> None:
    """Core 1.0 section 6.2: MUST NOT be used together."""
    party = _party(at)
    landing = _send(at, party, _object(at, party), request_uri="https://service.example/object")
    refused_somehow(landing, *REFERENCE)


@check
def a_registered_reference_is_fetched(at: Subject) -> None:
    """Core 1.0 section 6.2."""
    at.needs("request_uri_parameter_supported", True)
    place, path = at.place(), f"/object-{next(at.numbers)}"
    party = at.register_with_key(request_object_signing_alg="ES256", request_uris=[place.url + path])
    value = _object(at, party, state="by reference")
    uri = place.serve(path, value.encode(), "application/oauth-authz-req+jwt")
    landing = party.authorize(at.friend(), party.request(request_uri=uri, state=None))
    with_code(landing)
    assert landing.sent["state"] == "by reference" and path in place.fetched


@check
def an_unregistered_reference_is_not_fetched(at: Subject) -> None:
    """RFC 9101 section 10.4.1: only registered request_uri values."""
    place, party = at.place(), _party(at)
    uri = place.serve("/not-registered", _object(at, party).encode(), "application/jwt")
    refused_somehow(party.authorize(at.friend(), party.request(request_uri=uri)), *REFERENCE)
    assert "/not-registered" not in place.fetched
