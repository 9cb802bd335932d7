"""Client certificates (RFC 8705): who a certificate stands for, and the thumbprint that binds tokens to it.

The certificate was shown to the proxy that ends TLS, which passes it on in a header; `portal.security.proxies` takes
that header from everybody else. The proxy proves that the client holds the key; with a name out of a certificate
(`tls_client_auth`) it must also say that the chain was verified.
"""

from __future__ import annotations

import base64
import binascii
import ipaddress
import re
from datetime import datetime
from functools import lru_cache
from urllib.parse import unquote

from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from joserfc.jwk import KeySet

from identity.oidc.binding import CERTIFICATE, Binding
from identity.oidc.client_metadata import ClientMetadata
from identity.oidc.errors import ProtocolError

Certificate = x509.Certificate
LONGEST = 16_000
UNREADABLE = (x509.ExtensionNotFound, x509.DuplicateExtension, x509.UnsupportedGeneralNameType, ValueError)
"""Names that a certificate does not have, has twice, or has in a form that the library does not know."""
KEYWORD = re.compile(r"(^|[,+])\s*[A-Za-z]+(?==)")


def certificate_of(header: str) -> Certificate | None:
    """The certificate in a proxy's header: PEM, PEM escaped for an address, or `:base64:` (RFC 9440)."""
    return _read(header) if 0 < len(header) <= LONGEST else None


@lru_cache(maxsize=512)
def _read(header: str) -> Certificate | None:
    """Kept: reading a certificate costs as much as many thumbprints, and a service shows the same one each time."""
    text = unquote(header).strip()
    for edge in ("-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----"):
        text = text.replace(edge, "")
    try:
        return x509.load_der_x509_certificate(base64.b64decode("".join(text.strip(":").split()), validate=True))
    except (binascii.Error, ValueError):
        return None


def thumbprint(certificate: Certificate) -> str:
    """`x5t#S256`: the SHA-256 of the certificate itself (section 3.1)."""
    return base64.urlsafe_b64encode(certificate.fingerprint(SHA256())).decode().rstrip("=")


def binding_of(certificate: Certificate) -> Binding:
    """What a token is bound to that was asked for over this certificate."""
    return Binding(CERTIFICATE, thumbprint(certificate))


def check_named(certificate: Certificate | None, client: ClientMetadata, *, is_verified: bool, now: datetime) -> None:
    """`tls_client_auth`: the chain was verified and the certificate bears the registered name (section 2.1)."""
    held = _check_current(certificate, now)
    if not is_verified:
        raise refusal("The chain of the client certificate was not verified")
    if not _bears_name(held, client):
        raise refusal("The client certificate does not bear the registered name")


def check_registered(certificate: Certificate | None, keys: KeySet, *, now: datetime) -> None:
    """`self_signed_tls_client_auth`: the very certificate stands in the client's key set (section 2.2)."""
    held = _check_current(certificate, now)
    shown = base64.b64encode(held.public_bytes(Encoding.DER)).decode()
    registered = (key.as_dict(private=False).get("x5c") or [""] for key in keys.keys)
    if not any(_as_base64(chain[0]) == shown for chain in registered):
        raise refusal("The client certificate is not one of the client's key set")


def _check_current(certificate: Certificate | None, now: datetime) -> Certificate:
    if certificate is None:
        raise refusal("The client showed no certificate")
    if not certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc:
        raise refusal("The client certificate is not valid at this time")
    return certificate


def _bears_name(certificate: Certificate, client: ClientMetadata) -> bool:
    if client.tls_client_auth_subject_dn is not None:
        return _is_subject(certificate, client.tls_client_auth_subject_dn)
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except UNREADABLE:
        return False
    if client.tls_client_auth_san_dns is not None:
        wanted = client.tls_client_auth_san_dns.lower()
        return wanted in (name.lower() for name in names.get_values_for_type(x509.DNSName))
    if client.tls_client_auth_san_uri is not None:
        return client.tls_client_auth_san_uri in names.get_values_for_type(x509.UniformResourceIdentifier)
    if client.tls_client_auth_san_email is not None:
        return client.tls_client_auth_san_email in names.get_values_for_type(x509.RFC822Name)
    return _has_address(names, client.tls_client_auth_san_ip)


def _is_subject(certificate: Certificate, wanted: str) -> bool:
    """Distinguished names are compared part by part, not as text (RFC 4517 section 4.2.15)."""
    try:
        return certificate.subject == x509.Name.from_rfc4514_string(KEYWORD.sub(lambda found: found[0].upper(), wanted))
    except ValueError:
        return False


def _has_address(names: x509.SubjectAlternativeName, wanted: str | None) -> bool:
    try:
        return wanted is not None and ipaddress.ip_address(wanted) in names.get_values_for_type(x509.IPAddress)
    except ValueError:
        return False


def _as_base64(text: str) -> str:
    return "".join(text.split())


def refusal(description: str) -> ProtocolError:
    """The certificate does not prove who the client is."""
    return ProtocolError("invalid_client", description, status=401, rule="RFC 8705 section 2")
