"""Request objects are opened with the client's keys, and only what stands inside counts."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from joserfc.jwk import Key, KeySet

from identity.gateways import Fetched, FetchRefused
from identity.oidc.clients import Client
from identity.oidc.errors import ProtocolError
from identity.oidc.profiles import Profile
from identity.oidc.request_object import Unwrapped, fetch, unwrap
from tests.fakes import A_MONDAY
from tests.identity.oidc.making import wish
from tests.identity.oidc.signing import ISSUER, a_key, digest_of, public, signed
from tests.identity.oidc.test_request import CLIENT, FAPI2

NOW = A_MONDAY
SECOND = int(NOW.timestamp())
KEYS = {algorithm: a_key(algorithm) for algorithm in ("ES256", "PS256", "RS256", "Ed25519")}
ES256 = KEYS["ES256"]
OUTSIDE = {"client_id": ["a-service"], "response_type": ["code"], "scope": ["openid"]}
REFERENCE = "https://service.example/request.jwt"


def an_object(key: Key = ES256, *, header: dict[str, Any] | None = None, **changes: Any) -> str:
    claims = {**wish(), "iss": "a-service", "aud": ISSUER, "nbf": SECOND, "exp": SECOND + 60, **changes}
    usual = {"alg": "ES256", "kid": key.kid, "typ": "oauth-authz-req+jwt", **(header or {})}
    return signed(key, _there(claims), _there(usual))


def _there(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


def opened(
    token: str,
    client: Client = CLIENT,
    outside: Mapping[str, list[str]] = OUTSIDE,
    *keys: Key,
    fresh: Key | None = None,
) -> Unwrapped:
    def find_keys(is_fresh: bool) -> KeySet:
        return KeySet([fresh] if is_fresh and fresh else list(keys or KEYS.values()))

    return unwrap(outside, token, client, issuer=ISSUER, find_keys=find_keys, now=NOW)


def refused(token: str, client: Client = CLIENT, outside: Mapping[str, list[str]] = OUTSIDE, *keys: Key) -> str:
    with pytest.raises(ProtocolError) as caught:
        opened(token, client, outside, *keys)
    assert caught.value.error == "invalid_request_object"
    assert caught.value.rule
    return str(caught.value.description)


def test_what_stands_inside_counts() -> None:
    claims = {"id_token": {"acr": {"essential": True}}}
    found = opened(an_object(max_age=300, claims=claims, resource=["https://a.example/", "https://b.example/"]))
    assert found.is_signed
    assert found.parameters["scope"] == ["openid profile"] != OUTSIDE["scope"]
    assert found.parameters["redirect_uri"] == [wish()["redirect_uri"]]
    assert found.parameters["max_age"] == ["300"]
    assert json.loads(found.parameters["claims"][0]) == claims
    assert found.parameters["resource"] == ["https://a.example/", "https://b.example/"]
    assert not found.parameters.keys() & {"iss", "aud", "nbf", "exp"}


def test_nothing_that_stands_outside_is_smuggled_in() -> None:
    outside = OUTSIDE | {"prompt": ["none"], "redirect_uri": ["https://evil.example/"], "login_hint": ["x"]}
    found = opened(an_object(), CLIENT, outside)
    assert found.parameters.keys() == wish().keys()
    assert found.parameters["redirect_uri"] == [wish()["redirect_uri"]]


def test_what_every_request_must_carry_may_stand_outside_alone() -> None:
    found = opened(an_object(client_id=None, response_type=None, scope=None))
    assert {name: found.parameters[name] for name in OUTSIDE} == OUTSIDE


@pytest.mark.parametrize(
    ("outside", "changes"),
    [
        (OUTSIDE | {"response_type": ["code id_token"]}, {}),
        (OUTSIDE, {"client_id": "another"}),
        (OUTSIDE, {"response_type": "token"}),
        ({**OUTSIDE, "client_id": ["another"]}, {}),
    ],
)
def test_what_stands_at_both_places_says_the_same(outside: Mapping[str, list[str]], changes: dict[str, str]) -> None:
    refused(an_object(**changes), CLIENT, outside)


@pytest.mark.parametrize("algorithm", ["ES256", "PS256", "Ed25519"])
def test_each_algorithm_of_the_house_is_read(algorithm: str) -> None:
    assert opened(an_object(KEYS[algorithm], header={"alg": algorithm})).is_signed


def test_a_registered_algorithm_stands_alone() -> None:
    rs256 = an_object(KEYS["RS256"], header={"alg": "RS256"})
    assert opened(rs256).is_signed and "algorithm" in refused(rs256, replace(CLIENT, profile=Profile.FAPI2))
    assert opened(rs256, replace(CLIENT, request_object_signing_alg="RS256")).is_signed
    assert "algorithm" in refused(an_object(), replace(CLIENT, request_object_signing_alg="PS256"))
    both_names = replace(CLIENT, request_object_signing_alg="EdDSA")
    assert opened(an_object(KEYS["Ed25519"], header={"alg": "Ed25519"}), both_names).is_signed


def test_unsigned_objects_are_plain_requests_of_clients_that_did_not_register_to_sign() -> None:
    plain = an_object(header={"alg": "none", "kid": None})
    registered = replace(CLIENT, request_object_signing_alg="none")
    assert not opened(plain).is_signed and not opened(plain, registered).is_signed
    assert "signature" in refused(plain + "eA") and "signature" in refused(plain + "eA", registered)
    for client in (CLIENT, registered):
        assert "algorithm" in refused(plain, replace(client, profile=Profile.FAPI2))
    assert "algorithm" in refused(plain, replace(CLIENT, request_object_signing_alg="ES256"))
    assert "algorithm" in refused(an_object(), registered)


def test_only_a_key_of_this_client_signs() -> None:
    assert "key" in refused(an_object(a_key()), CLIENT, OUTSIDE, ES256)
    forged = an_object(ES256, header={"kid": KEYS["PS256"].kid})
    assert "key" in refused(forged)
    assert "algorithm" in refused(an_object(ES256, header={"alg": "HS256"}))
    injected = an_object(a_key(), header={"jwk": public(a_key())["keys"][0], "kid": None})
    assert "key" in refused(injected, CLIENT, OUTSIDE, ES256)


def test_an_unknown_key_asks_for_fresh_ones() -> None:
    young = a_key()
    assert opened(an_object(young), CLIENT, OUTSIDE, ES256, fresh=young).is_signed


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "another"},
        {"aud": "https://another.example"},
        {"aud": ["https://another.example"]},
        {"sub": "a-service"},
        {"exp": SECOND - 61},
        {"nbf": SECOND + 61},
        {"exp": "soon"},
        {"exp": True},
        {"nbf": 10**17},
        {"request": "eyJ"},
        {"request_uri": "https://service.example/"},
        {"nonce": ["a"]},
        {"state": True},
        {"max_age": 1.5},
    ],
)
def test_an_object_for_another_time_place_or_use_is_refused(changes: dict[str, Any]) -> None:
    refused(an_object(**changes))


@pytest.mark.parametrize(
    "header", [{"typ": "dpop+jwt"}, {"typ": "client-authentication+jwt"}, {"typ": 1}, {"crit": []}]
)
def test_another_kind_of_token_is_no_request(header: dict[str, Any]) -> None:
    refused(an_object(header=header))


@pytest.mark.parametrize("kind", [None, "JWT", "application/oauth-authz-req+jwt"])
def test_usual_kinds_pass(kind: str | None) -> None:
    assert opened(an_object(header={"typ": kind}))


@pytest.mark.parametrize("token", ["", "a", "a.b.c", "a.b.c.d.e", "ß.ß.ß", "e30.W10.", "x" * 20_000])
def test_rubbish_is_refused(token: str) -> None:
    refused(token)


def test_a_fapi_client_says_all_of_it_and_says_it_shortly() -> None:
    assert opened(an_object(), FAPI2).is_signed
    for changes in (
        {"aud": None},
        {"iss": None},
        {"exp": None},
        {"nbf": None},
        {"nbf": SECOND - 3_700},
        {"exp": SECOND + 3_700},
    ):
        refused(an_object(**changes), FAPI2)
        if "exp" in changes or "nbf" in changes:
            assert opened(an_object(**changes)).is_signed


class Remote:
    """A remote server that answers with one body."""

    def __init__(self, body: bytes = b" an.ob.ject\n", status: int = 200) -> None:
        self.body, self.status, self.asked = body, status, []  # type: ignore[var-annotated]

    def get(self, url: str, *, accept: str) -> Fetched:
        self.asked.append((url, accept))
        if self.status == 0:
            raise FetchRefused("too-slow")
        return Fetched(self.status, self.body, "application/jwt")

    def post(self, url: str, form: Mapping[str, str]) -> int:
        raise NotImplementedError


def with_reference(*addresses: str) -> Client:
    return replace(CLIENT, request_uris=addresses or (REFERENCE,))


def test_a_registered_reference_is_fetched_without_its_fragment() -> None:
    remote = Remote()
    assert fetch(REFERENCE + "#v2", with_reference(), remote) == "an.ob.ject"
    assert remote.asked[0][0] == REFERENCE
    digest = digest_of(" an.ob.ject\n")
    assert fetch(f"{REFERENCE}#{digest}", with_reference(f"{REFERENCE}#{digest}"), remote)


@pytest.mark.parametrize(
    ("address", "remote"),
    [
        ("https://service.example/other.jwt", Remote()),
        ("https://service.example/request.jwt?x=1", Remote()),
        ("http://service.example/request.jwt", Remote()),
        ("https://user@service.example/request.jwt", Remote()),
        (REFERENCE, Remote(status=0)),
        (REFERENCE, Remote(status=404)),
    ],
)
def test_any_other_reference_is_refused(address: str, remote: Remote) -> None:
    with pytest.raises(ProtocolError) as caught:
        fetch(address, with_reference(), remote)
    assert caught.value.error == "invalid_request_uri"
    assert not remote.asked or remote.status != 200


@pytest.mark.parametrize("value", ["x", 1, 1.5, True, ["x", 1], {"x": []}])
def test_members_that_we_do_not_know_are_ignored_whatever_they_hold(value: Any) -> None:
    assert opened(an_object(of_another_house=value)).parameters.keys() == wish().keys()
    if not isinstance(value, str | int | dict) or value is True:
        assert "wrong kind" in refused(an_object(login_hint=value))
