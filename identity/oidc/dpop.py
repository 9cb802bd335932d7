"""Proof of possession of a key, request by request (RFC 9449).

The nonce is not stored: it is derived from a server key and the time slot, so every process of one portal knows it. It
bounds the age of a proof whatever the client's clock says; the ledger of `jti` makes each proof count once.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from joserfc.errors import JoseError
from joserfc.jwk import ECKey, JWKRegistry, Key, OKPKey, RSAKey
from sqlalchemy.orm import Session

from identity.either_key import each
from identity.oidc import jws
from identity.oidc.binding import DPOP, Binding
from identity.oidc.errors import ProtocolError
from identity.oidc.jws import Unreadable, Unverified
from identity.oidc.profiles import CLIENT_ALGORITHMS
from identity.once import Mark, spend_each
from identity.vault import Vault

ALGORITHMS = CLIENT_ALGORITHMS
PURPOSE = "dpop-proof"
SCHEME = "DPoP"
AGE = timedelta(seconds=60)
"""How old a proof may be, and how far ahead its client's clock."""
SLOT_SECONDS = 60
SLOTS_KEPT = 4
"""A nonce is good in the slot in which it was handed out and in those after it: three to four minutes."""
LONGEST_ID = 512
LEAST_RSA_CHARACTERS = 342
"""2048 bits in base64url."""
DEFAULT_PORTS = {"https": 443, "http": 80}
ESCAPE = re.compile(r"%([0-9a-fA-F]{2})")
UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")


@dataclass(frozen=True, slots=True)
class DpopProof:
    """A proof that holds: which key made it, and what has to be spent so that it counts once."""

    jkt: str
    mark: Mark

    @property
    def binding(self) -> Binding:
        return Binding(DPOP, self.jkt)


def check_proof(
    proof: str,
    *,
    method: str,
    url: str,
    secrets: Vault,
    now: datetime,
    access_token: str | None = None,
    needs_nonce: bool = False,
) -> DpopProof:
    """The proof of this request (section 4.3). `ProtocolError` invalid_dpop_proof, or use_dpop_nonce with a fresh one.

    Writes nothing: `spend_jti` follows when everything else about the request is right.
    """
    try:
        message = jws.read(proof)
    except Unreadable:
        raise _refusal("The DPoP proof is not a signed JWT") from None
    key = _key_of(message)
    if not jws.is_signed_with(message, key, ALGORITHMS):
        raise _refusal("The DPoP proof is not signed by the key in its header")
    _check_request(message, method, url, access_token)
    _check_nonce(message, secrets, now, needs_nonce)
    made, identifier = _made_at(message, now), message.claims.get("jti")
    if not isinstance(identifier, str) or not 1 <= len(identifier) <= LONGEST_ID:
        raise _refusal("The DPoP proof needs a jti")
    jkt = key.thumbprint()
    return DpopProof(jkt, Mark(PURPOSE, f"{jkt}|{identifier}", made + 2 * AGE))


def spend_jti(db: Session, proof: DpopProof) -> None:
    """`ProtocolError` invalid_dpop_proof when the proof was shown before."""
    if spend_each(db, [proof.mark]):
        raise reused()


def reused() -> ProtocolError:
    """Somebody showed this proof before."""
    return _refusal("The DPoP proof was used before", rule="RFC 9449 section 11.1")


def nonce_of(secrets: Vault, now: datetime) -> str:
    """The nonce of this moment."""
    return _written(_nonce(secrets, _slot(now)))


def _key_of(message: Unverified) -> Key:
    """The public key in the header, of a kind and size that may sign."""
    header = message.header
    if not isinstance(header.get("typ"), str) or header["typ"].lower() not in {"dpop+jwt", "application/dpop+jwt"}:
        raise _refusal("The typ of a DPoP proof is dpop+jwt")
    if header.get("alg") not in ALGORITHMS:
        raise _refusal("The DPoP proof is signed with an algorithm that is not on our list")
    parts = header.get("jwk")
    try:
        key = JWKRegistry.import_key(parts) if isinstance(parts, dict) and not _is_small(parts) else None
    except (JoseError, ValueError, TypeError, KeyError):
        key = None
    if key is None or not _is_suitable(key):
        raise _refusal("The header of the DPoP proof needs a public jwk that fits its alg")
    return key


def _is_small(parts: dict[str, Any]) -> bool:
    """An RSA key whose modulus does not fill 2048 bits."""
    return parts.get("kty") == "RSA" and len(str(parts.get("n", ""))) < LEAST_RSA_CHARACTERS


def _is_suitable(key: Key) -> bool:
    if isinstance(key, RSAKey):
        return not key.is_private
    return isinstance(key, ECKey | OKPKey) and not key.is_private and key.curve_name in {"P-256", "Ed25519"}


def _check_request(message: Unverified, method: str, url: str, access_token: str | None) -> None:
    claims = message.claims
    if claims.get("htm") != method:
        raise _refusal("The htm of the DPoP proof is not the method of this request")
    if not isinstance(claims.get("htu"), str) or normal(claims["htu"]) != normal(url):
        raise _refusal("The htu of the DPoP proof is not the address of this request")
    if access_token is not None:
        digest = hashlib.sha256(access_token.encode()).digest()
        expected = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        if not isinstance(claims.get("ath"), str) or not hmac.compare_digest(claims["ath"].encode(), expected.encode()):
            raise _refusal("The ath of the DPoP proof is not the hash of the access token")


def _check_nonce(message: Unverified, secrets: Vault, now: datetime, needs_nonce: bool) -> None:
    nonce = message.claims.get("nonce")
    if nonce is None and not needs_nonce:
        return
    slot = _slot(now)
    good = [_written(one) for age in range(SLOTS_KEPT) for one in each(_nonce(secrets, slot - age))]
    if not isinstance(nonce, str) or nonce not in good:
        raise ProtocolError(
            "use_dpop_nonce",
            "The DPoP proof needs the nonce of the header DPoP-Nonce",
            rule="RFC 9449 section 8",
            headers={"DPoP-Nonce": good[0]},
        )


def _made_at(message: Unverified, now: datetime) -> datetime:
    value = message.claims.get("iat")
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 10**11:
        raise _refusal("The DPoP proof needs an iat")
    made = datetime.fromtimestamp(value, UTC)
    if abs(now - made) > AGE:
        raise _refusal("The iat of the DPoP proof is not close to our time")
    _check_life(message.claims, now)
    return made


def _check_life(claims: Any, now: datetime) -> None:
    """`exp` and `nbf` are not asked for, but whoever sends them means them."""
    ends, begins = claims.get("exp"), claims.get("nbf")
    stamp = now.timestamp()
    if ends is not None and (not isinstance(ends, int | float) or ends <= stamp):
        raise _refusal("The DPoP proof has expired")
    if begins is not None and (not isinstance(begins, int | float) or begins > stamp + AGE.total_seconds()):
        raise _refusal("The nbf of the DPoP proof lies in the future")


def normal(url: str) -> str | None:
    """An address without query and fragment, in one spelling (RFC 3986 section 6.2.2 and 6.2.3); None for nonsense."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        return None
    scheme = parts.scheme.lower()
    if not host or scheme not in DEFAULT_PORTS or "@" in parts.netloc:
        return None
    shown = f"[{host}]" if ":" in host else host
    suffix = "" if port in (None, DEFAULT_PORTS[scheme]) else f":{port}"
    return f"{scheme}://{shown}{suffix}{ESCAPE.sub(_unescaped, parts.path) or '/'}"


def _unescaped(match: re.Match[str]) -> str:
    letter = chr(int(match[1], 16))
    return letter if letter in UNRESERVED else match[0].upper()


def _slot(now: datetime) -> int:
    return int(now.timestamp()) // SLOT_SECONDS


def _nonce(secrets: Vault, slot: int) -> bytes:
    return secrets.digest("dpop-nonce", str(slot))


def _written(nonce: bytes) -> str:
    return base64.urlsafe_b64encode(nonce[:18]).decode()


def _refusal(description: str, *, rule: str = "RFC 9449 section 4.3") -> ProtocolError:
    return ProtocolError("invalid_dpop_proof", description, rule=rule)
