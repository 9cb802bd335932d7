"""Keys of clients: which are good, when they are fetched, and who is asked how often."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from uuid import uuid4

import orjson
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from joserfc import jwe
from joserfc.jwk import ECKey, Key, KeySet, OctKey, OKPKey, RSAKey

from identity.gateways import Fetched, FetchRefused
from identity.oidc import client_keys
from identity.oidc.client_keys import (
    FRESH_SECONDS,
    KEPT_SECONDS,
    OPERATIONS,
    STALE_SECONDS,
    has_private_members,
    keys_for,
    suitable,
)
from identity.oidc.client_metadata import ClientMetadata
from identity.oidc.encryption import encrypt_for
from portal.gateways.fetcher import Fetcher
from tests.remote import Remote


class Server:
    """A client's server: answers with `keys`, or fails with `failure`; counts its visitors."""

    def __init__(self) -> None:
        self.keys: list[Key] = [ECKey.generate_key("P-256")]
        self.failure: str | None = None
        self.status = 200
        self.visits = 0

    def get(self, url: str, *, accept: str) -> Fetched:
        self.visits += 1
        if self.failure:
            raise FetchRefused(self.failure)
        return Fetched(self.status, orjson.dumps(KeySet(self.keys).as_dict(private=False)), "application/json")

    def post(self, url: str, form: Mapping[str, str]) -> int:
        raise AssertionError("keys are not posted")


class Hours:
    """Time as this test says it is."""

    def __init__(self) -> None:
        self.moment = 1_000_000.0

    def monotonic(self) -> float:
        return self.moment


@pytest.fixture
def hours(monkeypatch: pytest.MonkeyPatch) -> Hours:
    hours = Hours()
    monkeypatch.setattr(client_keys, "time", hours)
    return hours


@pytest.fixture
def server() -> Server:
    return Server()


@pytest.fixture
def client() -> ClientMetadata:
    return ClientMetadata(jwks_uri=f"https://service.example/{uuid4()}")


def names(keys: KeySet) -> list[str]:
    return [key.thumbprint() for key in keys.keys]


def said(key: Key, **more: Any) -> dict[str, Any]:
    return {**key.as_dict(private=False), **more}


def test_keys_given_by_value_need_no_visit(server: Server) -> None:
    client = ClientMetadata(jwks=KeySet(server.keys).as_dict(private=False))
    assert names(keys_for(client, server)) == names(KeySet(server.keys))
    assert server.visits == 0
    assert keys_for(ClientMetadata(), server).keys == []


def test_a_copy_is_kept_for_minutes(server: Server, client: ClientMetadata, hours: Hours) -> None:
    first = names(keys_for(client, server))
    server.keys = [ECKey.generate_key("P-256")]
    hours.moment += KEPT_SECONDS - 1
    assert names(keys_for(client, server)) == first
    hours.moment += 1
    assert names(keys_for(client, server)) == names(KeySet(server.keys))
    assert server.visits == 2


def test_an_unknown_key_brings_a_fresh_copy_once_a_minute(server: Server, client: ClientMetadata, hours: Hours) -> None:
    keys_for(client, server)
    server.keys = [ECKey.generate_key("P-256")]
    assert names(keys_for(client, server, fresh=True)) == names(KeySet(server.keys))
    for _time in range(5):
        keys_for(client, server, fresh=True)
    assert server.visits == 2
    hours.moment += FRESH_SECONDS
    keys_for(client, server, fresh=True)
    assert server.visits == 3


def test_an_old_copy_stands_in_for_a_silent_server(server: Server, client: ClientMetadata, hours: Hours) -> None:
    first = names(keys_for(client, server))
    server.failure = "too-slow"
    hours.moment += STALE_SECONDS - 1
    assert names(keys_for(client, server)) == first
    hours.moment += 1
    assert keys_for(client, server).keys == []


@pytest.mark.parametrize("failure", ["not-public", "redirected", "too-big"])
def test_a_server_that_fails_is_not_asked_at_every_request(
    server: Server, client: ClientMetadata, hours: Hours, failure: str
) -> None:
    server.failure = failure
    for _time in range(5):
        assert keys_for(client, server).keys == []
    assert server.visits == 1


def test_an_error_page_is_no_key_set(server: Server, client: ClientMetadata) -> None:
    server.status = 500
    assert keys_for(client, server).keys == []


def test_keys_of_one_use_do_not_serve_the_other() -> None:
    signs, opens, both = (ECKey.generate_key("P-256") for _time in range(3))
    jwks = {"keys": [said(signs, use="sig"), said(opens, use="enc"), said(both)]}
    assert [key.thumbprint() for key in suitable(jwks, "sig")] == [signs.thumbprint(), both.thumbprint()]
    assert [key.thumbprint() for key in suitable(jwks, "enc")] == [opens.thumbprint(), both.thumbprint()]


@pytest.mark.parametrize(
    ("operations", "uses"),
    [
        ([], {"sig", "enc"}),
        (["verify"], {"sig"}),
        (["wrapKey"], {"enc"}),
        (["encrypt", "verify"], {"sig", "enc"}),
        (["sign"], set()),
        ([{}, 5], set()),
        ("verify", set()),
        (None, {"sig", "enc"}),
    ],
)
@pytest.mark.parametrize(
    ("key", "wrap"), [(ECKey.generate_key("P-256"), "ECDH-ES"), (RSAKey.generate_key(2048), "RSA-OAEP-256")]
)
def test_a_key_serves_where_its_operations_let_it(key: Key, wrap: str, operations: Any, uses: set[str]) -> None:
    """A browser exports the public half of a key agreement with `key_ops` empty, and one that wraps with `wrapKey`."""
    client = ClientMetadata(
        jwks={"keys": [said(key, key_ops=operations)]},
        id_token_encrypted_response_alg=wrap,
    )
    server = Server()
    assert {use for use in OPERATIONS if keys_for(client, server, use=use).keys} == uses
    if "enc" in uses:
        told = encrypt_for(client, "a.signed.token", kind="id_token", keys=keys_for(client, server, use="enc"))
        assert jwe.decrypt_compact(told, key, algorithms=[wrap, "A128CBC-HS256"]).plaintext == b"a.signed.token"


def rsa_modulus(bits: int) -> str:
    number = rsa.generate_private_key(65537, bits).public_key().public_numbers().n
    return urlsafe_b64encode(number.to_bytes(bits // 8)).decode().rstrip("=")


@pytest.mark.parametrize(
    "key",
    [
        {"kty": "RSA", "e": "AQAB", "n": rsa_modulus(1024)},
        {"kty": "RSA", "e": "AQAB", "n": ["a list"]},
        OctKey.generate_key(256).as_dict(private=True),
        ECKey.generate_key("P-256").as_dict(private=True),
        ECKey.generate_key("secp256k1").as_dict(private=False),
        said(OKPKey.generate_key("Ed448")),
        said(ECKey.generate_key("P-256"), alg="HS256"),
        {"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"},
        {"kty": "RSA"},
        {"kty": "EC", "crv": ["P-256"]},
        said(ECKey.generate_key("P-256"), alg=["ES256"]),
        {"kty": "unheard-of"},
        {},
        "no key",
    ],
)
def test_a_key_that_is_weak_private_or_nonsense_is_left_out(key: Any) -> None:
    assert suitable({"keys": [key]}, "sig") == []


def test_a_strong_rsa_key_is_taken() -> None:
    assert len(suitable({"keys": [{"kty": "RSA", "e": "AQAB", "n": rsa_modulus(2048)}]}, "sig")) == 1


@pytest.mark.parametrize("jwks", [{}, {"keys": "x"}, {"keys": {}}, {"keys": [None, 1]}])
def test_a_set_that_is_none_has_no_keys(jwks: dict[str, Any]) -> None:
    assert suitable(jwks, "sig") == []


def test_private_members_are_seen() -> None:
    pair = ECKey.generate_key("P-256")
    assert has_private_members({"keys": [pair.as_dict(private=True)]})
    assert not has_private_members({"keys": [pair.as_dict(private=False)]})


def test_keys_inside_our_network_are_not_fetched(tmp_path: Path) -> None:
    with Remote(tmp_path) as remote:
        address = remote.offer("/keys", orjson.dumps(KeySet([ECKey.generate_key("P-256")]).as_dict(private=False)))
        guarded = Fetcher(authority=remote.authority)
        assert keys_for(ClientMetadata(jwks_uri=address), guarded, fresh=True).keys == []
        assert not remote.asked
        test_setting = Fetcher(authority=remote.authority, loopback=True)
        assert len(keys_for(ClientMetadata(jwks_uri=address + "?again"), test_setting).keys) == 1
