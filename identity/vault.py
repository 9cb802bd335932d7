"""Keys and what is done with them: sealing personal data, blind indexes, digests of secrets.

Four independent keys by purpose (architecture, invariant 6): encryption, blind index, token pepper, audit seal. They
come from files or a key service, never from the database. A stolen database alone shows nothing and cannot be
brute-forced, because every digest and index is keyed.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCMSIV
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

KEY_BYTES = 32
NONCE_BYTES = 12


class Unsealable(Exception):
    """The ciphertext was moved, altered, or sealed under a key that is not here."""


@dataclass(frozen=True, slots=True)
class Keys:
    """Raw 32-byte keys. `encryption` maps key id (1-255) to key; `encryption_id` is the one that seals today."""

    encryption: Mapping[int, bytes]
    encryption_id: int
    blind_index: bytes
    token_pepper: bytes
    audit_seal: bytes

    def __post_init__(self) -> None:
        singles = [self.blind_index, self.token_pepper, self.audit_seal]
        everything = [*self.encryption.values(), *singles]
        if self.encryption_id not in self.encryption:
            raise ValueError("the active encryption key is missing")
        if any(len(key) != KEY_BYTES for key in everything):
            raise ValueError("every key has 32 bytes")
        if len(set(everything)) != len(everything):
            raise ValueError("keys of different purposes must differ")

    @classmethod
    def generate(cls) -> Keys:
        """Fresh keys, for tests and for the first start of a demonstration."""
        one, two, three, four = (secrets.token_bytes(KEY_BYTES) for _ in range(4))
        return cls({1: one}, 1, two, three, four)


@dataclass(slots=True)
class Vault:
    """Seals, indexes and digests with `Keys`."""

    keys: Keys
    _ciphers: dict[int, AESGCMSIV] = field(default_factory=dict)
    _subkeys: dict[tuple[str, str], bytes] = field(default_factory=dict)

    def seal(self, column: str, row_id: UUID, plain: bytes) -> bytes:
        """AES-256-GCM-SIV; associated data is `table.column` and the row's id. Layout: key id, nonce, ciphertext."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        key_id = self.keys.encryption_id
        return bytes([key_id]) + nonce + self._cipher(key_id).encrypt(nonce, plain, _bound_to(column, row_id))

    def open(self, column: str, row_id: UUID, sealed: bytes) -> bytes:
        """The inverse of `seal`; raises `Unsealable`."""
        key_id, nonce, body = sealed[0], sealed[1 : 1 + NONCE_BYTES], sealed[1 + NONCE_BYTES :]
        if key_id not in self.keys.encryption:
            raise Unsealable(f"no encryption key {key_id}")
        try:
            return self._cipher(key_id).decrypt(nonce, body, _bound_to(column, row_id))
        except InvalidTag:
            raise Unsealable(column) from None

    def blind(self, column: str, value: str) -> bytes:
        """Keyed index of a normalised value, a subkey a column, so that equal values of two columns do not match."""
        return hmac.digest(self._subkey("blind", column), value.encode(), "sha256")

    def digest(self, purpose: str, secret: str) -> bytes:
        """Keyed hash under which a high-entropy secret (token, code) is stored and found."""
        return hmac.digest(self._subkey("digest", purpose), secret.encode(), "sha256")

    def derive(self, purpose: str, *parts: bytes) -> bytes:
        """32 bytes derived from the pepper and length-framed parts (HKDF-Expand, RFC 5869)."""
        framed = b"".join(len(part).to_bytes(4, "big") + part for part in parts)
        return HKDFExpand(SHA256(), KEY_BYTES, purpose.encode() + b"\0" + framed).derive(self.keys.token_pepper)

    def audit_signing_seed(self) -> bytes:
        """The 32 bytes from which the key of audit checkpoints is made (Ed25519, RFC 8032)."""
        return HKDFExpand(SHA256(), KEY_BYTES, b"audit checkpoint").derive(self.keys.audit_seal)

    def checks(self) -> dict[str, bytes]:
        """What each key answers to a fixed question, by the key's name; tells nothing about the key."""
        singles = {"blind-index": self.keys.blind_index, "token-pepper": self.keys.token_pepper}
        named = {f"encryption-{key_id}": key for key_id, key in self.keys.encryption.items()} | singles
        named["audit-seal"] = self.keys.audit_seal
        return {name: HKDFExpand(SHA256(), KEY_BYTES, b"key check").derive(key) for name, key in named.items()}

    def _cipher(self, key_id: int) -> AESGCMSIV:
        if key_id not in self._ciphers:
            self._ciphers[key_id] = AESGCMSIV(self.keys.encryption[key_id])
        return self._ciphers[key_id]

    def _subkey(self, kind: str, name: str) -> bytes:
        if (kind, name) not in self._subkeys:
            root = self.keys.blind_index if kind == "blind" else self.keys.token_pepper
            self._subkeys[kind, name] = HKDFExpand(SHA256(), KEY_BYTES, f"{kind}:{name}".encode()).derive(root)
        return self._subkeys[kind, name]


def _bound_to(column: str, row_id: UUID) -> bytes:
    return column.encode() + b"|" + row_id.bytes


def fingerprint(content: bytes) -> str:
    """Plain SHA-256, for content whose integrity is checked and that is no secret."""
    return hashlib.sha256(content).hexdigest()
