"""Keys of clients, and what they sign with them: assertions, DPoP proofs, certificates."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from datetime import datetime, timedelta
from typing import Any

import orjson
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtensionOID, NameOID
from joserfc import jws
from joserfc.jwk import ECKey, Key, KeySet, OKPKey, RSAKey

ISSUER = "http://localhost"
TYPES = {"ES256": (ECKey, "P-256"), "PS256": (RSAKey, 2048), "RS256": (RSAKey, 2048), "Ed25519": (OKPKey, "Ed25519")}


def a_key(algorithm: str = "ES256") -> Key:
    kind, size = TYPES[algorithm]
    key: Key = kind.generate_key(size)
    key.ensure_kid()
    return key


def public(*keys: Key) -> dict[str, Any]:
    """The key set that a client registers."""
    return KeySet(list(keys)).as_dict(private=False)


def signed(key: Any, claims: dict[str, Any], header: dict[str, Any]) -> str:
    """Header and claims as they are: a wrong one is the point of many tests."""
    message = f"{_part(orjson.dumps(header))}.{_part(orjson.dumps(claims))}"
    if header["alg"] == "none":
        signature = b""
    elif header["alg"] == "HS256":  # the public key as if it were a shared secret
        signature = hmac.digest(key.as_pem(private=False), message.encode(), "sha256")
    else:
        signature = jws.JWSRegistry.algorithms[header["alg"]].sign(message.encode(), key)
    return f"{message}.{_part(signature)}"


def _part(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


def an_assertion(
    key: Key, *, now: datetime, client_id: str = "a-service", header: dict[str, Any] | None = None, **changes: Any
) -> str:
    """A client assertion as it should be; a change to None leaves a claim out."""
    claims: dict[str, Any] = {
        "iss": client_id,
        "sub": client_id,
        "aud": ISSUER,
        "jti": secrets.token_urlsafe(12),
        "iat": int(now.timestamp()),
        "exp": int(now.timestamp()) + 60,
        **changes,
    }
    usual = {"alg": "ES256", "kid": key.kid, "typ": "client-authentication+jwt", **(header or {})}
    return signed(key, _without_none(claims), _without_none(usual))


def with_assertion(assertion: str) -> dict[str, str]:
    """The form fields of a client that proves itself so."""
    kind = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
    return {"client_assertion_type": kind, "client_assertion": assertion}


def a_proof(
    key: Key,
    *,
    now: datetime,
    method: str = "POST",
    url: str = f"{ISSUER}/oauth/token",
    access_token: str | None = None,
    header: dict[str, Any] | None = None,
    **changes: Any,
) -> str:
    """A DPoP proof as it should be; a change to None leaves a claim out."""
    claims: dict[str, Any] = {"jti": secrets.token_urlsafe(12), "htm": method, "htu": url, "iat": int(now.timestamp())}
    if access_token is not None:
        claims["ath"] = digest_of(access_token)
    jwk = {name: value for name, value in key.as_dict(private=False).items() if name not in ("kid", "use", "alg")}
    usual = {"alg": "ES256", "typ": "dpop+jwt", "jwk": jwk, **(header or {})}
    return signed(key, _without_none({**claims, **changes}), _without_none(usual))


def digest_of(text: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).decode().rstrip("=")


def a_certificate(
    *, now: datetime, name: str = "a-service", days: int = 1, dns: str = "a.example", names: bytes = b""
) -> x509.Certificate:
    """A self-signed certificate, valid from a minute ago. `names` are its alternative names as they are encoded."""
    usual = x509.SubjectAlternativeName([x509.DNSName(dns)])
    raw = x509.UnrecognizedExtension(ExtensionOID.SUBJECT_ALTERNATIVE_NAME, names)
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=1))
        .not_valid_after(now + timedelta(days=days))
        .add_extension(raw if names else usual, critical=False)
        .sign(key, SHA256())
    )


def pem(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(Encoding.PEM).decode()


def certificate_keys(certificate: x509.Certificate) -> dict[str, Any]:
    """The key set of a client that registers this very certificate."""
    raw: Any = certificate.public_key()
    key = ECKey.import_key(raw).as_dict(private=False)
    return {"keys": [{**key, "x5c": [base64.b64encode(certificate.public_bytes(Encoding.DER)).decode()]}]}


def _without_none(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}
