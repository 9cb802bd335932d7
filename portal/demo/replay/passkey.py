"""The lock of a made-up phone: makes one passkey as a browser hands it over (WebAuthn level 3), and forgets its key."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec

from identity.credentials.passkey import Site

PRESENT_VERIFIED_ATTESTED = 0x01 | 0x04 | 0x40


def made_passkey(options: str, site: Site) -> str:
    """The answer to `navigator.credentials.create` with these options."""
    own = secrets.token_bytes(20)
    data = hashlib.sha256(site.host.encode()).digest() + bytes([PRESENT_VERIFIED_ATTESTED]) + bytes(4)
    data += bytes(16) + len(own).to_bytes(2, "big") + own + cbor2.dumps(_public_key())
    told = {"type": "webauthn.create", "challenge": json.loads(options)["challenge"], "origin": site.origin}
    response = {
        "attestationObject": _coded(cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})),
        "clientDataJSON": _coded(json.dumps({**told, "crossOrigin": False}).encode()),
        "transports": ["internal"],
    }
    return json.dumps({"id": _coded(own), "rawId": _coded(own), "type": "public-key", "response": response})


def _public_key() -> dict[int, Any]:
    numbers = ec.generate_private_key(ec.SECP256R1()).public_key().public_numbers()
    return {1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")}


def _coded(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")
