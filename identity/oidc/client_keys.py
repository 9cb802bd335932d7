"""Public keys of clients, by value or fetched, and which of them are good for anything (RFC 7517, RFC 7591).

A copy of a `jwks_uri` is kept for minutes. A signature by an unknown key asks for a fresh one, at most once a minute a
client: whoever sends us rubbish must not make us call the client's server each time. Called before a transaction
writes, because it may wait for the network.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Literal

import orjson
from joserfc.errors import JoseError
from joserfc.jwk import JWKRegistry, Key, KeySet

from identity.gateways import FetchRefused, RemoteFetcher
from identity.oidc.client_metadata import ClientMetadata
from identity.oidc.profiles import CLIENT_ALGORITHMS, KEY_WRAPS

MEDIA_TYPES = "application/jwk-set+json, application/json"
KEPT_SECONDS, STALE_SECONDS = 600.0, 3600.0
"""How long a copy counts, and how long it stands in for a server that does not answer."""
FRESH_SECONDS, RETRY_SECONDS = 60.0, 10.0
"""Between two calls because of an unknown key, and between two calls to a server that fails."""
NEVER, NO_KEYS = float("-inf"), b'{"keys": []}'
MOST_KEYS, MOST_COPIES = 20, 10_000
LEAST_RSA_BITS = 2048
PRIVATE = {"d", "p", "q", "dp", "dq", "qi", "oth", "k"}
CURVES: Mapping[str, set[str]] = {"EC": {"P-256", "P-384", "P-521"}, "OKP": {"Ed25519", "X25519"}}
ALGORITHMS = {"", *CLIENT_ALGORITHMS, "RS256", *KEY_WRAPS}
Use = Literal["sig", "enc"]
OPERATIONS: Mapping[Use, tuple[str, ...]] = {
    "sig": ("verify",),
    "enc": ("encrypt", "wrapKey", "deriveKey", "deriveBits"),
}
"""What `key_ops` may name for us to use a key so (RFC 7517 section 4.3)."""
log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Copy:
    """A key set of one address: its content, when it was read, tried, and last asked for because a key was unknown."""

    content: bytes = NO_KEYS
    read_at: float = NEVER
    tried_at: float = NEVER
    freshened_at: float = NEVER
    lock: threading.Lock = field(default_factory=threading.Lock)

    def is_due(self, moment: float, *, fresh: bool) -> bool:
        if fresh:
            return moment - self.freshened_at >= FRESH_SECONDS
        return moment - self.read_at >= KEPT_SECONDS and moment - self.tried_at >= RETRY_SECONDS


_copies: dict[str, _Copy] = {}


def keys_for(client: ClientMetadata, fetcher: RemoteFetcher, *, fresh: bool = False, use: Use = "sig") -> KeySet:
    """The suitable keys of this client; an empty set when it has none or its server does not answer."""
    if client.jwks is not None:
        return _parsed(orjson.dumps(client.jwks, default=dict), use)
    if client.jwks_uri is None:
        return KeySet([])
    return _parsed(_content(client.jwks_uri, fetcher, fresh=fresh), use)


def has_private_members(jwks: Mapping[str, Any]) -> bool:
    """Whether somebody is about to show us a private or shared key."""
    keys = jwks.get("keys")
    return isinstance(keys, list) and any(isinstance(key, dict) and PRIVATE & set(key) for key in keys)


def suitable(jwks: Mapping[str, Any], use: Use) -> list[Key]:
    """The keys that we would use, in their order; what is too weak, private or unknown is left out."""
    keys = jwks.get("keys")
    if not isinstance(keys, list):
        return []
    found = (_key(key, use) for key in keys[:MOST_KEYS] if isinstance(key, dict))
    return [key for key in found if key is not None]


def _content(address: str, fetcher: RemoteFetcher, *, fresh: bool) -> bytes:
    if len(_copies) > MOST_COPIES:
        _copies.clear()
    copy = _copies.setdefault(address, _Copy())
    with copy.lock:  # who comes meanwhile waits for this answer instead of asking too
        moment = time.monotonic()
        if copy.is_due(moment, fresh=fresh):
            copy.tried_at = moment
            copy.freshened_at = moment if fresh else copy.freshened_at
            _read(copy, address, fetcher)
        return copy.content if moment - copy.read_at < STALE_SECONDS else NO_KEYS


def _read(copy: _Copy, address: str, fetcher: RemoteFetcher) -> None:
    try:
        fetched = fetcher.get(address, accept=MEDIA_TYPES)
        if fetched.status != 200 or not isinstance(orjson.loads(fetched.body), dict):
            raise FetchRefused("no-key-set")
    except (FetchRefused, orjson.JSONDecodeError) as refused:
        log.warning("keys of a client were not read", extra={"reason": getattr(refused, "reason", "no-key-set")})
        return
    copy.content, copy.read_at = fetched.body, copy.tried_at


@lru_cache(maxsize=1_000)
def _parsed(content: bytes, use: Use) -> KeySet:
    """Importing a key costs as much as many signatures, so an unchanged set is imported once."""
    return KeySet(suitable(orjson.loads(content), use))


def _key(said: dict[str, Any], use: Use) -> Key | None:
    is_for_us = said.get("use", use) == use and str(said.get("alg", "")) in ALGORITHMS and _may(said, use)
    if not is_for_us or PRIVATE & set(said) or not _is_strong(said):
        return None
    try:
        key = JWKRegistry.import_key({name: value for name, value in said.items() if name != "key_ops"})
        bits = getattr(key.raw_value, "key_size", 0)
    except (JoseError, ValueError, TypeError, KeyError):
        return None
    return None if said["kty"] == "RSA" and bits < LEAST_RSA_BITS else key


def _may(said: dict[str, Any], use: Use) -> bool:
    """Whether its `key_ops` let us. Browsers export the public half of a key agreement with none at all.

    The library would look for one particular operation, and fail where the key wraps another way.
    """
    operations = said.get("key_ops") or []
    return isinstance(operations, list) and (not operations or any(one in OPERATIONS[use] for one in operations))


def _is_strong(said: dict[str, Any]) -> bool:
    """Of a kind that we use and long enough, as far as can be told without importing it."""
    if said.get("kty") == "RSA":
        return len(str(said.get("n", ""))) * 6 >= LEAST_RSA_BITS
    return str(said.get("crv")) in CURVES.get(str(said.get("kty")), ())
