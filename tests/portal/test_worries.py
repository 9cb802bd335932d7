"""Each failure that people meet has its sentence where it happens, and its page of help is one click from there."""

from __future__ import annotations

from pathlib import Path

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
PROVED = {
    "number-used": "portal/test_enrolment.py::test_somebody_elses_phone_is_refused_once_the_register_agrees",
    "sim-other-name": "identity/test_level_1.py::test_a_number_in_another_name_stops_an_application_online",
    "operator-mismatch": "identity/test_level_1.py::test_a_number_in_another_name_stops_an_application_online",
    "no-activation-sms": "identity/test_activation.py::test_the_desk_reissues_and_the_old_code_is_worthless",
    "no-otp": "identity/test_activation.py::test_asking_for_a_code_too_soon_is_told_and_the_first_stays_good",
    "past-7-days": "identity/test_hotline.py::test_a_new_code_goes_to_the_phone_on_file_and_nowhere_else",
    "changed-number": "identity/test_recovery.py::test_a_changed_phone_is_changed_at_the_counter_and_both_are_told",
    "changed-phone": "identity/test_recovery.py::test_the_counters_slip_and_the_phone_lead_to_new_keys",
    "nfc": "identity/test_activation.py::test_the_secret_of_the_counter_proves",
    "wrong-details": "portal/test_enrolment.py::test_every_mismatch_gets_the_same_sentence_and_keeps_the_answers",
    "face": "identity/test_refusing.py::test_what_was_sent_online_is_compared_without_a_visit",
    "forgot-password": "portal/test_recover.py::test_a_code_of_the_sheet_leads_to_a_new_password_and_in",
    "account-locked": "identity/test_renewed_papers.py::test_a_renewed_paper_opens_the_account_as_it_was",
    "lost-phone": "identity/test_freeze.py::test_the_sheets_code_shuts_everything_at_once",
    "child": "identity/test_guardians.py::test_a_parent_whom_the_register_names_gets_the_childs_account_at_once",
    "scam": "portal/test_help.py::test_help_names_this_site_and_no_other",
}
"""Row of the table → the test that its remedy does what the page says."""
TESTS = Path(__file__).parents[1]
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


@pytest.mark.parametrize("row", LAW_ROWS)
def test_the_remedy_of_each_row_is_tested(row: str) -> None:
    path, name = PROVED[row].split("::")
    assert f"\ndef {name}(" in (TESTS / path).read_text(encoding="utf-8")


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
