"""What anyone may read, and the two switches of the reader."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask.testing import FlaskClient

from portal.settings import Setting, Settings

PAGES = ("/", "/help", "/privacy", "/accessibility", "/terms")


def page(client: FlaskClient, address: str, language: str = "vi") -> str:
    answer = client.get(address, headers={"Accept-Language": language})
    assert answer.status_code == 200
    return answer.text


@pytest.mark.parametrize("address", PAGES)
@pytest.mark.parametrize(("language", "word"), [("vi", "Định danh điện tử"), ("en", "Electronic identity")])
def test_public_pages_are_there_in_both_languages(client: FlaskClient, address: str, language: str, word: str) -> None:
    text = page(client, address, language)
    assert f'<html lang="{language}"' in text
    assert word in text
    assert len(re.findall(r"<h1[ >]", text)) == 1


@pytest.mark.parametrize("address", PAGES)
def test_every_local_link_of_a_public_page_leads_somewhere(client: FlaskClient, address: str) -> None:
    text = page(client, address)
    ids = set(re.findall(r'id="([^"]+)"', text))
    for target in set(re.findall(r'href="([^"]+)"', text)):
        if target.startswith("#"):
            assert target[1:] in ids, target
        elif target.startswith("/"):
            path, _, anchor = target.partition("#")
            answer = client.get(path)
            assert answer.status_code < 400, target
            assert not anchor or f'id="{anchor}"' in answer.text, target


def test_the_start_page_offers_the_six_tasks_and_the_status_of_an_application(client: FlaskClient) -> None:
    text = page(client, "/")
    assert text.count('class="tasks__icon"') == 6
    assert re.search(r'<form[^>]+method="post" action="/[^"]+"[^>]*>(?s:.*?)name="code"', text)


def test_the_chosen_language_wins_and_the_page_stays(client: FlaskClient) -> None:
    answer = client.post("/language/en", data={"next": "/help"}, headers={"Accept-Language": "vi"})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/help")
    assert '<html lang="en"' in page(client, "/help", "vi")


def test_a_language_that_is_not_offered_is_not_found(client: FlaskClient) -> None:
    assert client.post("/language/tlh").status_code == 404


@pytest.mark.parametrize("switch", ["/language/en", "/text-size"])
def test_a_switch_never_leads_to_another_site(client: FlaskClient, switch: str) -> None:
    answer = client.post(switch, data={"next": "//evil.example/", "size": "big"})
    assert answer.headers["Location"] == "/"


def test_big_text_stays_on_without_a_script_and_can_be_switched_off(client: FlaskClient) -> None:
    client.post("/text-size", data={"size": "big", "next": "/"})
    assert 'data-text-size="big"' in page(client, "/help")
    client.post("/text-size", data={"size": "normal", "next": "/"})
    assert 'data-text-size="big"' not in page(client, "/help")


def test_an_unknown_text_size_is_refused(client: FlaskClient) -> None:
    assert client.post("/text-size", data={"size": "huge"}).status_code == 400


def test_a_switch_without_the_form_token_changes_nothing(app: Any) -> None:
    app.config["WTF_CSRF_ENABLED"] = True
    answer = app.test_client().post("/language/en", data={"next": "/"})
    assert answer.status_code == 400
    assert "Set-Cookie" not in answer.headers or "language=en" not in answer.headers["Set-Cookie"]


def test_an_unknown_address_gets_a_page_in_the_readers_language(client: FlaskClient) -> None:
    answer = client.get("/no-such-page", headers={"Accept-Language": "vi"})
    assert answer.status_code == 404
    assert 'href="/help"' in answer.text


class TestDemonstration:
    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        return settings.model_copy(update={"setting": Setting.DEMONSTRATION, "owner": "Công an tỉnh Minh Hoạ"})

    @pytest.mark.parametrize(
        "address", [*PAGES, "/design", "/design/form", "/design/work", "/design/field", "/nowhere"]
    )
    def test_every_page_says_that_it_is_one_and_none_claims_to_be_official(
        self, client: FlaskClient, address: str
    ) -> None:
        text = client.get(address, headers={"Accept-Language": "vi"}).text
        assert "Đây là bản trình diễn, không phải trang chính thức." in text
        assert "Công an tỉnh Minh Hoạ" not in text

    def test_the_catalogue_shows_every_error_and_keeps_what_was_typed(self, client: FlaskClient) -> None:
        text = client.post("/design/form", data={"number": "001 158 0123 4"}, headers={"Accept-Language": "vi"}).text
        assert "<title>Lỗi:" in text
        assert text.count("Số định danh phải đủ 12 chữ số. Đã nhập 11 số.") == 2
        assert 'value="001 158 0123 4"' in text


def test_without_an_owner_no_page_claims_to_be_official(client: FlaskClient) -> None:
    assert 'class="official"' not in page(client, "/")


class TestOwned:
    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        return settings.model_copy(update={"owner": "Công an tỉnh Minh Hoạ"})

    def test_the_official_strip_names_the_owner_and_the_address(self, client: FlaskClient) -> None:
        text = page(client, "/")
        assert "Trang chính thức của Công an tỉnh Minh Hoạ." in text
        assert "localhost" in text

    def test_the_catalogue_is_not_there(self, client: FlaskClient) -> None:
        assert client.get("/design").status_code == 404
