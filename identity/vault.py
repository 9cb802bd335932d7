"""Keys and what is done with them: sealing personal data, blind indexes, digests of secrets.

Four independent keys by purpose (architecture, invariant 6): encryption, blind index, token pepper, audit seal. They
come from files or a key service, never from the database. A stolen database alone shows nothing and cannot be
brute-forced, because every digest and index is keyed.

Each purpose may have several versions while it is turned (`identity.rotation`): one writes, another still counts.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCMSIV
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from identity.either_key import Either

KEY_BYTES = 32
NONCE_BYTES = 12


class Unsealable(Exception):
    """The ciphertext was moved, altered, or sealed under a key that is not here."""


class Purpose(StrEnum):
    """What a key is for; also the name of its file."""

    ENCRYPTION = "encryption"
    INDEX = "blind-index"
    PEPPER = "token-pepper"
    SEAL = "audit-seal"


Single = bytes | Mapping[int, bytes]
"""One key, which is version 1, or the versions that are there."""


@dataclass(frozen=True, slots=True)
class Keys:
    """Raw 32-byte keys. `encryption` maps key id (1-255) to key; `encryption_id` is the one that seals today.

    `lasting` is what pseudonyms are derived from, which are kept for good; by itself the first token pepper.
    """

    encryption: Mapping[int, bytes]
    encryption_id: int
    blind_index: Single
    token_pepper: Single
    audit_seal: Single
    lasting: bytes = b""
    versions: Mapping[Purpose, Mapping[int, bytes]] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        singles = {Purpose.INDEX: self.blind_index, Purpose.PEPPER: self.token_pepper, Purpose.SEAL: self.audit_seal}
        versions = {purpose: {1: given} if isinstance(given, bytes) else given for purpose, given in singles.items()}
        versions[Purpose.ENCRYPTION] = self.encryption
        object.__setattr__(self, "versions", versions)
        if not self.lasting:
            peppers = versions[Purpose.PEPPER]
            object.__setattr__(self, "lasting", peppers[min(peppers)])
        everything = [key for each in versions.values() for key in each.values()]
        if self.encryption_id not in self.encryption:
            raise ValueError("the active encryption key is missing")
        if any(len(key) != KEY_BYTES for key in [*everything, self.lasting]):
            raise ValueError("every key has 32 bytes")
        if len(set(everything)) != len(everything):
            raise ValueError("keys of different purposes must differ")

    @classmethod
    def generate(cls) -> Keys:
        """Fresh keys, for tests and for the first start of a demonstration."""
        one, two, three, four = (secrets.token_bytes(KEY_BYTES) for _ in range(4))
        return cls({1: one}, 1, two, three, four)


@dataclass(frozen=True, slots=True)
class Use:
    """Which version of a purpose's key writes, and which other one counts besides, while it is turned."""

    version: int
    other: int | None = None


class Vault:
    """Seals, indexes and digests with `Keys`. `reread` gets the keys again when a newer one is met."""

    def __init__(self, keys: Keys, reread: Callable[[], Keys] | None = None) -> None:
        self.reread = reread
        self._hand = _Hand(keys, {})

    @property
    def keys(self) -> Keys:
        """The keys of this moment."""
        return self._hand.keys

    @property
    def turns(self) -> bool:
        """Whether any digest or index counts under two keys now."""
        return self._hand.turns

    def use(self, uses: Mapping[Purpose, Use]) -> None:
        """From now on these versions write and count; keys that are not here yet are looked for."""
        keys = self.keys
        wanted = {(purpose, number) for purpose, use in uses.items() for number in (use.version, use.other) if number}
        if self.reread is not None and any(number not in keys.versions[purpose] for purpose, number in wanted):
            keys = self.reread()
        if keys is not self.keys or dict(uses) != self._hand.uses:
            self._hand = _Hand(keys, dict(uses))

    def renew(self) -> None:
        """Read the keys again: one was made."""
        if self.reread is not None:
            self._hand = _Hand(self.reread(), self._hand.uses)

    def version(self, purpose: Purpose) -> int:
        """The version that writes."""
        return self._hand.use(purpose).version

    def seal(self, column: str, row_id: UUID, plain: bytes) -> bytes:
        """AES-256-GCM-SIV; associated data is `table.column` and the row's id. Layout: key id, nonce, ciphertext."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        hand = self._hand
        key_id = hand.use(Purpose.ENCRYPTION).version
        return bytes([key_id]) + nonce + hand.cipher(key_id).encrypt(nonce, plain, _bound_to(column, row_id))

    def open(self, column: str, row_id: UUID, sealed: bytes) -> bytes:
        """The inverse of `seal`; raises `Unsealable`."""
        key_id, nonce, body = sealed[0], sealed[1 : 1 + NONCE_BYTES], sealed[1 + NONCE_BYTES :]
        if key_id not in self.keys.encryption:
            self.renew()  # another process has turned to a newer key
        if key_id not in self.keys.encryption:
            raise Unsealable(f"no encryption key {key_id}")
        try:
            return self._hand.cipher(key_id).decrypt(nonce, body, _bound_to(column, row_id))
        except InvalidTag:
            raise Unsealable(column) from None

    def blind(self, column: str, value: str) -> bytes:
        """Keyed index of a normalised value, a subkey a column, so that equal values of two columns do not match."""
        return self._hand.keyed(Purpose.INDEX, column, value.encode())

    def digest(self, purpose: str, secret: str) -> bytes:
        """Keyed hash under which a high-entropy secret (token, code) is stored and found."""
        return self._hand.keyed(Purpose.PEPPER, purpose, secret.encode())

    def derive(self, purpose: str, *parts: bytes) -> bytes:
        """32 bytes derived from the lasting key and length-framed parts (HKDF-Expand, RFC 5869)."""
        framed = b"".join(len(part).to_bytes(4, "big") + part for part in parts)
        return HKDFExpand(SHA256(), KEY_BYTES, purpose.encode() + b"\0" + framed).derive(self.keys.lasting)

    def audit_signing_seed(self, version: int | None = None) -> bytes:
        """The 32 bytes from which the key of audit checkpoints is made (Ed25519, RFC 8032)."""
        key = self.keys.versions[Purpose.SEAL][version or self.version(Purpose.SEAL)]
        return HKDFExpand(SHA256(), KEY_BYTES, b"audit checkpoint").derive(key)

    def checks(self) -> dict[str, bytes]:
        """What each key answers to a fixed question, by the key's name; tells nothing about the key."""
        named = {
            key_name(purpose, number): key
            for purpose, versions in self.keys.versions.items()
            for number, key in versions.items()
        }
        return {name: HKDFExpand(SHA256(), KEY_BYTES, b"key check").derive(key) for name, key in named.items()}

    def in_use(self) -> set[str]:
        """The names of the keys that write or count."""
        uses = {purpose: self._hand.use(purpose) for purpose in Purpose}
        return {key_name(purpose, one) for purpose, use in uses.items() for one in (use.version, use.other) if one}


class _Hand:
    """The keys of one moment with what was made of them; never changed, so that threads may share it."""

    def __init__(self, keys: Keys, uses: Mapping[Purpose, Use]) -> None:
        self.keys, self.uses = keys, uses
        self.turns = any(self.use(purpose).other for purpose in (Purpose.INDEX, Purpose.PEPPER))
        self._ciphers: dict[int, AESGCMSIV] = {}
        self._subkeys: dict[tuple[Purpose, int, str], bytes] = {}

    def use(self, purpose: Purpose) -> Use:
        if purpose in self.uses:
            return self.uses[purpose]
        return Use(self.keys.encryption_id if purpose is Purpose.ENCRYPTION else min(self.keys.versions[purpose]))

    def cipher(self, key_id: int) -> AESGCMSIV:
        if key_id not in self._ciphers:
            self._ciphers[key_id] = AESGCMSIV(self.keys.encryption[key_id])
        return self._ciphers[key_id]

    def keyed(self, purpose: Purpose, name: str, value: bytes) -> bytes:
        use = self.use(purpose)
        made = hmac.digest(self._subkey(purpose, use.version, name), value, "sha256")
        if use.other is None:
            return made
        return Either.of(made, hmac.digest(self._subkey(purpose, use.other, name), value, "sha256"))

    def _subkey(self, purpose: Purpose, version: int, name: str) -> bytes:
        if (purpose, version, name) not in self._subkeys:
            kind = "blind" if purpose is Purpose.INDEX else "digest"
            root = HKDFExpand(SHA256(), KEY_BYTES, f"{kind}:{name}".encode())
            self._subkeys[purpose, version, name] = root.derive(self.keys.versions[purpose][version])
        return self._subkeys[purpose, version, name]


def key_name(purpose: Purpose, version: int) -> str:
    """How a key is called in files and checks; first versions of the singles carry no number."""
    is_bare = version == 1 and purpose is not Purpose.ENCRYPTION
    return purpose.value if is_bare else f"{purpose.value}-{version}"


def _bound_to(column: str, row_id: UUID) -> bytes:
    return column.encode() + b"|" + row_id.bytes


def fingerprint(content: bytes) -> str:
    """Plain SHA-256, for content whose integrity is checked and that is no secret."""
    return hashlib.sha256(content).hexdigest()
