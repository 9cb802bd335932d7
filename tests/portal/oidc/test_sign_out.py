"""Signing out at the wish of a service: the person is asked, and only a registered address follows."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from identity.account import Account, get_account
from identity.credentials.change import change_password
from identity.outbox import Lane, lease
from identity.session import SignInSession
from portal.database import Database
from tests.identity.oidc.making import a_service, agreed, signed_in
from tests.portal.oidc.browsing import authorize, bearer, browser, redeem, sent_back

AFTER = "https://service.example/"
LISTENS = {"backchannel_logout_uri": "https://other.example/bye"}


def wish(**sent: str) -> str:
    return "/oauth/end-session?" + urlencode(sent)


def bought(visitor: FlaskClient) -> dict[str, Any]:
    return redeem(visitor, sent_back(authorize(visitor))["code"]).json


def test_the_person_is_asked_and_then_sent_back(friend: FlaskClient) -> None:
    tokens = bought(friend)
    asked = {"id_token_hint": tokens["id_token"], "post_logout_redirect_uri": AFTER, "state": "s"}
    page = friend.get(wish(**asked))
    assert 'id="confirm-logout"' in page.text
    assert "Dịch vụ thử" in page.text
    assert "form-action 'self' https://service.example;" in page.headers["Content-Security-Policy"]
    done = friend.post("/oauth/end-session/confirm?" + urlencode(asked))
    assert done.headers["Location"] == AFTER + "?state=s"
    assert authorize(friend).headers["Location"].startswith("/sign-in")
    assert friend.get("/oauth/userinfo", headers=bearer(tokens["access_token"])).status_code == 401


@pytest.mark.parametrize("way", ["/sign-out", "/account/sessions/{}/end"])
def test_signing_out_here_ends_what_the_session_granted(friend: FlaskClient, database: Database, way: str) -> None:
    tokens = bought(friend)
    with database.transaction() as db:
        session = db.scalars(select(SignInSession.id)).one()
    assert friend.post(way.format(session)).status_code == 303
    assert friend.get("/oauth/userinfo", headers=bearer(tokens["access_token"])).status_code == 401


def test_asking_alone_signs_nobody_out(friend: FlaskClient) -> None:
    friend.get(wish(id_token_hint=bought(friend)["id_token"]))
    friend.post("/oauth/end-session", data={"id_token_hint": bought(friend)["id_token"]})
    assert "code" in sent_back(authorize(friend))


def test_a_stranger_cannot_confirm_for_the_person(app: Any, friend: FlaskClient) -> None:
    app.config["WTF_CSRF_ENABLED"] = True
    asked_again = friend.post("/oauth/end-session/confirm")
    assert asked_again.headers["Location"].startswith("/oauth/end-session")
    assert "code" in sent_back(authorize(friend))


def test_without_a_wish_our_own_farewell_is_shown(friend: FlaskClient) -> None:
    done = friend.post("/oauth/end-session/confirm")
    assert done.headers["Location"] == "/oauth/signed-out"
    assert friend.get("/oauth/signed-out").status_code == 200


def test_who_is_signed_out_already_goes_straight_back(client: FlaskClient, world: Any) -> None:
    response = client.get(wish(client_id="a-service", post_logout_redirect_uri=AFTER))
    assert response.headers["Location"] == AFTER


def test_a_hint_of_a_session_that_is_over_still_leads_back(app: Any, friend: FlaskClient) -> None:
    old = bought(friend)["id_token"]
    friend.post("/oauth/end-session/confirm")
    stranger = app.test_client()
    response = stranger.get(wish(id_token_hint=old, post_logout_redirect_uri=AFTER))
    assert response.headers["Location"] == AFTER


def test_a_hint_of_another_session_is_asked_about_not_passed_over(
    app: Any, friend: FlaskClient, database: Database, world: Any, now: Any
) -> None:
    hint = bought(friend)["id_token"]
    other = browser(app, database, world.account, now)
    assert 'id="confirm-logout"' in other.get(wish(id_token_hint=hint, post_logout_redirect_uri=AFTER)).text
    assert "code" in sent_back(authorize(other))


def test_who_stays_signed_in_may_go_back_to_the_service(friend: FlaskClient) -> None:
    page = friend.get(wish(client_id="a-service", post_logout_redirect_uri=AFTER, state="s", logout_hint="x"))
    assert f'href="{AFTER}?state=s"' in page.text
    assert 'href="/account"' in friend.get(wish()).text


def test_the_page_speaks_the_language_that_the_service_asks_for(friend: FlaskClient) -> None:
    assert "A test service" in friend.get(wish(client_id="a-service", ui_locales="en")).text
    assert "Dịch vụ thử" in friend.get(wish(client_id="a-service", ui_locales="vi")).text


def test_a_wish_may_be_posted_and_an_answer_reloaded(friend: FlaskClient) -> None:
    posted = friend.post("/oauth/end-session", data={"client_id": "a-service", "state": "s"})
    assert posted.headers["Location"] == "/oauth/end-session?client_id=a-service&state=s"
    again = friend.get("/oauth/end-session/confirm?client_id=a-service")
    assert again.headers["Location"] == "/oauth/end-session?client_id=a-service"


def test_the_other_services_of_the_browser_are_told(friend: FlaskClient, database: Database, now: Any) -> None:
    with database.transaction() as db:
        agreed(db, db.scalars(select(Account)).one(), a_service(db, now=now, client_id="another", **LISTENS), now=now)
    sent_back(authorize(friend, client_id="another"))
    friend.post("/oauth/end-session/confirm?" + urlencode({"id_token_hint": bought(friend)["id_token"]}))
    friend.post("/oauth/end-session/confirm")
    with database.transaction() as db:
        assert [message.facts["aud"] for message in lease(db, Lane.LOGOUT, now=now)] == ["another"]


@pytest.mark.parametrize(
    "sent",
    [
        {"client_id": "a-service", "post_logout_redirect_uri": "https://evil.example/"},
        {"post_logout_redirect_uri": AFTER},
        {"client_id": "nobody", "post_logout_redirect_uri": AFTER},
        {"id_token_hint": "nonsense"},
    ],
)
def test_a_wish_that_does_not_stand_gets_a_page(friend: FlaskClient, sent: dict[str, str]) -> None:
    response = friend.get(wish(**sent))
    assert response.status_code == 400
    assert "Location" not in response.headers


def test_an_expired_hint_still_names_its_person(friend: FlaskClient, clock: Any) -> None:
    hint = bought(friend)["id_token"]
    clock.advance(minutes=14)
    page = friend.get(wish(id_token_hint=hint, post_logout_redirect_uri=AFTER))
    assert 'id="confirm-logout"' in page.text


@pytest.mark.parametrize(
    "way", ["/account/sessions/end-all", "/account/sessions/end-others", "/account/sessions/{}/end"]
)
def test_a_browser_ended_from_afar_is_told_to_its_services(
    app: Any, friend: FlaskClient, database: Database, world: Any, now: Any, way: str
) -> None:
    with database.transaction() as db:
        there = db.scalars(select(SignInSession.id)).one()
        agreed(db, world.account, a_service(db, now=now, client_id="another", **LISTENS), now=now)
    sent_back(authorize(friend, client_id="another"))
    here = browser(app, database, world.account, now)
    assert here.post(way.format(there)).status_code == 303
    with database.transaction() as db:
        assert [message.facts["aud"] for message in lease(db, Lane.LOGOUT, now=now)] == ["another"]


def test_a_session_that_merely_runs_out_is_told_to_nobody(
    friend: FlaskClient, database: Database, world: Any, clock: Any
) -> None:
    with database.transaction() as db:
        agreed(db, world.account, a_service(db, now=clock(), client_id="another", **LISTENS), now=clock())
    sent_back(authorize(friend, client_id="another"))
    clock.advance(hours=2)
    assert authorize(friend).headers["Location"].startswith("/sign-in")
    with database.transaction() as db:
        assert lease(db, Lane.LOGOUT, now=clock()) == []


def test_a_new_password_tells_the_services_of_the_other_browsers(
    friend: FlaskClient, database: Database, world: Any, now: Any
) -> None:
    with database.transaction() as db:
        agreed(db, world.account, a_service(db, now=now, client_id="another", **LISTENS), now=now)
    sent_back(authorize(friend, client_id="another"))
    with database.transaction() as db:
        account = get_account(db, world.account.id)
        account.password_hash = "as before"
        kept = signed_in(db, account, now=now).session_id
        assert change_password(db, account, "as before", True, "a new hash", kept, now=now) is None
        assert [message.facts["aud"] for message in lease(db, Lane.LOGOUT, now=now)] == ["another"]


def test_our_farewell_speaks_the_language_that_the_service_asks_for(friend: FlaskClient) -> None:
    for language in ("vi", "en"):
        done = friend.post("/oauth/end-session/confirm?" + urlencode({"ui_locales": language}))
        assert f'<html lang="{language}"' in friend.get(done.headers["Location"]).text
        assert f'<html lang="{language}"' in friend.get(wish(id_token_hint="nonsense", ui_locales=language)).text


@pytest.mark.parametrize(
    "sent",
    [
        {"id_token_hint": "nonsense"},
        {"client_id": "nobody"},
        {"client_id": "a-service", "post_logout_redirect_uri": "https://evil.example/"},
    ],
    ids=["hint", "client", "address"],
)
def test_a_sign_out_that_cannot_be_is_called_by_its_name(friend: FlaskClient, sent: dict[str, str]) -> None:
    """Whoever wanted to leave reads about leaving, and how to leave from here."""
    for path, ask in (("/oauth/end-session", friend.get), ("/oauth/end-session/confirm", friend.post)):
        page = ask(f"{path}?{urlencode(sent)}", headers={"Accept-Language": "en"})
        assert page.status_code == 400
        assert "<h1>The service could not sign you out</h1>" in page.text
        assert "You cannot sign in" not in page.text
        assert 'href="/oauth/end-session" id="sign-out"' in page.text
    assert 'id="confirm-logout"' in friend.get("/oauth/end-session").text


def test_who_is_signed_out_is_not_told_to_sign_out(client: FlaskClient, world: Any) -> None:
    page = client.get(wish(id_token_hint="nonsense"), headers={"Accept-Language": "en"})
    assert "could not sign you out" in page.text
    assert 'id="sign-out"' not in page.text


def test_a_sign_in_that_fails_keeps_its_own_headline(friend: FlaskClient) -> None:
    page = friend.get("/oauth/authorize?client_id=nobody", headers={"Accept-Language": "en"})
    assert "<h1>You cannot sign in to this service now</h1>" in page.text
