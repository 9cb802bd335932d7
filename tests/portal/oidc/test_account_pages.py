"""Which account goes on: the one that is signed in, another, or one that has to be applied for."""

from __future__ import annotations

import re
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from flask import Flask
from flask.testing import FlaskClient

from portal.database import Database
from tests.fakes import Clock
from tests.identity.oidc.making import signed_in, wish
from tests.portal.oidc.browsing import authorize, sent_back
from tests.portal.oidc.forms import Form


def choose(browser: FlaskClient, choice: str, **changes: str) -> Any:
    shown = authorize(browser, prompt="select_account", **changes)
    form = Form(shown.text, "/oauth/account")
    return browser.post(form.action, data=form.fields | {"choice": choice})


def test_the_person_sees_the_account_and_who_asks(friend: FlaskClient) -> None:
    friend.set_cookie("language", "en")
    shown = authorize(friend, prompt="select_account")
    assert "Which account do you want to use?" in shown.text
    assert "NGUYỄN THỊ ÁNH NGUYỆT" in shown.text
    assert "A test service" in shown.text
    assert "form-action 'self' https://service.example;" in shown.headers["Content-Security-Policy"]


def test_going_on_is_remembered_for_this_request_only(friend: FlaskClient) -> None:
    back = choose(friend, "this").headers["Location"]
    assert "code" in sent_back(friend.get(back))
    mark = parse_qs(urlsplit(back).query)["eid_chosen"][0]
    other = wish(prompt="select_account", nonce="another") | {"eid_chosen": mark}
    assert friend.get("/oauth/authorize?" + urlencode(other)).status_code == 200


def test_a_choice_does_not_outlive_its_session(friend: FlaskClient, world: Any, database: Database, now: Any) -> None:
    back = choose(friend, "this").headers["Location"]
    with database.transaction() as db:
        friend.set_cookie("eid_session", signed_in(db, world.account, now=now).token)
    assert friend.get(back).status_code == 200


def test_another_account_means_a_fresh_sign_in(
    friend: FlaskClient, clock: Clock, database: Database, world: Any
) -> None:
    clock.advance(seconds=30)
    where = urlsplit(choose(friend, "another").headers["Location"])
    sent = parse_qs(where.query)
    assert (where.path, sent["again"]) == ("/sign-in", ["1"])
    later = clock.advance(seconds=30)
    with database.transaction() as db:
        friend.set_cookie("eid_session", signed_in(db, world.account, now=later).token)
    assert "code" in sent_back(friend.get(sent["next"][0]))


def test_a_stranger_who_has_to_choose_signs_in(client: FlaskClient, world: Any) -> None:
    assert urlsplit(authorize(client, prompt="select_account").headers["Location"]).path == "/sign-in"


def test_a_silent_choice_is_refused_by_the_grammar(friend: FlaskClient) -> None:
    assert sent_back(authorize(friend, prompt="none select_account"))["error"] == "invalid_request"


def test_reloading_the_answer_asks_again(friend: FlaskClient) -> None:
    again = friend.get("/oauth/account?" + urlencode(wish(prompt="select_account")))
    assert again.headers["Location"] == "/oauth/authorize?" + urlencode(wish(prompt="select_account"))


def test_who_has_no_account_is_shown_how_to_apply(client: FlaskClient, world: Any) -> None:
    client.set_cookie("language", "en")
    shown = authorize(client, prompt="create", login_hint="001158012345")
    assert shown.status_code == 200
    assert 'href="/apply' in shown.text
    assert "A test service" in shown.text


def apply_instead(browser: FlaskClient, choice: str) -> Any:
    form = Form(authorize(browser, prompt="create").text, "/oauth/account")
    return browser.post(form.action, data=form.fields | {"choice": choice})


def test_who_is_signed_in_is_told_so_and_goes_on(friend: FlaskClient) -> None:
    """Initiating User Registration 1.0: the page of registration comes first, whoever is there."""
    friend.set_cookie("language", "en")
    shown = authorize(friend, prompt="create")
    assert "Somebody is signed in here already" in shown.text
    assert "NGUYỄN THỊ ÁNH NGUYỆT" in shown.text
    assert "form-action 'self' https://service.example;" in shown.headers["Content-Security-Policy"]
    assert "code" in sent_back(friend.get(apply_instead(friend, "this").headers["Location"]))
    assert authorize(friend, prompt="create").status_code == 200, "for one request only"


def test_somebody_else_applies_after_the_first_is_signed_out(friend: FlaskClient) -> None:
    before = friend.get_cookie("eid_session")
    assert before is not None
    where = urlsplit(apply_instead(friend, "new").headers["Location"])
    assert where.path == "/apply"
    assert friend.get_cookie("eid_session") is None
    friend.set_cookie("eid_session", before.value)
    assert friend.get("/account").headers["Location"].startswith("/sign-in"), "the session is over, not only forgotten"
    assert friend.get(f"{where.path}?{where.query}").status_code == 200
    assert parse_qs(urlsplit(parse_qs(where.query)["next"][0]).query)["prompt"] == ["create"]


def test_a_page_that_stood_open_too_long_signs_nobody_out(app: Flask, friend: FlaskClient) -> None:
    app.config["WTF_CSRF_ENABLED"] = True
    form = Form(authorize(friend, prompt="create").text, "/oauth/account")
    again = friend.post(form.action, data={"choice": "new"})
    assert again.headers["Location"].startswith("/oauth/authorize?")
    assert 'id="apply"' in friend.get(again.headers["Location"]).text


def test_an_account_that_is_wanted_silently_is_refused(friend: FlaskClient) -> None:
    assert sent_back(authorize(friend, prompt="none create"))["error"] == "invalid_request"


def test_who_signs_in_after_all_is_not_asked_to_apply_again(
    client: FlaskClient, clock: Clock, database: Database, world: Any, friend: FlaskClient
) -> None:
    client.delete_cookie("eid_session")
    where = re.findall(r'href="(/sign-in[^"]+)" id="sign-in"', authorize(client, prompt="create").text)[0]
    later = clock.advance(seconds=30)
    with database.transaction() as db:
        client.set_cookie("eid_session", signed_in(db, world.account, now=later).token)
    assert "code" in sent_back(client.get(parse_qs(urlsplit(unescape(where)).query)["next"][0]))
