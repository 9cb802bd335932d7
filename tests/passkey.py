"""A phone's lock in software: makes passkeys and signs with them, as a browser does for a page (WebAuthn level 3)."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

PRESENT, VERIFIED, MAY_SYNC, SYNCED, ATTESTED = 0x01, 0x04, 0x08, 0x10, 0x40


def plain(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def coded(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


class Phone:
    """One device with one passkey. What a test changes (origin, flags, count) is what a thief would change."""

    def __init__(self, *, host: str = "localhost", origin: str = "http://localhost", is_synced: bool = False) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.id = secrets.token_bytes(20)
        self.host, self.origin, self.count = host, origin, 0
        self.flags = PRESENT | VERIFIED | (MAY_SYNC | SYNCED if is_synced else 0)

    def make(self, options: str) -> str:
        """The answer to `navigator.credentials.create`."""
        data = self._authenticator_data(self.flags | ATTESTED) + bytes(16) + len(self.id).to_bytes(2, "big") + self.id
        statement = {"fmt": "none", "attStmt": {}, "authData": data + cbor2.dumps(self._public_key())}
        response = {"attestationObject": coded(cbor2.dumps(statement)), "transports": ["internal"]}
        return self._answer(response, self._client_data("webauthn.create", options))

    def sign(self, options: str) -> str:
        """The answer to `navigator.credentials.get`."""
        self.count += 1
        client_data, data = self._client_data("webauthn.get", options), self._authenticator_data(self.flags)
        signature = self.key.sign(data + hashlib.sha256(client_data).digest(), ec.ECDSA(SHA256()))
        response = {"authenticatorData": coded(data), "signature": coded(signature), "userHandle": None}
        return self._answer(response, client_data)

    def _answer(self, response: dict[str, Any], client_data: bytes) -> str:
        response["clientDataJSON"] = coded(client_data)
        own = {"id": coded(self.id), "rawId": coded(self.id), "type": "public-key", "clientExtensionResults": {}}
        return json.dumps({**own, "response": response})

    def _client_data(self, kind: str, options: str) -> bytes:
        asked = json.loads(options)["challenge"]
        said = {"type": kind, "challenge": asked, "origin": self.origin, "crossOrigin": False}
        return json.dumps(said).encode()

    def _authenticator_data(self, flags: int) -> bytes:
        return hashlib.sha256(self.host.encode()).digest() + bytes([flags]) + self.count.to_bytes(4, "big")

    def _public_key(self) -> dict[int, Any]:
        numbers = self.key.public_key().public_numbers()
        return {1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")}
