"""DPoP proofs: each rule of RFC 9449 section 4.3, broken once."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from joserfc.jwk import ECKey, RSAKey

from identity.oidc.dpop import DpopProof, check_proof, nonce_of, normal, spend_jti
from identity.oidc.errors import ProtocolError
from identity.vault import Vault
from tests.identity.oidc.signing import a_key, a_proof, signed

URL = "http://localhost/oauth/token"


def check(vault: Vault, proof: str, now: datetime, **more: Any) -> DpopProof:
    return check_proof(proof, **{"method": "POST", "url": URL, "secrets": vault, "now": now, **more})


@pytest.mark.parametrize("algorithm", ["ES256", "PS256", "Ed25519"])
def test_a_proof_names_its_key(vault: Vault, now: datetime, algorithm: str) -> None:
    key = a_key(algorithm)
    found = check(vault, a_proof(key, now=now, header={"alg": algorithm}), now)
    assert found.jkt == key.thumbprint()
    assert found.binding.cnf == {"jkt": key.thumbprint()}


@pytest.mark.parametrize(
    "changes",
    [
        {"htm": "GET"},
        {"htm": "post"},
        {"htm": None},
        {"htu": "http://localhost/oauth/userinfo"},
        {"htu": "http://elsewhere/oauth/token"},
        {"htu": "not an address"},
        {"htu": "http://[::1/oauth/token"},
        {"htu": "http://someone@localhost/oauth/token"},
        {"htu": 7},
        {"htu": None},
        {"jti": None},
        {"jti": ""},
        {"jti": 12},
        {"jti": "x" * 513},
        {"iat": None},
        {"iat": "now"},
        {"iat": True},
        {"iat": 10**15},
        {"iat": -1},
        {"exp": 1},
        {"exp": "soon"},
        {"nbf": 10**10},
    ],
)
def test_a_wrong_claim_is_refused(vault: Vault, now: datetime, changes: dict[str, Any]) -> None:
    with pytest.raises(ProtocolError) as refused:
        check(vault, a_proof(a_key(), now=now, **changes), now)
    assert refused.value.error == "invalid_dpop_proof"


@pytest.mark.parametrize("seconds", [-61, 61])
def test_a_proof_of_another_time_is_refused(vault: Vault, now: datetime, seconds: int) -> None:
    with pytest.raises(ProtocolError):
        check(vault, a_proof(a_key(), now=now + timedelta(seconds=seconds)), now)
    assert check(vault, a_proof(a_key(), now=now + timedelta(seconds=seconds * 59 // 61)), now)


@pytest.mark.parametrize(
    "header",
    [
        {"typ": "JWT"},
        {"typ": None},
        {"typ": 1},
        {"jwk": None},
        {"jwk": "a key"},
        {"jwk": {"kty": "EC"}},
        {"jwk": {"kty": "nonsense"}},
        {"jwk": {"kty": "oct", "k": "c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0"}},
        {"crit": ["x"], "x": 1},
        {"b64": True},
    ],
)
def test_a_wrong_header_is_refused(vault: Vault, now: datetime, header: dict[str, Any]) -> None:
    with pytest.raises(ProtocolError) as refused:
        check(vault, a_proof(a_key(), now=now, header=header), now)
    assert refused.value.error == "invalid_dpop_proof"


def test_a_private_key_in_the_header_is_refused(vault: Vault, now: datetime) -> None:
    key = a_key()
    with pytest.raises(ProtocolError):
        check(vault, a_proof(key, now=now, header={"jwk": key.as_dict(private=True)}), now)


def test_another_key_than_that_of_the_header_is_refused(vault: Vault, now: datetime) -> None:
    with pytest.raises(ProtocolError):
        check(vault, a_proof(a_key(), now=now, header={"jwk": a_key().as_dict(private=False)}), now)


def test_a_symmetric_signature_with_the_public_key_is_refused(vault: Vault, now: datetime) -> None:
    key = a_key("PS256")
    header = {"alg": "HS256", "typ": "dpop+jwt", "jwk": key.as_dict(private=False)}
    proof = signed(key, {"htm": "POST"}, header)
    with pytest.raises(ProtocolError):
        check(vault, proof, now)


def test_no_signature_at_all_is_refused(vault: Vault, now: datetime) -> None:
    header, claims, _signature = a_proof(a_key(), now=now).split(".")
    for proof in (f"{header}.{claims}.", f"{header}.{claims}", "", "a.b.c", "é.é.é", "x" * 20_000):
        with pytest.raises(ProtocolError):
            check(vault, proof, now)


@pytest.mark.filterwarnings("ignore:Key size")
@pytest.mark.parametrize("algorithm", ["ES384", "PS256"])
def test_a_key_of_another_curve_or_size_is_refused(vault: Vault, now: datetime, algorithm: str) -> None:
    key = ECKey.generate_key("P-384") if algorithm == "ES384" else RSAKey.generate_key(1024)
    with pytest.raises(ProtocolError):
        check(vault, a_proof(key, now=now, header={"alg": algorithm}), now)


def test_the_hash_of_the_token_is_needed_where_there_is_a_token(vault: Vault, now: datetime) -> None:
    key = a_key()
    assert check(vault, a_proof(key, now=now, access_token="this"), now, access_token="this")
    for wrong in (a_proof(key, now=now), a_proof(key, now=now, access_token="that"), a_proof(key, now=now, ath="é")):
        with pytest.raises(ProtocolError) as refused:
            check(vault, wrong, now, access_token="this")
        assert "ath" in str(refused.value.description)


def test_a_nonce_is_asked_for_and_brought(vault: Vault, now: datetime) -> None:
    key = a_key()
    with pytest.raises(ProtocolError) as refused:
        check(vault, a_proof(key, now=now), now, needs_nonce=True)
    assert refused.value.error == "use_dpop_nonce"
    nonce = refused.value.headers["DPoP-Nonce"]
    assert check(vault, a_proof(key, now=now, nonce=nonce), now, needs_nonce=True)
    later = now + timedelta(minutes=3)
    assert check(vault, a_proof(key, now=later, nonce=nonce), later, needs_nonce=True)


@pytest.mark.parametrize("needed", [True, False])
def test_an_old_or_invented_nonce_is_refused(vault: Vault, now: datetime, needed: bool) -> None:
    old = nonce_of(vault, now - timedelta(minutes=4))
    ahead = nonce_of(vault, now + timedelta(minutes=1))
    for nonce in (old, ahead, "invented", 7):
        with pytest.raises(ProtocolError) as refused:
            check(vault, a_proof(a_key(), now=now, nonce=nonce), now, needs_nonce=needed)
        assert refused.value.error == "use_dpop_nonce"


def test_a_proof_counts_once(db: Any, vault: Vault, now: datetime) -> None:
    key = a_key()
    proof = check(vault, a_proof(key, now=now, jti="one"), now)
    spend_jti(db, proof)
    with pytest.raises(ProtocolError):
        spend_jti(db, check(vault, a_proof(key, now=now, jti="one"), now))
    spend_jti(db, check(vault, a_proof(key, now=now, jti="two"), now))
    spend_jti(db, check(vault, a_proof(a_key(), now=now, jti="one"), now))


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("HTTPS://ID.Example:443/oauth/token", "https://id.example/oauth/token"),
        ("http://id.example:80", "http://id.example/"),
        ("https://id.example/oauth/token?a=1#b", "https://id.example/oauth/token"),
        ("https://id.example/%6fauth/%74oken", "https://id.example/oauth/token"),
        ("https://id.example/a%2fb", "https://id.example/a%2Fb"),
        ("https://[::1]:8443/x", "https://[::1]:8443/x"),
    ],
)
def test_an_address_has_one_spelling(written: str, meant: str) -> None:
    assert normal(written) == meant


@pytest.mark.parametrize(
    "nonsense", ["", "id.example", "ftp://id.example/", "https://", "https://x:port/", "https://a@b/"]
)
def test_nonsense_is_no_address(nonsense: str) -> None:
    assert normal(nonsense) is None
