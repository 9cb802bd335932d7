"""Pushed requests: said beforehand by a proven client, opened by one browser, good for one code (RFC 9126)."""

from __future__ import annotations

from datetime import datetime
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from identity.oidc.profiles import Profile
from identity.oidc.pushed import PREFIX, PushedRequest
from portal.database import Database
from tests.fakes import Clock
from tests.identity.oidc.making import CALLBACK, VERIFIER, a_resident, a_service, agreed, signed_in, wish
from tests.identity.oidc.signing import ISSUER, a_key, a_proof, an_assertion, public, with_assertion
from tests.portal.oidc.browsing import authorize, basic, browser, redeem, sent_back
from tests.portal.oidc.forms import Form
from tests.statements import heard

PAR = f"{ISSUER}/oauth/par"
KEY = a_key()


def push(client: FlaskClient, headers: dict[str, str] | None = None, **changes: str) -> Any:
    return client.post("/oauth/par", data=wish(**changes), headers=basic() if headers is None else headers)


def reference(client: FlaskClient, headers: dict[str, str] | None = None, **changes: str) -> str:
    answer = push(client, headers, **changes)
    assert answer.status_code == 201, answer.text
    return str(answer.json["request_uri"])


def follow(client: FlaskClient, request_uri: str, **more: str) -> Any:
    sent = {"client_id": "a-service", "request_uri": request_uri} | more
    return client.get("/oauth/authorize?" + urlencode(sent))


def test_a_request_is_pushed_and_buys_one_code(friend: FlaskClient) -> None:
    answer = push(friend)
    assert (answer.status_code, answer.json["expires_in"]) == (201, 60)
    assert answer.headers["Cache-Control"] == "no-store"
    uri = answer.json["request_uri"]
    assert uri.startswith(PREFIX)
    assert len(uri) >= len(PREFIX) + 43
    bought = sent_back(follow(friend, uri))
    assert bought["state"] == "a state"
    assert redeem(friend, bought["code"]).status_code == 200
    again = sent_back(follow(friend, uri))
    assert (again["error"], again["state"], again["iss"]) == ("invalid_request_uri", "a state", ISSUER)


def test_a_look_at_the_head_takes_nothing_from_whoever_follows_the_link(app: Flask, friend: FlaskClient) -> None:
    uri = reference(friend)
    address = "/oauth/authorize?" + urlencode({"client_id": "a-service", "request_uri": uri})
    for looker in (app.test_client(), friend):  # a preview without cookies; the person's own browser
        assert looker.head(address).status_code == 405
    assert "code" in sent_back(follow(friend, uri))


def test_nothing_in_the_address_counts_beside_the_reference(friend: FlaskClient) -> None:
    smuggled = {"redirect_uri": "https://evil.example/", "state": "other", "scope": "openid phone", "prompt": "none"}
    bought = sent_back(follow(friend, reference(friend), **smuggled))
    assert (bought["state"], "code" in bought) == ("a state", True)


def test_a_reference_is_opened_within_a_minute(friend: FlaskClient, clock: Clock) -> None:
    uri = reference(friend)
    clock.advance(seconds=61)
    assert sent_back(follow(friend, uri))["error"] == "invalid_request_uri"


def test_the_person_may_take_their_time_and_reload(
    client: FlaskClient, world: Any, database: Database, clock: Clock
) -> None:
    uri = reference(client, login_hint="001158012345")
    away = urlsplit(follow(client, uri).headers["Location"])
    assert away.path == "/sign-in"
    back = parse_qs(away.query)["next"][0]
    later = clock.advance(minutes=10)
    with database.transaction() as db:
        client.set_cookie("eid_session", signed_in(db, world.account, now=later).token)
    assert client.get(back).status_code == 200
    form = Form(client.get(back).text, "/oauth/consent")
    bought = sent_back(client.post(form.action, data=form.fields | {"decision": "approve"}))
    assert "code" in bought


def test_not_longer_than_a_quarter_of_an_hour(client: FlaskClient, world: Any, clock: Clock) -> None:
    uri = reference(client)
    back = parse_qs(urlsplit(follow(client, uri).headers["Location"]).query)["next"][0]
    clock.advance(minutes=8)
    assert client.get(back).status_code == 303
    clock.advance(minutes=8)
    assert sent_back(client.get(back))["error"] == "invalid_request_uri"


def test_another_browser_cannot_go_on(
    app: Flask, client: FlaskClient, world: Any, database: Database, now: datetime
) -> None:
    uri = reference(client)
    assert follow(client, uri).status_code == 303
    thief = browser(app, database, world.account, now)
    thief.set_cookie("language", "en")
    response = follow(thief, uri)
    assert response.status_code == 400
    assert "in another browser or on another device" in response.text
    assert "Location" not in response.headers


def test_saying_no_uses_the_request_up(resident: FlaskClient) -> None:
    uri = reference(resident)
    form = Form(follow(resident, uri).text, "/oauth/consent")
    assert sent_back(resident.post(form.action, data={"decision": "deny"}))["error"] == "access_denied"
    assert sent_back(follow(resident, uri))["error"] == "invalid_request_uri"


def test_a_reference_is_for_its_client_only(friend: FlaskClient, database: Database, now: datetime) -> None:
    with database.transaction() as db:
        a_service(db, now=now, client_id="another")
    uri = reference(friend)
    for sent in ({"client_id": "another", "request_uri": uri}, {"client_id": "a-service", "request_uri": PREFIX + "x"}):
        response = friend.get("/oauth/authorize?" + urlencode(sent))
        assert response.status_code == 400
        assert "request-unknown" in response.text
    assert "client-missing" in friend.get("/oauth/authorize?" + urlencode({"request_uri": uri})).text


def test_the_parameters_are_sealed_where_they_lie(friend: FlaskClient, database: Database) -> None:
    reference(friend, login_hint="001158012345")
    with database.session(write=False) as db:
        row = db.scalars(select(PushedRequest)).one()
    assert b"001158012345" not in row.request_sealed


def test_sign_in_may_lead_back_to_the_address_that_was_pushed(client: FlaskClient, world: Any) -> None:
    where = follow(client, reference(client)).headers["Location"]
    assert "form-action 'self' https://service.example;" in client.get(where).headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"redirect_uri": ""}, "invalid_request"),
        ({"redirect_uri": "https://evil.example/"}, "invalid_request"),
        ({"redirect_uri": CALLBACK + "/"}, "invalid_request"),
        ({"client_id": "another"}, "invalid_request"),
        ({"request_uri": "urn:ietf:params:oauth:request_uri:x"}, "invalid_request"),
        ({"request_uri": "https://service.example/request.jwt"}, "invalid_request"),
        ({"code_challenge": "", "code_challenge_method": ""}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"scope": "profile"}, "invalid_scope"),
        ({"resource": "https://unknown.example/"}, "invalid_target"),
        ({"request": "eyJ"}, "invalid_request_object"),
        ({"prompt": "none login"}, "invalid_request"),
    ],
)
def test_what_would_be_refused_later_is_refused_now(
    client: FlaskClient, world: Any, changes: dict[str, str], error: str
) -> None:
    answer = push(client, **changes)
    assert (answer.status_code, answer.json["error"]) == (400, error)
    assert answer.json["error_description"]


def test_only_a_proven_client_pushes(client: FlaskClient, world: Any) -> None:
    for headers in ({}, basic(secret="wrong"), basic("nobody")):
        answer = push(client, headers)
        assert (answer.status_code, answer.json["error"]) == (401, "invalid_client")


def test_a_parameter_comes_once_and_resources_several_times(client: FlaskClient, database: Database, now: Any) -> None:
    with database.transaction() as db:
        a_service(db, now=now, resources=("https://a.example/", "https://b.example/"))
    twice = urlencode(wish()) + "&state=another"
    kind = "application/x-www-form-urlencoded"
    answer = client.post("/oauth/par", data=twice, headers=basic(), content_type=kind)
    assert (answer.status_code, answer.json["error"]) == (400, "invalid_request")
    both = urlencode(wish()) + "&resource=https://a.example/&resource=https://b.example/"
    assert client.post("/oauth/par", data=both, headers=basic(), content_type=kind).status_code == 201


def test_wrong_methods_kinds_and_sizes_are_told_in_json(client: FlaskClient, world: Any) -> None:
    assert (client.get("/oauth/par").status_code, client.get("/oauth/par").json["error"]) == (405, "invalid_request")
    assert client.post("/oauth/par", json=wish(), headers=basic()).json["error"] == "invalid_request"
    huge = client.post("/oauth/par", data=wish(state="x" * 70_000), headers=basic())
    assert (huge.status_code, huge.json["error"]) == (413, "invalid_request")
    long = push(client, state="x" * 8_001)
    assert (long.status_code, long.json["error"]) == (400, "invalid_request")


def test_a_client_that_must_push_is_told_so(friend: FlaskClient, database: Database, world: Any, now: datetime) -> None:
    with database.transaction() as db:
        pusher = a_service(db, now=now, client_id="pusher", require_pushed_authorization_requests=True)
        agreed(db, world.account, pusher, now=now)
    refused = sent_back(authorize(friend, client_id="pusher"))
    assert (refused["error"], refused["state"]) == ("invalid_request", "a state")
    uri = reference(friend, basic("pusher"), client_id="pusher")
    assert "code" in sent_back(follow(friend, uri, client_id="pusher"))


def test_a_pushed_code_flow_takes_few_statements(friend: FlaskClient, database: Database, engine: str) -> None:
    follow(friend, reference(friend))
    with heard(database) as asked:
        uri = reference(friend)
    with heard(database) as answered:
        sent_back(follow(friend, uri))
    # The request. Session; the request; gate, subject and consent; its one use; grant, event and meeting.
    assert (len(asked), len(answered)) == (1, {"sqlite": 7, "postgresql": 5}[engine]), (asked, answered)


@pytest.fixture
def fapi(app: Flask, database: Database, now: datetime) -> Any:
    """A client of the FAPI 2.0 profile and a resident who agreed before."""
    with database.transaction() as db:
        account = a_resident(db, now=now)
        client = a_service(
            db, now=now, profile=Profile.FAPI2, auth_method="private_key_jwt", jwks=public(KEY), least_aal=2
        )
        agreed(db, account, client, now=now)
    return SimpleNamespace(browser=browser(app, database, account, now), client=client, now=now)


def with_proof(fapi: Any, **changes: str) -> Any:
    """Push with an assertion and a DPoP proof, once for the nonce and once in earnest."""
    nonce = ""
    for _attempt in range(2):
        proof = a_proof(KEY, now=fapi.now, url=PAR, nonce=nonce or None)
        form = wish(**changes) | with_assertion(an_assertion(KEY, now=fapi.now))
        answer = fapi.browser.post("/oauth/par", data=form, headers={"DPoP": proof})
        nonce = answer.headers.get("DPoP-Nonce", "")
        if answer.json.get("error") != "use_dpop_nonce":
            break
    return answer


def test_a_fapi_client_pushes_with_its_key_and_the_code_is_bound_to_it(fapi: Any, database: Database) -> None:
    answer = with_proof(fapi)
    assert answer.status_code == 201, answer.text
    code = sent_back(follow(fapi.browser, answer.json["request_uri"]))["code"]
    other = a_key()

    def buy(key: Any) -> Any:
        nonce = ""
        for _attempt in range(2):
            form = {
                "grant_type": "authorization_code",
                "code": code,
                "redirect_uri": CALLBACK,
                "code_verifier": VERIFIER,
            }
            headers = {"DPoP": a_proof(key, now=fapi.now, nonce=nonce or None)}
            proven = form | {"code_verifier": VERIFIER} | with_assertion(an_assertion(KEY, now=fapi.now))
            answer = fapi.browser.post("/oauth/token", data=proven, headers=headers)
            nonce = answer.headers.get("DPoP-Nonce", "")
            if answer.json.get("error") != "use_dpop_nonce":
                break
        return answer

    assert buy(other).json["error"] in {"invalid_grant", "invalid_dpop_proof"}
    fresh = with_proof(fapi).json["request_uri"]
    code = sent_back(follow(fapi.browser, fresh))["code"]
    assert buy(KEY).json["token_type"] == "DPoP"


def test_a_proof_and_another_thumbprint_do_not_go_together(fapi: Any) -> None:
    answer = with_proof(fapi, dpop_jkt=a_key().thumbprint())
    assert (answer.status_code, answer.json["error"]) == (400, "invalid_dpop_proof")
    assert with_proof(fapi, dpop_jkt=KEY.thumbprint()).status_code == 201


def test_a_fapi_client_cannot_ask_in_the_address(fapi: Any) -> None:
    assert sent_back(authorize(fapi.browser))["error"] == "invalid_request"


def test_an_assertion_that_was_shown_pushes_nothing_again(fapi: Any) -> None:
    form = wish() | with_assertion(an_assertion(KEY, now=fapi.now))
    assert fapi.browser.post("/oauth/par", data=form).status_code == 201
    assert fapi.browser.post("/oauth/par", data=form).json["error"] == "invalid_client"
