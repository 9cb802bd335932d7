"""Whatever comes as an assertion, a proof or a certificate: an answer by the rules, never a failure of ours."""

from __future__ import annotations

import base64
import contextlib
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import orjson
from hypothesis import given, settings
from hypothesis import strategies as st
from joserfc.jwk import KeySet

from identity.oidc import client_assertion, dpop, mtls
from identity.oidc.errors import ProtocolError
from identity.oidc.profiles import Profile
from identity.vault import Keys, Vault
from tests.identity.oidc.signing import ISSUER, a_key, signed

NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
VAULT = Vault(Keys.generate())
KEY = a_key()
KEYS = KeySet([KEY])
CLIENT: Any = SimpleNamespace(client_id="x", profile=Profile.STANDARD, token_endpoint_auth_signing_alg=None)
SCALARS = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False) | st.text(max_size=20)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
JWK = st.fixed_dictionaries(
    {"kty": st.sampled_from(["EC", "RSA", "OKP", "oct", "", 1])},
    optional={
        name: VALUES | st.just("AQAB") for name in ("crv", "x", "y", "n", "e", "d", "k", "x5c", "use", "key_ops")
    },
)
HEADER = st.fixed_dictionaries(
    {"alg": st.just("ES256") | VALUES, "typ": st.sampled_from(["dpop+jwt", "JWT"]) | VALUES},
    optional={"jwk": JWK | st.just(KEY.as_dict(private=False)) | VALUES, "kid": VALUES, "crit": VALUES, "b64": VALUES},
)
CLAIMS = st.dictionaries(
    st.sampled_from(["iss", "sub", "aud", "exp", "iat", "nbf", "jti", "htm", "htu", "ath", "nonce"]),
    VALUES,
    max_size=11,
)


def token(header: dict[str, Any], claims: dict[str, Any], is_signed: bool) -> str:
    if is_signed:
        return signed(KEY, claims, {**header, "alg": "ES256"})
    parts = (orjson.dumps(header), orjson.dumps(claims), b"signature")
    return ".".join(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in parts)


def try_all(text: str) -> None:
    with contextlib.suppress(ProtocolError):
        dpop.check_proof(text, method="POST", url=ISSUER, secrets=VAULT, now=NOW, access_token="t")
    with contextlib.suppress(ProtocolError):
        statement = client_assertion.read(text)
        client_assertion.check(statement, CLIENT, KEYS, issuer=ISSUER, endpoints=(), now=NOW)
        client_assertion.named(statement)


@settings(max_examples=300, deadline=None)
@given(HEADER, CLAIMS, st.booleans())
def test_any_header_and_any_claims(header: dict[str, Any], claims: dict[str, Any], is_signed: bool) -> None:
    try_all(token(header, claims, is_signed))


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=200) | st.text(alphabet="abcXYZ019-_.=", max_size=200))
def test_any_text(text: str) -> None:
    try_all(text)
    mtls.certificate_of(text)
    dpop.normal(text)
    dpop.normal(f"https://{text}")


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=300))
def test_any_certificate(content: bytes) -> None:
    mtls.certificate_of(f":{base64.b64encode(content).decode()}:")
