"""Too much of everything, at every endpoint: refused as the specifications say, and never a fault of the server."""

from __future__ import annotations

from typing import Any

from flask import Flask
from flask.testing import FlaskClient

from tests.identity.oidc.making import wish
from tests.portal.oidc.browsing import authorize, basic, bearer, sent_back

POSTED = ("/oauth/token", "/oauth/introspect", "/oauth/revoke", "/oauth/par")
LONG = "x" * 30_000
"""Longer than a header of any honest caller, shorter than what servers before us refuse."""
PARAMETERS = ("nonce", "scope", "claims", "id_token_hint", "login_hint", "acr_values", "ui_locales", "request")
AT_SERVICE = {"profile": "standard", "redirect_uris": ["https://service.example/"]}


def is_refused(answer: Any) -> bool:
    """By name, in the form of the endpoint; of an unknown token it is said that it is worth nothing."""
    return bool(answer.json["error"]) if 400 <= answer.status_code < 500 else answer.json in ({"active": False}, {})


def test_large_bodies_and_many_parameters(client: FlaskClient, world: Any) -> None:
    large = {"grant_type": "authorization_code", "code": "x" * 1_000_000, "token": "x" * 1_000_000}
    many = {f"name-{number}": "x" for number in range(1_500)}
    for path in POSTED:
        for sent in (large, many):
            assert is_refused(client.post(path, data=sent, headers=basic())), path


def test_long_headers(client: FlaskClient, world: Any) -> None:
    for path in (*POSTED, "/oauth/userinfo"):
        for headers in (
            {"Authorization": f"Basic {LONG}"},
            {"Authorization": f"Bearer {LONG}"},
            {"Authorization": f"DPoP {LONG}", "DPoP": LONG},
            {"DPoP": f"{LONG}.{LONG}.{LONG}"},
        ):
            answer = client.post(path, data={"grant_type": "client_credentials", "token": "x"}, headers=headers)
            assert 400 <= answer.status_code < 500, (path, headers)


def test_long_parameters_of_a_request(friend: FlaskClient) -> None:
    for name in PARAMETERS:
        told = sent_back(friend.post("/oauth/authorize", data=wish(**{name: LONG})))
        assert told["error"].startswith("invalid_") and told["state"] == "a state", name


def test_a_state_that_no_proxy_lets_through_is_told_to_the_person(friend: FlaskClient) -> None:
    """An answer would carry it in its address, and the person would read an error of a server in between."""
    kept = authorize(friend, state="x" * 8_000).headers["Location"]
    assert sent_back(friend.get(kept))["state"] == "x" * 8_000
    for mode in ("query", "form_post"):
        page = friend.post("/oauth/authorize", data=wish(state=LONG, response_mode=mode))
        assert (page.status_code, LONG in page.text) == (400, False)
        assert "Dịch vụ gửi kèm quá nhiều" in page.text
    leaving = friend.post("/oauth/end-session", data={"client_id": "a-service", "state": LONG})
    assert leaving.status_code == 400 and "Dịch vụ gửi kèm quá nhiều" in leaving.text


def test_registrations(app: Flask, client: FlaskClient) -> None:
    invitation = app.test_cli_runner().invoke(args=["clients", "invite", "too much"]).output.split()[0]
    for more in (
        {"redirect_uris": [f"https://service.example/{number}" for number in range(5_000)]},
        {"redirect_uris": [f"https://service.example/{LONG}"]},
        {"client_name": LONG},
        {"jwks": {"keys": [{"kty": "EC", "crv": "P-256", "x": "x", "y": "y"}] * 3_000}},
        {"contacts": [LONG]},
        {"scope": LONG},
    ):
        answer = client.post("/oauth/register", json={**AT_SERVICE, **more}, headers=bearer(invitation))
        assert answer.status_code in {400, 413}, next(iter(more))
        assert answer.json["error"].startswith("invalid_")
    deep = b"[" * 100_000
    refused = client.post("/oauth/register", data=deep, headers=bearer(invitation), content_type="application/json")
    assert refused.status_code == 400
