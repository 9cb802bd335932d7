"""The ID token: who signed in, when, how strongly (OpenID Connect Core section 2)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from authlib.oidc.core.util import create_half_hash

from identity.oidc.clients import Client
from identity.oidc.grants import Bought
from identity.oidc.keys import USUAL, KeyRing
from identity.oidc.provider import Provider
from identity.oidc.subjects import sid_for
from identity.vault import Vault


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
    """A signed ID token; `extra` are claims that the person agreed to have in it."""
    issued = int(now.timestamp())
    claims: dict[str, Any] = {
        **extra,
        "iss": provider.issuer,
        "sub": bought.sub,
        "aud": client.client_id,
        "iat": issued,
        "exp": issued + int(provider.lifetimes.id_token.total_seconds()),
        "auth_time": int(bought.auth_time.timestamp()),
        "acr": bought.acr,
        "amr": list(bought.amr),
        "sid": sid_for(secrets, bought.session_id, client),
        "at_hash": create_half_hash(access_token, USUAL).decode(),
    }
    if bought.nonce is not None:
        claims["nonce"] = bought.nonce
    return keys.sign(claims)


def read_hint(provider: Provider, keys: KeyRing, token: str) -> dict[str, Any] | None:
    """The claims of an ID token of ours; an expired one still names its person (RP-Initiated Logout section 2)."""
    if len(token) > 8_000:
        return None
    claims = keys.read(token)
    if claims is None or claims.get("iss") != provider.issuer or not isinstance(claims.get("sub"), str):
        return None
    return claims
