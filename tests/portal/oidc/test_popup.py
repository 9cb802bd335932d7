"""`display=popup`: the pages of a sign-in without ways to anywhere else (OpenID Connect Core section 3.1.2.1)."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import pytest
from flask.testing import FlaskClient

from tests.identity.oidc.making import wish
from tests.portal.oidc.browsing import authorize, basic

NAVIGATION = ('href="/account"', 'action="/sign-out"', 'href="/"', 'href="/help"', 'class="tools"')


def is_popup(page: Any) -> bool:
    """A whole page, in both languages, that leads nowhere else; or a usual one with all its ways."""
    assert page.status_code == 200
    assert 'name="in_language" value="vi"' in page.text
    assert 'name="in_language" value="en"' in page.text
    found = [way for way in NAVIGATION if way in page.text.replace(' popup"', '"')]
    if 'class=" popup"' in page.text:
        assert not found
        return True
    assert 'class="tools"' in found
    return False


def test_the_consent_page_is_as_asked(resident: FlaskClient) -> None:
    for display in ("", "page", "touch", "wap", "popup"):
        page = authorize(resident, display=display)
        assert 'id="approve"' in page.text
        assert is_popup(page) is (display == "popup"), display


def test_so_are_the_pages_before_it(resident: FlaskClient) -> None:
    for prompt in ("select_account", "create"):
        assert is_popup(authorize(resident, prompt=prompt, display="popup"))
        assert not is_popup(authorize(resident, prompt=prompt))


@pytest.mark.parametrize("display", ["", "popup"])
def test_so_is_the_sign_in_on_the_way(client: FlaskClient, world: Any, display: str) -> None:
    page = client.get(authorize(client, display=display).headers["Location"])
    assert 'id="password"' in page.text
    assert is_popup(page) is (display == "popup")
    wrong = client.post("/sign-in", data={"login": "x", "password": "y", "next": "/oauth/authorize?display=popup"})
    assert 'class=" popup"' not in wrong.text, "a request that does not stand changes nothing"


def test_so_is_that_of_a_pushed_request(client: FlaskClient, world: Any) -> None:
    pushed = client.post("/oauth/par", data=wish(display="popup"), headers=basic()).json["request_uri"]
    opened = client.get("/oauth/authorize", query_string={"client_id": "a-service", "request_uri": pushed})
    assert is_popup(client.get(opened.headers["Location"]))


def test_a_request_that_is_refused_is_told_in_the_same_window(client: FlaskClient, world: Any) -> None:
    page = client.get("/oauth/authorize?client_id=nobody&display=popup")
    assert page.status_code == 400
    assert 'class=" popup"' in page.text


def test_another_word_is_refused(resident: FlaskClient) -> None:
    answer = authorize(resident, display="poster")
    assert "error=invalid_request" in urlsplit(answer.headers["Location"]).query
