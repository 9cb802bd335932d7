"""A throw-away certificate authority for what the tests serve over https and for clients that show a certificate."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

NAMES = ("localhost", "portal.localhost", "service.localhost", "suite.localhost")


@dataclass(frozen=True)
class Pair:
    """A certificate and its key, as files."""

    certificate: Path
    key: Path


class Authority:
    """Its own certificate lies in `folder/ca.pem`, which whoever calls must be told to trust."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder, self._key = folder, ec.generate_private_key(ec.SECP256R1())
        self._name = _name("A throw-away authority of the tests")
        usage = x509.KeyUsage(False, False, False, False, False, True, True, False, False)
        built = self._build(self._name, self._key.public_key()).add_extension(x509.BasicConstraints(True, 0), True)
        own = built.add_extension(usage, True).sign(self._key, SHA256())
        self.file = folder / "ca.pem"
        self.file.write_bytes(own.public_bytes(Encoding.PEM))

    def server(self) -> Pair:
        """For this machine, by its names and its address."""
        names = [*(x509.DNSName(name) for name in NAMES), x509.IPAddress(ip_address("127.0.0.1"))]
        return self._issue("server", _name("localhost"), names, ExtendedKeyUsageOID.SERVER_AUTH)

    def client(self, common_name: str, organisation: str = "A service") -> Pair:
        """For a client that authenticates with it (RFC 8705 section 2.1)."""
        names: list[x509.GeneralName] = [x509.DNSName(f"{common_name}.service.localhost")]
        return self._issue(common_name, _name(common_name, organisation), names, ExtendedKeyUsageOID.CLIENT_AUTH)

    def _issue(
        self, called: str, subject: x509.Name, names: list[x509.GeneralName], use: x509.ObjectIdentifier
    ) -> Pair:
        key = ec.generate_private_key(ec.SECP256R1())
        built = self._build(subject, key.public_key()).add_extension(x509.SubjectAlternativeName(names), False)
        built = built.add_extension(x509.BasicConstraints(False, None), True)
        certificate = built.add_extension(x509.ExtendedKeyUsage([use]), False).sign(self._key, SHA256())
        pair = Pair(self.folder / f"{called}.pem", self.folder / f"{called}.key")
        pair.certificate.write_bytes(certificate.public_bytes(Encoding.PEM))
        pair.key.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        return pair

    def _build(self, subject: x509.Name, key: ec.EllipticCurvePublicKey) -> x509.CertificateBuilder:
        now = datetime.now(UTC)
        start, end = now - timedelta(hours=1), now + timedelta(days=2)
        whose = x509.SubjectKeyIdentifier.from_public_key(key)
        signer = x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key())
        built = x509.CertificateBuilder(self._name, subject, key, x509.random_serial_number(), start, end)
        return built.add_extension(whose, False).add_extension(signer, False)


def _name(common_name: str, organisation: str = "Tests") -> x509.Name:
    parts = (
        (NameOID.COUNTRY_NAME, "VN"),
        (NameOID.ORGANIZATION_NAME, organisation),
        (NameOID.COMMON_NAME, common_name),
    )
    return x509.Name([x509.NameAttribute(kind, value) for kind, value in parts])
