"""Requests that come as an object: by value, posted, by reference, and inside a pushed request."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from flask import Flask, g
from flask.testing import FlaskClient

from identity.gateways import Fetched, FetchRefused
from identity.oidc.profiles import Profile
from portal.database import Database
from tests.identity.oidc.making import CALLBACK, a_resident, a_service, agreed, wish
from tests.identity.oidc.signing import ISSUER, a_key, an_assertion, public, signed, with_assertion
from tests.portal.oidc.browsing import basic, browser, redeem, sent_back

KEY = a_key()
REFERENCE = "https://service.example/request.jwt"
OUTSIDE = {"client_id": "a-service", "response_type": "code", "scope": "openid"}


class Remote:
    """The service's own server."""

    pages: dict[str, bytes]

    def __init__(self) -> None:
        self.pages = {}

    def get(self, url: str, *, accept: str) -> Fetched:
        assert "db" not in g, "the network was asked while a transaction was open"
        if url not in self.pages:
            raise FetchRefused("unreachable")
        return Fetched(200, self.pages[url], accept)

    def post(self, url: str, form: Mapping[str, str]) -> int:
        raise NotImplementedError


@pytest.fixture
def remote(app: Flask) -> Remote:
    found = Remote()
    app.extensions["services"] = replace(app.extensions["services"], fetcher=found)
    return found


@pytest.fixture
def visitor(app: Flask, database: Database, now: datetime, remote: Remote) -> FlaskClient:
    """A browser of a resident who agreed to a service that signs its requests."""
    with database.transaction() as db:
        account = a_resident(db, now=now)
        client = a_service(db, now=now, jwks=public(KEY), request_uris=(REFERENCE,))
        agreed(db, account, client, now=now)
    return browser(app, database, account, now)


def an_object(key: Any = KEY, **changes: Any) -> str:
    claims = {**wish(), "iss": "a-service", "aud": ISSUER, **changes}
    return signed(key, claims, {"alg": "ES256", "kid": key.kid, "typ": "oauth-authz-req+jwt"})


def ask(visitor: FlaskClient, **sent: str) -> Any:
    """The answer to a request, after the step at which its object was opened."""
    response = visitor.get("/oauth/authorize?" + urlencode(OUTSIDE | sent))
    onward = urlsplit(response.headers.get("Location", ""))
    if onward.path == "/oauth/authorize":
        assert parse_qs(onward.query).keys() == {"client_id", "request_uri"}
        return visitor.get(response.headers["Location"])
    return response


def test_an_object_by_value_is_answered(visitor: FlaskClient) -> None:
    answer = sent_back(ask(visitor, request=an_object(), state="another", prompt="login"))
    assert answer["state"] == "a state"
    assert redeem(visitor, answer["code"]).status_code == 200


def test_a_posted_object_is_answered(visitor: FlaskClient) -> None:
    response = visitor.post("/oauth/authorize", data=OUTSIDE | {"request": an_object(login_hint="x" * 4_000)})
    assert len(response.headers["Location"]) < 300
    assert "code" in sent_back(visitor.get(response.headers["Location"]))


def test_an_object_by_reference_is_answered(visitor: FlaskClient, remote: Remote) -> None:
    remote.pages[REFERENCE] = an_object().encode()
    assert "code" in sent_back(ask(visitor, request_uri=REFERENCE))


def test_an_object_buys_one_code(visitor: FlaskClient) -> None:
    response = visitor.get("/oauth/authorize?" + urlencode(OUTSIDE | {"request": an_object()}))
    assert "code" in sent_back(visitor.get(response.headers["Location"]))
    assert sent_back(visitor.get(response.headers["Location"]))["error"] == "invalid_request_uri"


def test_an_object_can_be_pushed(visitor: FlaskClient) -> None:
    form = {"client_id": "a-service", "request": an_object(), "redirect_uri": "https://evil.example/", "state": "s2"}
    pushed = visitor.post("/oauth/par", data=form, headers=basic())
    assert pushed.status_code == 201, pushed.text
    answer = sent_back(ask(visitor, request_uri=pushed.json["request_uri"]))
    assert (answer["state"], "code" in answer) == ("a state", True)


@pytest.mark.parametrize("where", ["address", "par"])
def test_an_object_of_another_hand_is_refused(visitor: FlaskClient, where: str) -> None:
    forged = an_object(a_key())
    if where == "par":
        told = visitor.post("/oauth/par", data={"request": forged}, headers=basic()).json
    else:
        told = sent_back(ask(visitor, request=forged, redirect_uri=CALLBACK))
    assert told["error"] == "invalid_request_object"


def test_a_bad_object_is_told_on_a_page_where_nothing_else_is_proven(visitor: FlaskClient) -> None:
    visitor.set_cookie("language", "en")
    for more in ({}, {"redirect_uri": "https://evil.example/"}):
        response = ask(visitor, request=an_object(a_key()), **more)
        assert response.status_code == 400
        assert "Location" not in response.headers
        assert "invalid_request_object" in response.text
        assert "A test service" in response.text


def test_an_object_cannot_lead_to_an_address_that_is_not_registered(visitor: FlaskClient) -> None:
    response = ask(visitor, request=an_object(redirect_uri="https://evil.example/"), redirect_uri=CALLBACK)
    assert (response.status_code, "address-not-registered" in response.text) == (400, True)


@pytest.mark.parametrize(
    ("sent", "error"),
    [
        ({"request_uri": "https://evil.example/request.jwt"}, "invalid_request_uri"),
        ({"request_uri": REFERENCE}, "invalid_request_uri"),
        ({"request_uri": "urn:something:else"}, "invalid_request_uri"),
        ({"request_uri": REFERENCE, "request": "eyJ"}, "invalid_request"),
        ({"request": "eyJ"}, "invalid_request_object"),
    ],
)
def test_what_cannot_be_opened_goes_back_to_the_registered_address(
    visitor: FlaskClient, sent: dict[str, str], error: str
) -> None:
    answer = sent_back(ask(visitor, redirect_uri=CALLBACK, state="outer", **sent))
    assert (answer["error"], answer["state"]) == (error, "outer")


def test_a_client_that_must_sign_is_held_to_it(
    app: Flask, visitor: FlaskClient, database: Database, now: datetime
) -> None:
    with database.transaction() as db:
        a_service(db, now=now, client_id="signer", jwks=public(KEY), require_signed_request_object=True)
    refused = visitor.get("/oauth/authorize?" + urlencode(wish(client_id="signer")))
    assert sent_back(refused)["error"] == "invalid_request"
    pushed = visitor.post("/oauth/par", data=wish(client_id="signer"), headers=basic("signer"))
    assert pushed.json["error"] == "invalid_request"
    good = an_object(iss="signer", client_id="signer")
    assert visitor.post("/oauth/par", data={"request": good}, headers=basic("signer")).status_code == 201


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_long_request_does_not_travel_in_addresses(client: FlaskClient, visitor: FlaskClient, method: str) -> None:
    asked = wish(nonce="n" * 500, state="s" * 3_000)
    first = client.open(
        "/oauth/authorize",
        method=method,
        query_string=asked if method == "GET" else None,
        data=asked if method == "POST" else None,
    )
    away = client.get(first.headers["Location"]).headers["Location"]
    assert urlsplit(away).path == "/sign-in"
    assert len(away) < 700
    again = visitor.open("/oauth/authorize", method="POST", data=asked).headers["Location"]
    assert sent_back(visitor.get(again))["state"] == asked["state"]


def test_a_long_request_is_refused_as_any_other(visitor: FlaskClient) -> None:
    refused = visitor.get("/oauth/authorize", query_string=wish(state="s" * 3_000, scope="profile"))
    assert sent_back(refused)["error"] == "invalid_scope"
    nobody = visitor.get("/oauth/authorize", query_string=wish(state="s" * 3_000, redirect_uri="https://evil.example/"))
    assert (nobody.status_code, "Location" in nobody.headers) == (400, False)


def test_keys_are_fetched_before_a_proof_is_spent(
    visitor: FlaskClient, database: Database, remote: Remote, now: datetime
) -> None:
    young, keys = a_key(), "https://service.example/keys-of-two"
    remote.pages[keys] = json.dumps(public(KEY)).encode()
    with database.transaction() as db:
        a_service(db, now=now, client_id="two", jwks_uri=keys, profile=Profile.FAPI2, auth_method="private_key_jwt")

    def push(key: Any, **changes: Any) -> Any:
        lifetimes = {"nbf": int(now.timestamp()), "exp": int(now.timestamp()) + 60}
        form = {"request": an_object(key, iss="two", client_id="two", **lifetimes, **changes)}
        return visitor.post("/oauth/par", data=form | with_assertion(an_assertion(KEY, now=now, client_id="two")))

    assert push(KEY).status_code == 201
    remote.pages[keys] = json.dumps(public(KEY, young)).encode()
    assert push(young).status_code == 201
    assert push(a_key()).json["error"] == "invalid_request_object"


def test_who_signs_in_first_finds_the_request_again(client: FlaskClient, visitor: FlaskClient) -> None:
    first = client.get("/oauth/authorize?" + urlencode(OUTSIDE | {"request": an_object()}))
    away = urlsplit(client.get(first.headers["Location"]).headers["Location"])
    assert away.path == "/sign-in"
    back = parse_qs(away.query)["next"][0]
    assert parse_qs(urlsplit(back).query).keys() == {"client_id", "request_uri", "eid_asked"}
