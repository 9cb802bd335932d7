"""What userinfo answers (OpenID Connect Core section 5.3)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import orjson
from joserfc.jwk import KeySet
from sqlalchemy.orm import Session

from identity.oidc.claims import as_named, values_of
from identity.oidc.clients import Client
from identity.oidc.encryption import encrypted, is_encrypted
from identity.oidc.keys import KeyRing
from identity.oidc.provider import Provider
from identity.oidc.tokens import Live
from identity.vault import Vault

JSON, JWT = "application/json", "application/jwt"


def userinfo_claims(db: Session, keys: Vault, live: Live, *, now: datetime) -> dict[str, Any]:
    """The subject and the claims of the agreed items."""
    claims: dict[str, Any] = {}
    if live.person_id is not None and live.items:
        claims = values_of(db, keys, live.person_id, live.items, now=now)
    return {**claims, "sub": live.sub}


def userinfo_answer(
    provider: Provider, ring: KeyRing, client: Client, claims: dict[str, Any], *, recipient: KeySet | None = None
) -> tuple[str, bytes]:
    """Media type and body: plain, signed or encrypted as the client was registered (Core section 5.3.2).

    `recipient` are the client's keys for encryption, needed when `is_encrypted(client, "userinfo")`.
    """
    named = as_named(claims, client.claim_mapping)
    content: str | bytes = orjson.dumps(named)
    if client.userinfo_signed_response_alg is not None:
        told = {**named, "iss": provider.issuer, "aud": client.client_id}
        content = ring.sign(told, alg=client.userinfo_signed_response_alg)
    if is_encrypted(client, "userinfo"):
        content = encrypted(client, content, kind="userinfo", keys=recipient)
    return (JSON, content) if isinstance(content, bytes) else (JWT, content.encode())
