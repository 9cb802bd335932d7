"""Compact signatures that clients make (RFC 7515, RFC 8725): read first, believed only after a key was chosen for them.

The key never comes from the message's own header here; a DPoP proof, which carries its key, brings it as an argument.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import Key, KeySet

LONGEST = 16_000
KEY_TYPES = {"ES256": "EC", "PS256": "RSA", "RS256": "RSA", "EdDSA": "OKP", "Ed25519": "OKP"}


class Unreadable(ValueError):
    """Not a compact JWS with a JSON header and a JSON object inside."""


@dataclass(frozen=True, slots=True)
class Unverified:
    """What a message says before anybody has checked its signature."""

    token: str
    header: Mapping[str, Any]
    claims: Mapping[str, Any]


class _Registry(jws.JWSRegistry):
    """Room for an RSA key in the header. `EdDSA`, the older name of Ed25519 (RFC 9864), is read without a warning."""

    max_header_length = 4_096
    max_payload_length = 8_192

    def get_alg(self, name: str) -> Any:
        if name not in KEY_TYPES:
            raise JoseError("an algorithm that nobody here asks for")
        return self.algorithms[name]


_REGISTRY = _Registry(strict_check_header=False)


def read(token: str) -> Unverified:
    """The parts of a message. `Unreadable` where it is none, or has extensions that must be understood."""
    if len(token) > LONGEST or token.count(".") != 2 or not token.isascii():
        raise Unreadable("not a compact JWS")
    header, claims, _signature = (_part(part) for part in token.split("."))
    try:
        values = orjson.loads(header), orjson.loads(claims)
    except orjson.JSONDecodeError as error:
        raise Unreadable("not JSON") from error
    if not isinstance(values[0], dict) or not isinstance(values[1], dict) or {"crit", "b64"} & values[0].keys():
        raise Unreadable("not two JSON objects, or an extension in the header")
    return Unverified(token, *values)


def names_of(algorithm: str) -> tuple[str, ...]:
    """`EdDSA` and `Ed25519` name one algorithm (RFC 9864)."""
    return ("EdDSA", "Ed25519") if algorithm in {"EdDSA", "Ed25519"} else (algorithm,)


def is_signed_with(message: Unverified, key: Key, algorithms: Sequence[str]) -> bool:
    """Whether this key made the signature, with one of these algorithms and no other."""
    algorithm = message.header.get("alg")
    if algorithm not in algorithms or KEY_TYPES.get(str(algorithm)) != key.key_type:
        return False
    try:
        jws.deserialize_compact(message.token, key, list(algorithms), _REGISTRY)
    except (JoseError, ValueError, TypeError):
        return False
    return True


def is_signed_by(message: Unverified, keys: KeySet, algorithms: Sequence[str]) -> bool:
    """Whether one of these keys made it: the one that the message names, else any that fits."""
    named = message.header.get("kid")
    return any(is_signed_with(message, key, algorithms) for key in keys.keys if named is None or key.kid == named)


def _part(text: str) -> bytes:
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        raise Unreadable("not base64url") from error
