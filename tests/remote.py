"""A real https server on this machine, with a certificate of its own authority: a relying party's side of a fetch."""

from __future__ import annotations

import datetime
import ssl
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path
from typing import Any, Self

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

Answer = Callable[[BaseHTTPRequestHandler], None]


@dataclass
class Remote(AbstractContextManager["Remote"]):
    """Serves what is put into `answers` by path; counts what was asked."""

    folder: Path
    answers: dict[str, Answer] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    forms: list[bytes] = field(default_factory=list)
    authority: Path = field(init=False)
    server: ThreadingHTTPServer = field(init=False)

    def __enter__(self) -> Self:
        self.authority, bundle = _certificates(self.folder)
        remote = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                remote.asked.append(self.path)
                remote.forms.append(self.rfile.read(int(self.headers.get("Content-Length") or 0)))
                remote.answers.get(self.path.partition("?")[0], _missing)(self)

            do_POST = do_GET

            def log_message(self, *_arguments: Any) -> None:
                """Quiet."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(bundle)
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_error: object) -> None:
        self.server.shutdown()
        self.server.server_close()

    @property
    def port(self) -> int:
        return int(self.server.server_address[1])

    def address(self, path: str, host: str = "localhost") -> str:
        return f"https://{host}:{self.port}{path}"

    def offer(self, path: str, body: bytes, media_type: str = "application/json", status: int = 200) -> str:
        """Answer this from now on; returns the address."""
        self.answers[path] = lambda handler: reply(handler, body, media_type, status)
        return self.address(path)


def reply(handler: BaseHTTPRequestHandler, body: bytes, media_type: str, status: int = 200, **headers: str) -> None:
    handler.send_response(status)
    told = {"Content-Type": media_type, "Content-Length": str(len(body)), **headers}
    for name, value in told.items():
        handler.send_header(name.replace("_", "-"), value)
    handler.end_headers()
    handler.wfile.write(body)


def _missing(handler: BaseHTTPRequestHandler) -> None:
    reply(handler, b"", "text/plain", 404)


def _certificates(folder: Path) -> tuple[Path, Path]:
    """An authority, and a certificate with its key for `localhost`, `service.example` and 127.0.0.1."""
    top, leaf = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    issuer = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "test authority")])
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    names = [x509.DNSName("localhost"), x509.DNSName("service.example"), x509.IPAddress(ip_address("127.0.0.1"))]
    root = _begun(issuer, top.public_key()).issuer_name(issuer)
    root = root.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    root = root.add_extension(_usage(signs_certificates=True), critical=True)
    root = root.add_extension(x509.SubjectKeyIdentifier.from_public_key(top.public_key()), critical=False)
    site = _begun(subject, leaf.public_key()).issuer_name(issuer)
    site = site.add_extension(x509.SubjectAlternativeName(names), critical=False)
    key_id = x509.AuthorityKeyIdentifier.from_issuer_public_key(top.public_key())
    site = site.add_extension(key_id, critical=False)
    authority, bundle = folder / "authority.pem", folder / "site.pem"
    authority.write_bytes(root.sign(top, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
    key = leaf.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    bundle.write_bytes(key + site.sign(top, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
    return authority, bundle


def _begun(subject: x509.Name, key: ec.EllipticCurvePublicKey) -> x509.CertificateBuilder:
    today = datetime.datetime.now(datetime.UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(today - datetime.timedelta(days=1))
        .not_valid_after(today + datetime.timedelta(days=7))
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )
