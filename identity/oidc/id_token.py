"""The ID token: who signed in, when, how strongly (OpenID Connect Core section 2)."""

from __future__ import annotations

import base64
import hashlib
from datetime import datetime
from typing import Any

from identity.oidc.claims import as_named
from identity.oidc.clients import Client
from identity.oidc.grants import Bought
from identity.oidc.keys import KeyRing
from identity.oidc.provider import Provider
from identity.oidc.subjects import sid_for
from identity.vault import Vault

OURS = {"iss", "sub", "aud", "iat", "exp", "auth_time", "sid", "at_hash"}
"""What each of our ID tokens says. A signed userinfo has their typ, but not all of these."""


def id_token(
    provider: Provider,
    keys: KeyRing,
    secrets: Vault,
    client: Client,
    bought: Bought,
    access_token: str,
    *,
    extra: dict[str, Any],
    now: datetime,
) -> str:
    """An ID token signed as its client was registered; `extra` are claims that the person agreed to have in it."""
    algorithm = client.id_token_signed_response_alg
    issued = int(now.timestamp())
    claims: dict[str, Any] = {
        **as_named(extra, client.claim_mapping),
        "iss": provider.issuer,
        "sub": bought.sub,
        "aud": client.client_id,
        "iat": issued,
        "exp": issued + int(provider.lifetimes.id_token.total_seconds()),
        "auth_time": int(bought.auth_time.timestamp()),
        "acr": bought.acr,
        "amr": list(bought.amr),
        "sid": sid_for(secrets, bought.session_id, client),
        "at_hash": half_hash(access_token, algorithm),
    }
    if bought.nonce is not None:
        claims["nonce"] = bought.nonce
    return keys.sign(claims, alg=algorithm)


def half_hash(token: str, algorithm: str) -> str:
    """The left half of the hash that goes with the signature (Core section 3.1.3.6); Ed25519 goes with SHA-512."""
    hashed = (hashlib.sha512 if algorithm in {"EdDSA", "Ed25519"} else hashlib.sha256)(token.encode()).digest()
    return base64.urlsafe_b64encode(hashed[: len(hashed) // 2]).decode().rstrip("=")


def read_hint(provider: Provider, keys: KeyRing, token: str) -> dict[str, Any] | None:
    """The claims of an ID token of ours; an expired one still names its person (RP-Initiated Logout section 2)."""
    if len(token) > 8_000:
        return None
    claims = keys.read(token, typ="JWT")
    if claims is None or not claims.keys() >= OURS:
        return None
    if claims["iss"] != provider.issuer or not isinstance(claims["sub"], str):
        return None
    return claims
