"""Client certificates: how they come, whose they are."""

from __future__ import annotations

import base64
import hashlib
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from joserfc.jwk import KeySet

from identity.oidc.client_metadata import ClientMetadata
from identity.oidc.errors import ProtocolError
from identity.oidc.mtls import binding_of, certificate_of, check_named, check_registered
from tests.identity.oidc.signing import a_certificate, certificate_keys, pem


@pytest.mark.parametrize("way", ["pem", "escaped", "one-line", "rfc-9440"])
def test_a_certificate_is_read_however_the_proxy_writes_it(now: datetime, way: str) -> None:
    shown = a_certificate(now=now)
    text = pem(shown)
    written = {
        "pem": text,
        "escaped": quote(text, safe=""),
        "one-line": text.replace("\n", " "),
        "rfc-9440": f":{base64.b64encode(shown.public_bytes(Encoding.DER)).decode()}:",
    }[way]
    found = certificate_of(written)
    assert found == shown
    digest = hashlib.sha256(shown.public_bytes(Encoding.DER)).digest()
    assert binding_of(shown).cnf == {"x5t#S256": base64.urlsafe_b64encode(digest).decode().rstrip("=")}


@pytest.mark.parametrize("header", ["", "(null)", "nonsense", "MIIB", "x" * 20_000, ":é:"])
def test_what_is_no_certificate_counts_as_none(header: str) -> None:
    assert certificate_of(header) is None


@pytest.mark.parametrize(
    ("registered", "bears"),
    [
        ({"tls_client_auth_subject_dn": "CN=a-service"}, True),
        ({"tls_client_auth_subject_dn": "cn=a-service"}, True),
        ({"tls_client_auth_subject_dn": "CN=another"}, False),
        ({"tls_client_auth_subject_dn": "CN=a-service,O=x"}, False),
        ({"tls_client_auth_subject_dn": "nonsense"}, False),
        ({"tls_client_auth_san_dns": "A.example"}, True),
        ({"tls_client_auth_san_dns": "b.example"}, False),
        ({"tls_client_auth_san_uri": "https://a.example"}, False),
        ({"tls_client_auth_san_email": "a@a.example"}, False),
        ({"tls_client_auth_san_ip": "192.0.2.1"}, False),
        ({"tls_client_auth_san_ip": "nonsense"}, False),
        ({}, False),
    ],
)
def test_a_certificate_bears_the_registered_name_or_not(now: datetime, registered: Any, bears: bool) -> None:
    client = ClientMetadata(**registered)
    if bears:
        check_named(a_certificate(now=now), client, is_verified=True, now=now)
    else:
        with pytest.raises(ProtocolError, match="name"):
            check_named(a_certificate(now=now), client, is_verified=True, now=now)


@pytest.mark.parametrize("names", ["3004a502a100", "3002a300", "ffff"], ids=["EDI party", "X.400", "nonsense"])
def test_names_of_a_kind_that_nobody_reads_are_no_fault_of_ours(now: datetime, names: str) -> None:
    """An authority may have put them in; the subject is still read."""
    shown = a_certificate(now=now, names=bytes.fromhex(names))
    with pytest.raises(ProtocolError, match="name"):
        check_named(shown, ClientMetadata(tls_client_auth_san_dns="a.example"), is_verified=True, now=now)
    check_named(shown, ClientMetadata(tls_client_auth_subject_dn="CN=a-service"), is_verified=True, now=now)


def test_a_name_counts_only_where_the_chain_was_verified(now: datetime) -> None:
    client = ClientMetadata(tls_client_auth_subject_dn="CN=a-service")
    with pytest.raises(ProtocolError, match="chain"):
        check_named(a_certificate(now=now), client, is_verified=False, now=now)
    with pytest.raises(ProtocolError, match="no certificate"):
        check_named(None, client, is_verified=True, now=now)


def test_a_certificate_of_the_key_set_is_known_and_another_with_its_name_is_not(now: datetime) -> None:
    mine, other = a_certificate(now=now), a_certificate(now=now)
    keys = KeySet.import_key_set(certificate_keys(mine))
    check_registered(mine, keys, now=now)
    for wrong in (other, None):
        with pytest.raises(ProtocolError):
            check_registered(wrong, keys, now=now)


@pytest.mark.parametrize("days", [-1, 2])
def test_a_certificate_counts_while_it_is_valid(now: datetime, days: int) -> None:
    mine = a_certificate(now=now)
    keys = KeySet.import_key_set(certificate_keys(mine))
    with pytest.raises(ProtocolError, match="valid"):
        check_registered(mine, keys, now=now + timedelta(days=days))
