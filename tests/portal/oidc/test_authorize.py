"""The authorization endpoint: a code, a page for the person, or an error for the service."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient

from identity.account import Ground, get_account
from identity.audit import SYSTEM
from identity.locks import lock
from identity.staff import hire
from portal.database import Database
from tests.fakes import Clock
from tests.identity.oidc.making import CALLBACK, a_service, agreed, signed_in, wish
from tests.portal.oidc.browsing import authorize, basic, bearer, browser, redeem, sent_back


def test_a_known_person_gets_a_code_with_state_and_issuer(friend: FlaskClient) -> None:
    answer = sent_back(authorize(friend))
    assert answer["state"] == "a state"
    assert answer["iss"] == "http://localhost"
    assert len(answer["code"]) >= 43


def test_a_stranger_signs_in_first_and_comes_back_to_the_same_request(client: FlaskClient, world: Any) -> None:
    response = authorize(client, login_hint="001158012345")
    where = urlsplit(response.headers["Location"])
    assert where.path == "/sign-in"
    sent = parse_qs(where.query)
    assert sent["login_hint"] == ["001158012345"]
    back = parse_qs(urlsplit(sent["next"][0]).query)
    assert {name: back[name] for name in wish()} == {name: [value] for name, value in wish().items()}


def test_staff_are_told_that_their_account_tells_no_service_who_they_are(
    app: Flask, database: Database, world: Any, clock: Clock
) -> None:
    with database.transaction() as db:
        officer = hire(db, "canbo.thu", "Cán bộ Thử", now=clock.now)
    client = browser(app, database, officer, clock.now)
    page = client.get(authorize(client).headers["Location"]).text
    assert "tài khoản làm việc" in page
    assert "<h1>Đăng nhập</h1>" in page


def test_a_fresh_sign_in_is_asked_once_and_only_once(
    friend: FlaskClient, clock: Clock, database: Database, world: Any
) -> None:
    clock.advance(seconds=30)
    first = authorize(friend, prompt="login")
    sent = parse_qs(urlsplit(first.headers["Location"]).query)
    assert sent["again"] == ["1"]
    later = clock.advance(seconds=30)
    assert urlsplit(friend.get(sent["next"][0]).headers["Location"]).path == "/sign-in"
    with database.transaction() as db:
        friend.set_cookie("eid_session", signed_in(db, world.account, now=later).token)
    assert "code" in sent_back(friend.get(sent["next"][0]))


def test_a_mark_for_another_request_does_not_spare_the_sign_in(friend: FlaskClient, clock: Clock) -> None:
    first = authorize(friend, prompt="login")
    back = parse_qs(urlsplit(parse_qs(urlsplit(first.headers["Location"]).query)["next"][0]).query)
    forged = wish(prompt="login", nonce="another") | {"eid_asked": back["eid_asked"][0]}
    assert urlsplit(friend.get("/oauth/authorize?" + urlencode(forged)).headers["Location"]).path == "/sign-in"


@pytest.mark.parametrize("mark", ["", "0.x", "99999999999999999.x", "ß.ß", "-1.x", "1700000000000000."])
def test_a_forged_mark_is_no_mark(friend: FlaskClient, mark: str) -> None:
    forged = wish(prompt="login") | {"eid_asked": mark}
    assert urlsplit(friend.get("/oauth/authorize?" + urlencode(forged)).headers["Location"]).path == "/sign-in"


def test_a_password_alone_is_raised_to_level_two(app: Any, database: Database, world: Any, now: Any) -> None:
    weak = browser(app, database, world.account, now, aal=1)
    assert urlsplit(authorize(weak).headers["Location"]).path == "/sign-in/raise"
    assert sent_back(authorize(weak, prompt="none"))["error"] == "unmet_authentication_requirements"


def test_silence_is_answered_by_the_reason(client: FlaskClient, resident: FlaskClient, world: Any) -> None:
    assert sent_back(authorize(client, prompt="none"))["error"] == "login_required"
    answer = sent_back(authorize(resident, prompt="none"))
    assert (answer["error"], answer["iss"], answer["state"]) == ("consent_required", "http://localhost", "a state")


def test_too_old_a_sign_in_is_renewed(friend: FlaskClient, clock: Clock) -> None:
    clock.advance(minutes=6)
    assert "code" in sent_back(authorize(friend, max_age="600"))
    assert urlsplit(authorize(friend, max_age="300").headers["Location"]).path == "/sign-in"


def test_an_essential_level_out_of_reach_is_said(friend: FlaskClient) -> None:
    claims = '{"id_token": {"acr": {"essential": true, "value": "urn:vn:eid:aal:4"}}}'
    assert sent_back(authorize(friend, claims=claims))["error"] == "unmet_authentication_requirements"


def test_errors_go_back_with_state_and_issuer(client: FlaskClient, world: Any) -> None:
    answer = sent_back(authorize(client, scope="profile"))
    assert (answer["error"], answer["state"], answer["iss"]) == ("invalid_scope", "a state", "http://localhost")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"client_id": "nobody"}, "not registered with us"),
        ({"redirect_uri": "https://evil.example/"}, "not one that this service has registered"),
        ({"redirect_uri": ""}, "did not say where"),
    ],
)
def test_an_unproven_address_gets_a_page_and_no_redirect(
    client: FlaskClient, world: Any, changes: dict[str, str], words: str
) -> None:
    client.set_cookie("language", "en")
    response = authorize(client, **changes)
    assert response.status_code == 400
    assert "Location" not in response.headers
    assert words in response.text
    if "client_id" not in changes:
        assert "A test service" in response.text
        assert "help@service.example" in response.text


def test_a_request_may_be_posted(friend: FlaskClient) -> None:
    response = friend.post("/oauth/authorize", data=wish())
    assert response.status_code == 303
    assert "code" in sent_back(friend.get(response.headers["Location"]))


def test_a_locked_account_gets_nothing(friend: FlaskClient, database: Database, world: Any, now: Any) -> None:
    with database.transaction() as db:
        lock(db, get_account(db, world.account.id), Ground.HOLD, "test", SYSTEM, now=now)
    assert urlsplit(authorize(friend).headers["Location"]).path == "/sign-in"
    assert sent_back(authorize(friend, prompt="none"))["error"] == "login_required"


def test_languages_of_the_request_are_offered(client: FlaskClient, resident: FlaskClient) -> None:
    assert '<html lang="en"' in authorize(resident, ui_locales="fr en").text
    assert '<html lang="vi"' in authorize(resident, ui_locales="vi").text


@pytest.mark.parametrize("page", ["/sign-in", "/sign-in/second", "/sign-in/raise"])
def test_the_sign_in_pages_may_lead_back_to_a_registered_address_only(
    client: FlaskClient, world: Any, page: str
) -> None:
    client.set_cookie("eid_second", "a ticket")

    def policy(**changes: str) -> str:
        target = "/oauth/authorize?" + urlencode(wish(**changes))
        return client.get(page, query_string={"next": target}).headers["Content-Security-Policy"]

    assert "form-action 'self' https://service.example;" in policy()
    for changes in ({"redirect_uri": "https://evil.example/"}, {"client_id": "nobody"}):
        assert "form-action 'self';" in policy(**changes)


def test_an_answer_keeps_the_query_of_the_registered_address(
    friend: FlaskClient, database: Database, world: Any, now: Any
) -> None:
    from tests.identity.oidc.making import a_service, agreed

    address = CALLBACK + "?tenant=1"
    with database.transaction() as db:
        other = a_service(db, now=now, client_id="with-query", redirect_uris=(address,))
        agreed(db, world.account, other, now=now)
    response = authorize(friend, client_id="with-query", redirect_uri=address)
    assert response.headers["Location"].startswith(address + "&code=")


def test_a_signed_userinfo_is_no_hint(
    app: Flask, database: Database, world: Any, now: Any, resident: FlaskClient
) -> None:
    with database.transaction() as db:
        service = a_service(db, now=now, client_id="signs", userinfo_signed_response_alg="ES256")
        agreed(db, world.account, service, now=now)
    bought = redeem(resident, sent_back(authorize(resident, client_id="signs"))["code"], basic("signs")).json
    told = resident.get("/oauth/userinfo", headers=bearer(bought["access_token"])).text
    right = sent_back(authorize(resident, client_id="signs", prompt="none", id_token_hint=bought["id_token"]))
    assert "code" in right
    wrong = sent_back(authorize(resident, client_id="signs", prompt="none", id_token_hint=told))
    assert wrong["error"] == "invalid_request"
    assert resident.get("/oauth/end-session?" + urlencode({"id_token_hint": bought["id_token"]})).status_code == 200
    assert resident.get("/oauth/end-session?" + urlencode({"id_token_hint": told})).status_code == 400


@pytest.mark.parametrize("page", ["/sign-in", "/sign-in/second", "/recover"])
def test_the_sign_in_pages_speak_the_language_that_the_service_asks_for(
    client: FlaskClient, database: Database, world: Any, page: str
) -> None:
    client.set_cookie("eid_second", "a ticket")
    for language in ("vi", "en"):
        onward = urlencode({"next": "/oauth/authorize?" + urlencode(wish(ui_locales=f"fr {language}"))})
        assert f'<html lang="{language}"' in client.get(f"{page}?{onward}").text
        if page != "/recover":
            assert f'<html lang="{language}"' in client.post(f"{page}?{onward}", data={}).text
    client.set_cookie("language", "vi")
    assert '<html lang="vi"' in client.get(f"{page}?{onward}").text


def test_a_pushed_request_speaks_its_language_at_sign_in(client: FlaskClient, world: Any) -> None:
    pushed = client.post("/oauth/par", data=wish(ui_locales="en"), headers=basic()).json["request_uri"]
    sent = authorize_pushed(client, pushed)
    assert '<html lang="en"' in client.get(sent.headers["Location"]).text


def authorize_pushed(client: FlaskClient, reference: str) -> Any:
    return client.get("/oauth/authorize?" + urlencode({"client_id": "a-service", "request_uri": reference}))
