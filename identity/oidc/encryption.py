"""Answers that only their client can read: ID tokens and userinfo as JWE (OpenID Connect Core sections 10.2, 16.14)."""

from __future__ import annotations

from typing import Literal

from joserfc import jwe
from joserfc.jwk import Key, KeySet

from identity.oidc.client_metadata import ClientMetadata
from identity.oidc.errors import ProtocolError

Kind = Literal["id_token", "userinfo"]
USUAL_CIPHER = "A128CBC-HS256"
"""Where a client names no `enc` (Registration 1.0 section 2)."""


def is_encrypted(client: ClientMetadata, *kinds: Kind) -> bool:
    """Whether answers of one of these kinds are encrypted to this client, so that its keys are needed."""
    return any(getattr(client, f"{kind}_encrypted_response_alg") for kind in kinds)


def encrypt_for(client: ClientMetadata, jws: str, *, kind: Kind, keys: KeySet | None) -> str:
    """A signed answer, encrypted to a key of this client if its metadata ask for that."""
    return encrypted(client, jws, kind=kind, keys=keys) if is_encrypted(client, kind) else jws


def encrypted(client: ClientMetadata, content: str | bytes, *, kind: Kind, keys: KeySet | None) -> str:
    """`content` as a JWE for this client; text is a signed JWT, and named as such.

    `ProtocolError` when the client offers no key for what it asked: nothing is then sent in clear.
    """
    wrap = getattr(client, f"{kind}_encrypted_response_alg")
    cipher = getattr(client, f"{kind}_encrypted_response_enc") or USUAL_CIPHER
    key = next((key for key in keys.keys if _fits(key, wrap)), None) if keys else None
    if key is None:
        raise ProtocolError("invalid_request", f"No key of the client fits {kind}_encrypted_response_alg")
    header = {"alg": wrap, "enc": cipher} | ({"cty": "JWT"} if isinstance(content, str) else {})
    if key.kid is not None:
        header["kid"] = key.kid
    plain = content.encode() if isinstance(content, str) else content
    return jwe.encrypt_compact(header, plain, key, algorithms=[wrap, cipher])


def _fits(key: Key, wrap: str) -> bool:
    if key.get("alg", wrap) != wrap:
        return False
    return key.key_type == "RSA" if wrap.startswith("RSA") else _agrees(key)


def _agrees(key: Key) -> bool:
    return key.key_type == "EC" or (key.key_type == "OKP" and key.get("crv") == "X25519")
