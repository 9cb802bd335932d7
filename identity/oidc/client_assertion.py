"""A client proves itself with a signed statement (RFC 7523 section 3, RFC 10070, FAPI 2.0 section 5.3.2.1).

RFC 10070: the audience is our issuer. Clients of the `standard` profile that were written before may still name an
endpoint of ours, but nobody else beside us: a statement for two servers could be used at the other one.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from typing import Any

from joserfc.jwk import KeySet

from identity.oidc import jws
from identity.oidc.clients import Client
from identity.oidc.errors import ProtocolError
from identity.oidc.jws import Unreadable, Unverified
from identity.oidc.profiles import RULES, Profile
from identity.once import Mark

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
TYPES = ("client-authentication+jwt", "application/client-authentication+jwt", "jwt")
"""RFC 10070 names the first; older libraries say JWT, or nothing. Another type is a statement about another thing."""
PURPOSE = "client-assertion"
SKEW = timedelta(seconds=60)
"""How far ahead a client's clock may be (FAPI 2.0 section 5.3.2.1 note 3)."""
LONGEST = timedelta(hours=1)
LONGEST_ID = 512


def read(assertion: str) -> Unverified:
    """The statement, still unverified; `named` tells whose it claims to be."""
    try:
        return jws.read(assertion)
    except Unreadable:
        raise refusal("The client_assertion is not a signed JWT") from None


def named(statement: Unverified) -> str:
    """The `client_id` that it claims: issuer and subject at once."""
    issuer, subject = statement.claims.get("iss"), statement.claims.get("sub")
    if not isinstance(subject, str) or issuer != subject:
        raise refusal("The claims iss and sub of the client_assertion must both be the client_id")
    return subject


def algorithms_of(client: Client) -> tuple[str, ...]:
    """What this client may sign with: what it registered, else everything on our list."""
    wanted = client.token_endpoint_auth_signing_alg
    return RULES[client.profile].assertion_algorithms if wanted is None else jws.names_of(wanted)


def check(
    statement: Unverified, client: Client, keys: KeySet, *, issuer: str, endpoints: Collection[str], now: datetime
) -> Mark:
    """What is to be spent for this statement, so that it counts once. `ProtocolError` invalid_client otherwise."""
    kind = statement.header.get("typ")
    if kind is not None and (not isinstance(kind, str) or kind.lower() not in TYPES):
        raise refusal("The client_assertion has the typ of another kind of token")
    if statement.header.get("alg") not in algorithms_of(client):
        raise refusal("The client_assertion is signed with an algorithm that this client may not use")
    if not jws.is_signed_by(statement, keys, algorithms_of(client)):
        raise refusal("The signature of the client_assertion does not match a key of the client")
    _check_audience(statement.claims.get("aud"), client, issuer, endpoints)
    ends = _check_times(statement, now)
    identifier = statement.claims.get("jti")
    if not isinstance(identifier, str) or not 1 <= len(identifier) <= LONGEST_ID:
        raise refusal("The client_assertion needs a jti")
    return Mark(PURPOSE, f"{client.client_id}|{identifier}", ends)


def _check_audience(audience: Any, client: Client, issuer: str, endpoints: Collection[str]) -> None:
    if audience == issuer:
        return
    several = audience if isinstance(audience, list) else [audience]
    is_older = client.profile is Profile.STANDARD and bool(several)
    if not is_older or not all(isinstance(one, str) and one in {issuer, *endpoints} for one in several):
        raise refusal("The aud of the client_assertion must be the issuer, alone", rule="RFC 10070 section 3")


def _check_times(statement: Unverified, now: datetime) -> datetime:
    ends = moment(statement, "exp")
    if ends is None:
        raise refusal("The client_assertion needs an exp")
    if ends <= now:
        raise refusal("The client_assertion has expired")
    if ends > now + LONGEST + SKEW:
        raise refusal("The client_assertion may live for an hour at most")
    for claim in ("iat", "nbf"):
        begins = moment(statement, claim)
        if begins is not None and begins > now + SKEW:
            raise refusal(f"The {claim} of the client_assertion lies in the future")
    return ends


def moment(statement: Unverified, claim: str) -> datetime | None:
    """A NumericDate; None where there is none. `ProtocolError` where it is something else."""
    value = statement.claims.get(claim)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 10**11:
        raise refusal(f"The {claim} of the client_assertion is not a time")
    return datetime.fromtimestamp(value, UTC)


def refusal(description: str, *, rule: str = "RFC 7523 section 3") -> ProtocolError:
    """The client did not prove itself."""
    return ProtocolError("invalid_client", description, status=401, rule=rule)
