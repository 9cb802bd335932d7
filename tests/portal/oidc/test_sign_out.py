"""Signing out at the wish of a service: the person is asked, and only a registered address follows."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from identity.session import SignInSession
from portal.database import Database
from tests.portal.oidc.browsing import authorize, bearer, redeem, sent_back

AFTER = "https://service.example/"


def wish(**sent: str) -> str:
    return "/oauth/end-session?" + urlencode(sent)


def bought(browser: FlaskClient) -> dict[str, Any]:
    return redeem(browser, sent_back(authorize(browser))["code"]).json


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
    assert friend.post("/oauth/end-session/confirm").status_code == 400
    assert "code" in sent_back(authorize(friend))


def test_without_a_wish_our_own_farewell_is_shown(friend: FlaskClient) -> None:
    done = friend.post("/oauth/end-session/confirm")
    assert done.headers["Location"] == "/oauth/signed-out"
    assert friend.get("/oauth/signed-out").status_code == 200


def test_who_is_signed_out_already_goes_straight_back(client: FlaskClient, world: Any) -> None:
    response = client.get(wish(client_id="a-service", post_logout_redirect_uri=AFTER))
    assert response.headers["Location"] == AFTER


def test_a_hint_about_another_session_leaves_this_one_alone(app: Any, friend: FlaskClient, **_: Any) -> None:
    old = bought(friend)["id_token"]
    friend.post("/oauth/end-session/confirm")
    stranger = app.test_client()
    response = stranger.get(wish(id_token_hint=old, post_logout_redirect_uri=AFTER))
    assert response.headers["Location"] == AFTER


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
