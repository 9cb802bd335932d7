"""Discovery says what is enforced."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient


@pytest.fixture
def document(client: FlaskClient) -> dict[str, object]:
    response = client.get("/.well-known/openid-configuration")
    assert "public" in response.headers["Cache-Control"]
    return dict(response.json)


def test_every_endpoint_of_the_document_exists(app: Flask, document: dict[str, object]) -> None:
    known = {rule.rule for rule in app.url_map.iter_rules()}
    named = [str(value) for name, value in document.items() if name.endswith(("_endpoint", "jwks_uri"))]
    assert len(named) == 7
    assert {address.removeprefix("http://localhost") for address in named} <= known


def test_only_what_is_enforced_is_advertised(document: dict[str, object]) -> None:
    assert document["issuer"] == "http://localhost"
    assert document["response_types_supported"] == ["code"]
    assert document["code_challenge_methods_supported"] == ["S256"]
    assert document["id_token_signing_alg_values_supported"] == ["ES256"]
    assert document["request_uri_parameter_supported"] is False
    assert "password" not in str(document["grant_types_supported"])


def test_both_well_known_addresses_say_the_same(client: FlaskClient, document: dict[str, object]) -> None:
    assert client.get("/.well-known/oauth-authorization-server").json == document


def test_the_key_set_shows_the_next_key_too(client: FlaskClient) -> None:
    keys = client.get("/oauth/jwks").json["keys"]
    assert len(keys) == 2
    assert all(key["alg"] == "ES256" and "d" not in key for key in keys)
