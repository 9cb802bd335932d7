"""ID tokens and userinfo as their client reads them: signed with its algorithm, encrypted to its key, named its way."""

from __future__ import annotations

import hashlib
import warnings
from base64 import urlsafe_b64decode
from datetime import datetime
from typing import Any

import orjson
import pytest
from joserfc import jwe, jwt
from joserfc.jwk import ECKey, Key, KeySet, OKPKey, RSAKey
from sqlalchemy.orm import Session

from identity.oidc.claims import OLDER_NAMES, as_named
from identity.oidc.clients import Client
from identity.oidc.encryption import encrypt_for, is_encrypted
from identity.oidc.errors import ProtocolError
from identity.oidc.grants import redeem_code
from identity.oidc.id_token import half_hash, id_token
from identity.oidc.keys import SIGNING, Keychain, KeyRing
from identity.oidc.provider import Provider
from identity.oidc.userinfo import userinfo_answer
from tests.identity.oidc.making import CALLBACK, VERIFIER, a_code, a_resident, a_service

PROVIDER = Provider("https://id.example")
CLAIMS = {"sub": "s", "name": "NGUYỄN THỊ ÁNH NGUYỆT", "birthdate": "1958-09-02", "personal_number": "001158012345"}


@pytest.fixture
def ring(db: Session, now: datetime) -> KeyRing:
    found = Keychain().load(db, now=now)
    assert found
    return found


def an_id_token(db: Session, ring: KeyRing, client: Client, *, now: datetime) -> str:
    account = a_resident(db, now=now)
    code, _session = a_code(db, account, client, now=now)
    bought, _standing = redeem_code(db, client, code, CALLBACK, VERIFIER, now=now)
    return id_token(PROVIDER, ring, db.info["vault"], client, bought, "the access token", extra=dict(CLAIMS), now=now)


def read(token: str, ring: KeyRing) -> tuple[dict[str, Any], dict[str, Any]]:
    """Header and claims, as a relying party with our JWKS reads them."""
    with warnings.catch_warnings(action="ignore"):
        found = jwt.decode(token, KeySet.import_key_set(orjson.loads(ring.jwks)), list(SIGNING))
    return found.header, found.claims


def opened(token: str, key: Key) -> tuple[dict[str, Any], bytes]:
    found = jwe.decrypt_compact(token, key, algorithms=[*("RSA-OAEP-256", "ECDH-ES", "ECDH-ES+A256KW"), *CIPHERS])
    assert found.plaintext is not None
    return found.headers(), found.plaintext


CIPHERS = ("A128CBC-HS256", "A128GCM", "A256GCM")


@pytest.mark.parametrize(
    ("algorithm", "hashed"), [("ES256", "sha256"), ("PS256", "sha256"), ("RS256", "sha256"), ("EdDSA", "sha512")]
)
def test_an_id_token_is_signed_with_the_algorithm_of_its_client(
    db: Session, ring: KeyRing, now: datetime, algorithm: str, hashed: str
) -> None:
    client = a_service(db, now=now, id_token_signed_response_alg=algorithm)
    header, claims = read(an_id_token(db, ring, client, now=now), ring)
    assert header["alg"] == algorithm
    digest = hashlib.new(hashed, b"the access token").digest()
    assert urlsafe_b64decode(claims["at_hash"] + "==") == digest[: len(digest) // 2]


def test_the_half_hash_is_the_one_of_the_specification() -> None:
    """OpenID Connect Core appendix A.6."""
    code = "Qcb0Orv1zh30vL1MPRsbm-diHiMwcLyZvn1arpZv-Jxf_11jnpEX3Tgfvk"
    assert half_hash(code, "RS256") == "LDktKdoQak3Pk0cnXxCltA"


@pytest.mark.parametrize("cipher", CIPHERS)
@pytest.mark.parametrize(
    ("wrap", "key"),
    [
        ("RSA-OAEP-256", RSAKey.generate_key(2048)),
        ("ECDH-ES", ECKey.generate_key("P-256")),
        ("ECDH-ES+A256KW", ECKey.generate_key("P-256")),
        ("ECDH-ES", OKPKey.generate_key("X25519")),
    ],
)
def test_a_signed_token_is_encrypted_to_a_key_of_its_client(
    db: Session, ring: KeyRing, now: datetime, wrap: str, cipher: str, key: Key
) -> None:
    jwks = KeySet([key]).as_dict(private=False)
    said = {"id_token_encrypted_response_alg": wrap, "id_token_encrypted_response_enc": cipher, "jwks": jwks}
    client = a_service(db, now=now, **said)
    token = encrypt_for(client, ring.sign({"sub": "s"}), kind="id_token", keys=KeySet([key]))
    header, inside = opened(token, key)
    assert (header["alg"], header["enc"], header["cty"]) == (wrap, cipher, "JWT")
    assert read(inside.decode(), ring)[1] == {"sub": "s"}


def test_nothing_is_sent_in_clear_when_there_is_no_key_for_it(db: Session, ring: KeyRing, now: datetime) -> None:
    jwks = KeySet([ECKey.generate_key("P-256")]).as_dict(private=False)
    client = a_service(db, now=now, id_token_encrypted_response_alg="RSA-OAEP-256", jwks=jwks)
    assert is_encrypted(client, "id_token")
    for keys in (None, KeySet([]), KeySet.import_key_set(jwks)):
        with pytest.raises(ProtocolError):
            encrypt_for(client, ring.sign({}), kind="id_token", keys=keys)


def test_userinfo_is_json_unless_the_client_asked_for_more(db: Session, ring: KeyRing, now: datetime) -> None:
    media_type, body = userinfo_answer(PROVIDER, ring, a_service(db, now=now), CLAIMS)
    assert (media_type, orjson.loads(body)) == ("application/json", CLAIMS)


def test_signed_userinfo_names_issuer_and_audience(db: Session, ring: KeyRing, now: datetime) -> None:
    client = a_service(db, now=now, userinfo_signed_response_alg="PS256")
    media_type, body = userinfo_answer(PROVIDER, ring, client, CLAIMS)
    header, claims = read(body.decode(), ring)
    assert (media_type, header["alg"]) == ("application/jwt", "PS256")
    assert claims == {**CLAIMS, "iss": PROVIDER.issuer, "aud": client.client_id}


@pytest.mark.parametrize("signed", ["ES256", None])
def test_userinfo_may_be_encrypted_with_or_without_a_signature(
    db: Session, ring: KeyRing, now: datetime, signed: str | None
) -> None:
    key = ECKey.generate_key("P-256", {"kid": "theirs"})
    said = {"userinfo_encrypted_response_alg": "ECDH-ES", "userinfo_signed_response_alg": signed}
    client = a_service(db, now=now, jwks=KeySet([key]).as_dict(private=False), **said)
    media_type, body = userinfo_answer(PROVIDER, ring, client, CLAIMS, recipient=KeySet([key]))
    header, inside = opened(body.decode(), key)
    assert (media_type, header["enc"], header["kid"]) == ("application/jwt", "A128CBC-HS256", "theirs")
    assert header.get("cty") == ("JWT" if signed else None)
    claims = read(inside.decode(), ring)[1] if signed else orjson.loads(inside)
    assert claims["name"] == CLAIMS["name"]


def test_a_service_of_older_days_reads_its_own_names_beside_ours(db: Session, ring: KeyRing, now: datetime) -> None:
    client = a_service(db, now=now, claim_mapping=OLDER_NAMES)
    _media_type, body = userinfo_answer(PROVIDER, ring, client, CLAIMS)
    assert orjson.loads(body) == {
        **CLAIMS,
        "SoDinhDanh": "001158012345",
        "HoVaTen": "NGUYỄN THỊ ÁNH NGUYỆT",
        "NgayThangNamSinh": "19580902",
        "LoaiTaiKhoan": "1",
    }
    _header, claims = read(an_id_token(db, ring, client, now=now), ring)
    assert claims["SoDinhDanh"] == "001158012345"


def test_names_are_given_to_what_was_agreed_only() -> None:
    assert as_named({"sub": "s"}, OLDER_NAMES) == {"sub": "s", "LoaiTaiKhoan": "1"}
    assert as_named({"sub": "s"}, None) == {"sub": "s"}
