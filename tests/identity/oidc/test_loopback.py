"""A native application listens on a port that its system gives it; nothing else of its address is left open."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from identity.oidc.clients import Client, Profile
from identity.oidc.errors import NoWayBack
from identity.oidc.request import way_back_of
from tests.identity.oidc.test_request import CLIENT

APP = replace(CLIENT, application_type="native", auth_method="none", redirect_uris=("http://127.0.0.1/cb",))
BY_IPV6 = replace(APP, redirect_uris=("http://[::1]:8000/cb?from=e-id",))
HOSTILE = {
    "localhost": "http://localhost:5000/cb",
    "https": "https://127.0.0.1:5000/cb",
    "other path": "http://127.0.0.1:5000/cb/",
    "no path": "http://127.0.0.1:5000",
    "query": "http://127.0.0.1:5000/cb?x=1",
    "fragment": "http://127.0.0.1:5000/cb#x",
    "user": "http://127.0.0.1:5000@evil.example/cb",
    "user and port": "http://127.0.0.1:5000@evil.example:80/cb",
    "password": "http://127.0.0.1:x@evil.example/cb",
    "user before": "http://evil@127.0.0.1:5000/cb",
    "backslash": "http://127.0.0.1:5000\\@evil.example/cb",
    "suffix": "http://127.0.0.1.evil.example:5000/cb",
    "no port": "http://127.0.0.1:/cb",
    "port zero": "http://127.0.0.1:0/cb",
    "leading zero": "http://127.0.0.1:080/cb",
    "port too high": "http://127.0.0.1:65536/cb",
    "port of letters": "http://127.0.0.1:x/cb",
    "port in another script": "http://127.0.0.1:٥٠٠٠/cb",
    "two ports": "http://127.0.0.1:5000:6000/cb",
    "another loopback": "http://127.0.0.2:5000/cb",
    "short form": "http://127.1:5000/cb",
    "decimal": "http://2130706433:5000/cb",
    "octal": "http://0177.0.0.1:5000/cb",
    "any address": "http://0.0.0.0:5000/cb",
    "the other family": "http://[::1]:5000/cb",
    "long ipv6": "http://[0:0:0:0:0:0:0:1]:5000/cb",
    "mapped ipv6": "http://[::ffff:127.0.0.1]:5000/cb",
    "ipv6 with a zone": "http://[::1%25lo]:5000/cb",
    "case": "HTTP://127.0.0.1:5000/cb",
    "line": "http://127.0.0.1:5000/cb\n",
    "line before the path": "http://127.0.0.1:5000\n/cb",
    "space": " http://127.0.0.1:5000/cb",
}


def is_answered(client: Client, address: str) -> bool:
    try:
        return way_back_of({"redirect_uri": [address]}, client).redirect_uri == address
    except NoWayBack:
        return False


@given(st.integers(1, 65_535))
def test_any_port_is_answered(port: int) -> None:
    assert is_answered(APP, f"http://127.0.0.1:{port}/cb")
    assert is_answered(BY_IPV6, f"http://[::1]:{port}/cb?from=e-id")


def test_registered_with_a_port_or_without_is_the_same() -> None:
    with_port = replace(APP, redirect_uris=("http://127.0.0.1:8000/cb",))
    for address in ("http://127.0.0.1/cb", "http://127.0.0.1:8000/cb", "http://127.0.0.1:51000/cb"):
        assert is_answered(with_port, address)
    bare = replace(APP, redirect_uris=("http://127.0.0.1",))
    assert is_answered(bare, "http://127.0.0.1:5000")
    assert not is_answered(bare, "http://127.0.0.1:5000/")


@pytest.mark.parametrize("address", HOSTILE.values(), ids=HOSTILE.keys())
def test_nothing_but_the_port_is_left_open(address: str) -> None:
    assert not is_answered(APP, address)


@pytest.mark.parametrize(
    "address", ["http://127.0.0.1:9/cb?from=e-id", "http://[::1]:9/cb", "http://[::1]9/cb?from=e-id"]
)
def test_the_other_family_is_another_address(address: str) -> None:
    assert not is_answered(BY_IPV6, address)


@pytest.mark.parametrize(
    "client",
    [
        replace(APP, application_type="web"),
        replace(APP, auth_method="client_secret_basic"),
        replace(APP, profile=Profile.FAPI2, auth_method="private_key_jwt"),
    ],
    ids=["web", "with a secret", "fapi2"],
)
def test_only_public_native_applications_get_a_free_port(client: Client) -> None:
    assert is_answered(client, "http://127.0.0.1/cb")
    assert not is_answered(client, "http://127.0.0.1:5000/cb")


def test_a_name_that_looks_like_the_loopback_opens_no_port() -> None:
    for registered in ("http://localhost/cb", "https://127.0.0.1/cb", "https://service.example/cb"):
        app = replace(APP, redirect_uris=(registered,))
        host = registered.removesuffix("/cb")
        assert is_answered(app, registered)
        assert not is_answered(app, f"{host}:5000/cb")
