"""Discovery says what is enforced."""

from __future__ import annotations

from collections import Counter

import pytest
from flask import Flask
from flask.testing import FlaskClient

from identity.oidc.keys import SIGNING
from identity.oidc.profiles import RULES, Profile
from portal.oidc import documents


@pytest.fixture
def document(client: FlaskClient) -> dict[str, object]:
    response = client.get("/.well-known/openid-configuration")
    assert response.headers["Content-Type"] == "application/json"
    assert "public" in response.headers["Cache-Control"]
    return dict(response.json)


def test_every_endpoint_of_the_document_exists(app: Flask, document: dict[str, object]) -> None:
    known = {rule.rule for rule in app.url_map.iter_rules()}
    named = {name: str(value) for name, value in document.items() if name.endswith(("_endpoint", "jwks_uri"))}
    assert set(named) == set(documents.ENDPOINTS)
    assert {address.removeprefix("http://localhost") for address in named.values()} <= known


def test_only_what_is_enforced_is_advertised(document: dict[str, object]) -> None:
    assert document["issuer"] == "http://localhost"
    assert document["response_types_supported"] == ["code"]
    assert document["code_challenge_methods_supported"] == ["S256"]
    assert document["id_token_signing_alg_values_supported"] == list(RULES[Profile.STANDARD].algorithms)
    assert set(document["id_token_signing_alg_values_supported"]) <= set(SIGNING)  # type: ignore[call-overload]
    assert document["request_uri_parameter_supported"] is True
    assert "password" not in str(document["grant_types_supported"])
    assert "none" not in str(document["token_endpoint_auth_signing_alg_values_supported"])


def test_both_well_known_addresses_say_the_same(client: FlaskClient, document: dict[str, object]) -> None:
    assert client.get("/.well-known/oauth-authorization-server").json == document


def test_the_key_set_shows_two_keys_of_each_algorithm(client: FlaskClient) -> None:
    response = client.get("/oauth/jwks")
    keys = response.json["keys"]
    assert Counter(key["alg"] for key in keys) == dict.fromkeys(SIGNING, 2)
    assert not any({"d", "p", "q", "dp", "dq", "qi", "k"} & set(key) for key in keys)
    assert "max-age=300" in response.headers["Cache-Control"]


def test_the_documents_lie_ready(app: Flask, client: FlaskClient) -> None:
    with app.test_request_context():
        ready = documents.ready()
    for path, (headers, body) in ready.items():
        response = client.get(path)
        assert response.data == body
        assert headers.items() <= dict(response.headers).items()
