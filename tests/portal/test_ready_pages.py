"""The sign-in pages are drawn once and filled in; whoever reads them must not be able to tell."""

from __future__ import annotations

import pytest
from flask import Flask, g
from flask.testing import FlaskClient
from flask_wtf.csrf import generate_csrf

from portal.account.forms import SecondStepForm, SignInForm
from portal.account.sign_in import FIRST, SECOND
from portal.pages import Page, page
from portal.ready_pages import KEPT, ReadyPage

TARGETS = (
    None,
    "/account",
    "/oauth/authorize?client_id=a&scope=openid+profile&state=%22%3E%3Cb%3E",
    "/x?a=1&b='\"><script>alert(1)</script>",
    "/tìm?q=định danh&next=\x02next\x02&%02token%02",
)


def drawn(response: Page) -> bytes:
    response.render()
    return response.get_data()


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize("size", ["normal", "big"])
@pytest.mark.parametrize("target", TARGETS)
def test_a_ready_page_is_the_page(app: Flask, target: str | None, size: str, language: str) -> None:
    headers = {"Accept-Language": language, "Cookie": f"text_size={size}"}
    for path, template, form in (("/sign-in", FIRST, SignInForm), ("/sign-in/second", SECOND, SecondStepForm)):
        with app.test_request_context(path, query_string={"next": "/somebody/else's"}, headers=headers):
            drawn(ReadyPage(template, form, None if target is None else "/somebody/else's", again=False))
        with app.test_request_context(path, query_string={"next": target} if target else {}, headers=headers):
            g.is_popup = size == "big"
            for _ in range(2):
                ready = drawn(ReadyPage(template, form, target, again=False))
                assert ready == drawn(page(template, form=form(), next=target, again=False))
            assert generate_csrf().encode() in ready


def test_two_readers_get_tokens_of_their_own(app: Flask) -> None:
    texts = [app.test_client().get("/sign-in").text for _ in range(2)]
    tokens = [text.partition('name="csrf_token" value="')[2].partition('"')[0] for text in texts]
    assert len(set(tokens)) == 2 and all(tokens)
    assert texts[0].replace(tokens[0], "") == texts[1].replace(tokens[1], "")
    assert not any("\x02" in text for text in texts)


def test_what_is_kept_is_of_no_reader(app: Flask) -> None:
    """However many people come, from wherever: one page for each language and size."""
    for number in range(5):
        app.test_client().get(f"/sign-in?next=/only-mine-{number}", headers={"Accept-Language": "en"})
    (kept,) = app.extensions[KEPT].values()
    assert not any("only-mine" in piece for piece in kept[0])


def test_a_hint_and_an_error_are_shown(app: Flask) -> None:
    browser: FlaskClient = app.test_client()
    assert 'value="001158012345"' in browser.get("/sign-in?login_hint=001158012345").text
    token = browser.get("/sign-in").text.partition('name="csrf_token" value="')[2].partition('"')[0]
    answer = browser.post("/sign-in", data={"login": "typed", "password": "", "csrf_token": token})
    assert 'value="typed"' in answer.text and "error-summary" in answer.text
