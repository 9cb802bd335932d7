"""Request objects (RFC 9101, OpenID Connect Core section 6): the parameters of a request as a signed JWT.

By value (`request`, in the address or pushed) or by reference (`request_uri`, an https address that the client has
registered). Only what stands inside counts; `client_id`, and for OpenID Connect `response_type` and `scope`, may stand
outside alone, because every authorization request must carry them there (Core section 6.1).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
from joserfc.jwk import KeySet

from identity.gateways import FetchRefused, RemoteFetcher
from identity.oidc import jws
from identity.oidc.addresses import is_remote_address
from identity.oidc.clients import Client
from identity.oidc.errors import ProtocolError
from identity.oidc.grammar import KNOWN, Parameters
from identity.oidc.profiles import UNSIGNED, Profile

FindKeys = Callable[[bool], KeySet]
"""The keys of the client; True asks for a fresh copy."""
TYPES = {"", "jwt", "oauth-authz-req+jwt", "application/oauth-authz-req+jwt"}
MEDIA_TYPES = "application/oauth-authz-req+jwt, application/jwt"
OUTSIDE = ("client_id", "response_type", "scope")
SKEW = timedelta(seconds=60)
LONGEST_LIFE = timedelta(minutes=60)
"""FAPI 2.0 Message Signing section 5.3.1: `nbf` at most an hour ago, `exp` at most an hour after it."""


@dataclass(frozen=True, slots=True)
class Unwrapped:
    """The parameters that count, and whether a key of the client stands for them."""

    parameters: Parameters
    is_signed: bool


def unwrap(
    sent: Parameters, token: str, client: Client, *, issuer: str, find_keys: FindKeys, now: datetime
) -> Unwrapped:
    """The request inside `token`, which came with the parameters `sent`. `ProtocolError` invalid_request_object."""
    try:
        message = jws.read(token)
    except jws.Unreadable:
        raise _bad("The request object is not a signed JWT") from None
    is_signed = _is_signed(message, client, find_keys)
    _check_header(message)
    _check_claims(message.claims, client, issuer=issuer, now=now)
    inside = {
        name: _spoken(name, value)
        for name, value in message.claims.items()
        if name in KNOWN and value is not None  # others are ignored, whatever they hold (Core section 3.1.2.1)
    }
    outside = {name: list(sent[name]) for name in OUTSIDE if sent.get(name)}
    _check_agreement(outside, inside, client)
    return Unwrapped({**outside, **inside}, is_signed)


def fetch(address: str, client: Client, fetcher: RemoteFetcher) -> str:
    """The request object at a registered address. `ProtocolError` invalid_request_uri."""
    plain = address.partition("#")[0]  # the fragment says to a cache that the content changed (Core section 6.2)
    if not is_remote_address(plain) or not {address, plain} & set(client.request_uris):
        raise _unreachable("The request_uri is not one that this client has registered")
    try:
        fetched = fetcher.get(plain, accept=MEDIA_TYPES)
    except FetchRefused:
        raise _unreachable("The request_uri could not be fetched") from None
    if fetched.status != 200:
        raise _unreachable("The request_uri did not answer with status 200")
    return fetched.body.decode("ascii", "replace").strip()


def _is_signed(message: jws.Unverified, client: Client, find_keys: FindKeys) -> bool:
    """With a key and an algorithm of this client; False for one that is unsigned and may be so.

    Without a registered algorithm any of the profile may be used (Registration section 2). An unsigned object says no
    more than the parameters of an address do; a client that signs always says so (`require_signed_request_object`).
    """
    algorithm, registered = message.header.get("alg"), client.request_object_signing_alg
    ours = client.rules.object_algorithms
    allowed = ours if registered is None else tuple(name for name in jws.names_of(registered) if name in ours)
    if algorithm not in allowed:
        raise _bad("The request object is not signed with an algorithm that this client may use")
    if algorithm == UNSIGNED:
        if message.token.endswith("."):
            return False
        raise _bad("An unsigned request object carries a signature")
    if not any(jws.is_signed_by(message, find_keys(fresh), allowed) for fresh in (False, True)):
        raise _bad("The signature of the request object was not made by a key of this client")
    return True


def _check_header(message: jws.Unverified) -> None:
    """Another kind of JWT of this client is no request (RFC 9101 section 10.8)."""
    kind = message.header.get("typ", "")
    if not isinstance(kind, str) or kind.lower() not in TYPES:
        raise _bad("The typ of the request object must be oauth-authz-req+jwt")


def _check_claims(claims: Mapping[str, Any], client: Client, *, issuer: str, now: datetime) -> None:
    """Who made it, for whom, and when. Core section 6.1 lets `iss` and `aud` be left out; FAPI does not."""
    is_strict = client.profile is Profile.FAPI2
    if claims.get("iss", None if is_strict else client.client_id) != client.client_id:
        raise _bad("The iss of the request object must be the client_id")
    audience = claims.get("aud", None if is_strict else issuer)
    if issuer not in (audience if isinstance(audience, list) else [audience]):
        raise _bad("The aud of the request object must be the issuer")
    if claims.get("sub") == client.client_id:
        raise _bad("A client assertion is no request object", "RFC 9101 section 10.8")
    ends, starts = _moment(claims, "exp"), _moment(claims, "nbf")
    if (ends is not None and ends <= now - SKEW) or (starts is not None and starts > now + SKEW):
        raise _bad("The request object has expired or is not valid yet")
    if is_strict and not _is_short(starts, ends, now):
        rule = "FAPI 2.0 Message Signing section 5.3.1"
        raise _bad("The request object needs nbf and exp, at most an hour old and an hour apart", rule)


def _is_short(starts: datetime | None, ends: datetime | None, now: datetime) -> bool:
    return (
        starts is not None
        and ends is not None
        and now - starts <= LONGEST_LIFE + SKEW
        and ends - starts <= LONGEST_LIFE
    )


def _moment(claims: Mapping[str, Any], name: str) -> datetime | None:
    value = claims.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _bad(f"The {name} of the request object must be a number")
    try:
        return datetime.fromtimestamp(value, UTC)
    except (ValueError, OverflowError, OSError):
        raise _bad(f"The {name} of the request object is out of range") from None


def _spoken(name: str, value: Any) -> list[str]:
    """A claim as the parameter that it stands for (RFC 9101 section 4): JSON for objects, digits for numbers."""
    if name in {"request", "request_uri"}:
        raise _bad("A request object must not contain another", "RFC 9101 section 4")
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict) or (isinstance(value, list) and name == "authorization_details"):
        return [orjson.dumps(value).decode()]
    if isinstance(value, int) and not isinstance(value, bool):
        return [str(value)]
    if name == "resource" and isinstance(value, list) and all(isinstance(one, str) for one in value):
        return list(value)
    raise _bad("A parameter of the request object has a value of the wrong kind")


def _check_agreement(outside: Parameters, inside: Parameters, client: Client) -> None:
    """What stands at both places says the same; the client is the one that sends it (Core section 6.1)."""
    if list(inside.get("client_id", [client.client_id])) != [client.client_id]:
        raise _bad("The client_id inside the request object is another", "RFC 9101 section 5")
    both = {"client_id", "response_type"} & outside.keys() & inside.keys()
    if any(list(outside[name]) != list(inside[name]) for name in both):
        raise _bad("A parameter differs inside and outside the request object", "OpenID Connect Core section 6.1")


def _bad(words: str, rule: str = "RFC 9101 section 6") -> ProtocolError:
    return ProtocolError("invalid_request_object", words, rule=rule)


def _unreachable(words: str) -> ProtocolError:
    return ProtocolError("invalid_request_uri", words, rule="RFC 9101 section 5.2, OpenID Connect Core section 6.2")
