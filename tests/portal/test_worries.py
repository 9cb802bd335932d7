"""Each failure that people meet has its sentence where it happens, and its page of help is one click from there."""

from __future__ import annotations

import pytest
from flask import Flask, render_template_string
from flask.testing import FlaskClient

from identity.base import Refused
from portal.errors import SENTENCES, sentence
from portal.fields import HouseForm
from portal.home.help import rows
from portal.remedies import BY_REASON
from portal.worries import BY_REFUSAL, WORRIES
from tests.portal.test_help import LAW_ROWS

SAID = {
    "number-used": "phone-used",
    "sim-other-name": "sim-not-own",
    "operator-mismatch": "sim-not-own",
    "no-activation-sms": "activation-code-unknown",
    "no-otp": "otp-not-sent",
    "past-7-days": "activation-window-over",
    "changed-number": "activation-no-phone",
    "changed-phone": "passkey-wrong",
    "wrong-details": "register-mismatch",
    "forgot-password": "sign-in-wrong",
    "account-locked": "account-locked",
    "child": "guardian-needed",
}
"""Row of the table of failures (law, section 5.4) → the refusal that a person meets here."""
ELSEWHERE = {
    "face": "the office compares faces: a reason of its letter leads to the page",
    "nfc": "nothing here reads a chip",
    "lost-phone": "whoever lost it is refused nothing: every sign-in page leads there",
    "scam": "it happens outside: the first page leads there",
}
FACTS = {"seconds": 40, "count": 5, "left": 3, "tries": 5, "age": 14}
PAGE = "{% from 'components/error_summary.html' import error_summary with context %}{{ error_summary(form) }}"


def rows_of_page(slug: str) -> list[str]:
    return next(list(row["law_rows"]) for row in rows() if row["slug"] == slug)


def shown(app: Flask, code: str, language: str) -> str:
    with app.test_request_context(headers={"Accept-Language": language}):
        form = HouseForm(formdata=None)
        form.show(Refused(code, **FACTS))
        return render_template_string(PAGE, form=form)


def test_the_table_is_complete() -> None:
    assert {*SAID, *ELSEWHERE} == set(LAW_ROWS)
    assert "face-not-matched" in {slug for slugs in BY_REASON.values() for slug in slugs}


@pytest.mark.parametrize("row", SAID)
def test_each_row_is_said_in_both_languages_and_leads_to_its_page(app_once: Flask, row: str) -> None:
    code = SAID[row]
    assert row in [name for slug in BY_REFUSAL[code] for name in rows_of_page(slug)]
    said = []
    for language in ("vi", "en"):
        with app_once.test_request_context(headers={"Accept-Language": language}):
            said.append(sentence(Refused(code, **FACTS)))
        assert all(f'href="/help/{slug}"' in shown(app_once, code, language) for slug in BY_REFUSAL[code])
    assert said[0] != said[1]


@pytest.mark.parametrize("code", BY_REFUSAL)
def test_no_refusal_leads_nowhere(app_once: Flask, code: str) -> None:
    assert code in SENTENCES
    assert all(app_once.test_client().get(f"/help/{slug}").status_code == 200 for slug in BY_REFUSAL[code])


def test_no_page_is_named_for_nothing() -> None:
    assert {slug for slugs in BY_REFUSAL.values() for slug in slugs} == set(WORRIES)


@pytest.mark.parametrize(("language", "words"), [("vi", "Cách gỡ: Tôi không vào được"), ("en", "Help: I cannot get")])
def test_who_cannot_sign_in_finds_help_at_the_error(client: FlaskClient, language: str, words: str) -> None:
    client.environ_base["HTTP_ACCEPT_LANGUAGE"] = language
    answer = client.post("/sign-in", data={"login": "001300000000", "password": "wrong-and-wrong"})
    assert words in answer.text and 'href="/help/forgot-password"' in answer.text
    assert words not in client.get("/sign-in").text
