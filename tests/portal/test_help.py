"""Help for the worried: every failure that people report has its page, in both languages, with the next thing to do."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from portal.home.help import FIRST, rows
from tests.servers import ROOT

LAW_ROWS = (
    "number-used",
    "sim-other-name",
    "operator-mismatch",
    "no-activation-sms",
    "no-otp",
    "past-7-days",
    "changed-number",
    "changed-phone",
    "nfc",
    "wrong-details",
    "face",
    "forgot-password",
    "account-locked",
    "lost-phone",
    "child",
    "scam",
)
"""The table of failures and remedies (law, section 5.4), a name a row."""
SLUGS = [row["slug"] for row in rows()]


def page(client: FlaskClient, address: str, language: str = "en") -> str:
    answer = client.get(address, headers={"Accept-Language": language})
    assert answer.status_code == 200
    return answer.text


@pytest.fixture(scope="module")
def visitor(app_once: Flask) -> FlaskClient:
    return app_once.test_client()


@pytest.mark.parametrize("row", LAW_ROWS)
def test_each_failure_has_its_page_in_both_languages(visitor: FlaskClient, row: str) -> None:
    entries = [entry for entry in rows() if row in entry["law_rows"]]
    assert entries
    for entry in entries:
        for language in ("vi", "en"):
            text = page(visitor, f"/help/{entry['slug']}", language)
            assert f'<html lang="{language}"' in text
            assert entry[language]["about"] in text.replace("&#39;", "'")


def test_no_page_names_a_failure_that_is_not_in_the_table() -> None:
    assert {name for row in rows() for name in row["law_rows"]} == set(LAW_ROWS)


@pytest.mark.parametrize("slug", SLUGS)
def test_a_page_is_short_and_every_link_of_it_leads_somewhere(visitor: FlaskClient, slug: str) -> None:
    text = page(visitor, f"/help/{slug}")
    steps = next(row for row in rows() if row["slug"] == slug)["en"]["steps"]
    assert 2 <= len(steps) <= 5
    assert all(len(step) < 220 for step in steps)
    main = text[text.index("<main") : text.index("</main>")]
    for target in set(re.findall(r'href="(/[^"#]*)', main)):
        assert visitor.get(target).status_code < 400, target


@pytest.mark.parametrize("language", ["vi", "en"])
def test_both_languages_say_as_much(language: str) -> None:
    for row in rows():
        other = row["en" if language == "vi" else "vi"]
        assert len(row[language]["steps"]) == len(other["steps"]), row["slug"]
        assert all(action[language] for action in row["actions"])


def test_the_list_shows_every_page_and_first_what_cannot_wait(visitor: FlaskClient) -> None:
    text = page(visitor, "/help")
    shown = re.findall(r'href="/help/([a-z-]+)"', text)
    assert set(SLUGS) <= set(shown)
    assert tuple(shown[: len(FIRST)]) == FIRST


@pytest.mark.parametrize(
    ("typed", "slug"),
    [
        ("mất máy", "lost-phone"),
        ("mat may", "lost-phone"),
        ("OTP", "code-late"),
        ("SIM", "sim-other-name"),
        ("scam", "scam-call"),
    ],
)
def test_a_word_finds_its_page_with_or_without_marks(visitor: FlaskClient, typed: str, slug: str) -> None:
    assert f'href="/help/{slug}"' in visitor.get("/help", query_string={"q": typed}).text


@pytest.mark.parametrize("typed", ["zzzz", "<script>", "%", "\x00x", "a" * 500])
def test_words_that_find_nothing_say_so_and_stay_in_the_field(visitor: FlaskClient, typed: str) -> None:
    text = visitor.get("/help", query_string={"q": typed}).text
    assert "<script>" not in text[text.index("<main") :]
    if typed == "zzzz":
        assert "Nothing found" in text or "Chưa tìm thấy" in text
        assert 'value="zzzz"' in text


def test_an_unknown_page_is_not_found(visitor: FlaskClient) -> None:
    assert visitor.get("/help/nothing-like-this").status_code == 404


def test_help_names_this_site_and_no_other(visitor: FlaskClient) -> None:
    text = page(visitor, "/help/real-site")
    assert "Type the address localhost into the browser yourself" in text
    assert "%(host)s" not in text


@pytest.mark.parametrize(
    ("where", "slug"), [("/sign-in", "lost-phone"), ("/", "scam-call"), ("/", "lost-phone"), ("/", "find-team")]
)
def test_help_is_one_click_from_where_the_trouble_is(visitor: FlaskClient, where: str, slug: str) -> None:
    text = page(visitor, where)
    assert f'href="/help/{slug}"' in text or (slug == "lost-phone" and 'href="/recover"' in text)


def test_wherever_a_code_by_sms_is_awaited_its_help_is_one_click_away() -> None:
    pages = [
        page for page in (ROOT / "portal").glob("*/templates/**/*.html") if "'Send a new code'" in page.read_text()
    ]
    assert len(pages) >= 4
    assert [page.name for page in pages if "slug='code-late'" not in page.read_text()] == []


@pytest.mark.parametrize("where", ["/", "/sign-in", "/recover", "/freeze", "/activate", "/apply", "/status", "/help"])
def test_whoever_is_called_while_on_a_page_learns_there_what_to_do(visitor: FlaskClient, where: str) -> None:
    assert 'href="/help/scam-call"' in page(visitor, where)


@pytest.mark.parametrize(("language", "words"), [("vi", ("cơ quan", "quầy")), ("en", ("office", "counter"))])
def test_whoever_is_led_to_freeze_learns_first_who_opens_the_account_again(
    visitor: FlaskClient, language: str, words: tuple[str, str]
) -> None:
    """Nobody gets back in by a recovery code once it is frozen: `identity/test_freeze`."""
    led = [row for row in rows() if any(action["endpoint"] == "account.freeze" for action in row["actions"])]
    assert {"lost-phone", "scam-call", "gave-code-away"} <= {row["slug"] for row in led}
    for row in led:
        steps = [step.lower() for step in row[language]["steps"]]
        freezing = [step for step in steps if "đóng băng" in step or "freeze" in step or "froze" in step]
        assert all(any(word in step for word in words) for step in freezing), row["slug"]
    said = {"vi": "Chỉ cơ quan", "en": "Only an office opens the account again"}[language]
    assert all(said in page(visitor, where, language) for where in ("/freeze", "/freeze/code"))


def test_who_is_locked_out_by_an_old_paper_is_led_to_the_application_with_the_new_one(visitor: FlaskClient) -> None:
    assert 'href="/apply?level=1"' in page(visitor, "/help/account-locked")
