"""Another language or big text in the middle of a form: nothing is done then, and what was typed comes again."""

# ruff: noqa: F811 - pytest fixtures are asked for by name
from __future__ import annotations

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.flows.test_bad_input import House, applicant, house  # noqa: F401 - fixtures
from tests.flows.test_stale_pages import (  # noqa: F401 - fixtures
    OURS,
    OVER,
    PROGRAMS,
    TYPED,
    address,
    posts,
    stale_app,
    tokens,
    visitor,
    written,
)
from tests.portal.applicant import CITIZEN, Applicant

OTHER = {"vi": "en", "en": "vi"}
SHOWN = {200, 303, 422}
ONE_TRUTH = re.compile(r"(INSERT INTO|UPDATE|DELETE FROM) (audit_event|once_ticket|sign_in_session)")
"""That somebody was refused, an answer that waits for its look, and that a session is alive may be noted."""
BUTTON = re.compile(r'<button form="typing" name="in_language" value="(\w+)"')


def offered(page: str) -> list[str]:
    """The languages whose button takes along what is typed on this page."""
    assert page.count('id="typing"') == (1 if BUTTON.search(page) else 0)
    return BUTTON.findall(page)


@pytest.mark.any_engine
@pytest.mark.parametrize(("cookie", "wish"), [("language", "en"), ("text_size", "big")])
def test_no_address_does_anything_when_only_another_look_is_asked_for(
    stale_app: Flask, tokens: dict[str, str], written: list[str], cookie: str, wish: str
) -> None:
    stale_app.config["WTF_CSRF_ENABLED"] = False
    wrong = {}
    for rule in posts(stale_app):
        written.clear()
        client, path = visitor(stale_app, rule, tokens, "vi"), address(stale_app, rule)
        sent = {"typed": TYPED, "full_name": TYPED, f"in_{cookie.removeprefix('text_')}": wish}
        answer = client.post(path, data=sent, headers=OURS)
        chosen = client.get_cookie(cookie)
        changed = [one for one in written if not ONE_TRUTH.match(one)]
        if answer.status_code not in SHOWN or changed or chosen is None or chosen.value != wish:
            wrong[rule.endpoint] = f"{answer.status_code} {changed} {chosen}"
        elif "error-summary" in answer.text:
            wrong[rule.endpoint] = "complains"
    assert {name: why for name, why in wrong.items() if name not in PROGRAMS.keys() | OVER} == {}


@pytest.mark.parametrize("language", ["vi", "en"])
def test_what_was_typed_comes_again_without_complaint(applicant: Applicant, house: House, language: str) -> None:
    applicant.client.set_cookie("language", OTHER[language])
    applicant.prove_phone("citizen").send(personal_number=CITIZEN.personal_number).send(full_name="Nguyễn <Ánh>")
    assert applicant.path == "/apply/birth-date" and offered(applicant.html) == ["vi", "en"]
    applicant.send("/apply/birth-date", birth_date__day="31", birth_date__year="1990", in_language=language)
    assert f'<html lang="{language}"' in applicant.html and applicant.path == "/apply/birth-date"
    assert applicant.errors == [] and 'value="31"' in applicant.html and 'value="1990"' in applicant.html
    assert f'<html lang="{language}"' in applicant.open("/apply/name").html, "the choice stays"
    assert applicant.typed("full_name") == "Nguyễn <Ánh>"
    applicant.send("/apply/name", full_name="", in_language=language)
    assert applicant.path == "/apply/name" and applicant.errors == []
    assert applicant.open("/apply/name").typed("full_name") == "Nguyễn <Ánh>", "nothing was saved"


def test_big_text_brings_again_what_was_typed(applicant: Applicant, house: House) -> None:
    applicant.prove_phone("citizen").send("/apply/personal-number", personal_number="001 19", in_size="big")
    assert applicant.path == "/apply/personal-number" and 'data-text-size="big"' in applicant.html
    assert applicant.errors == [] and applicant.typed("personal_number") == "001 19"
    applicant.open("/apply/personal-number").send(personal_number="001 19", in_size="normal")
    assert 'data-text-size="big"' not in applicant.html and applicant.typed("personal_number") == "001 19"
    applicant.send(personal_number="001 19", in_size="huge")
    assert applicant.errors, "an unknown size is no wish: the form was sent"


def test_big_text_is_pressed_behind_the_form_or_enter_would_press_it(applicant: Applicant, house: House) -> None:
    page = applicant.prove_phone("citizen").html
    assert page.index('name="in_size"') > page.index("</form>", page.index('id="typing"'))
    assert 'href="#text-size"' in page and 'id="text-size"' in page and 'action="/text-size"' not in page


def test_a_code_is_not_tried_by_another_language(applicant: Applicant, house: House) -> None:
    applicant.open("/apply").send(person_kind="citizen").send(locale="en").send(phone="0912 345 678")
    for _ in range(12):
        applicant.send("/apply/code", otp="000000", in_language="vi")
    assert applicant.send("/apply/code", otp=applicant.last_code()).path == "/apply/personal-number"


def test_a_stale_page_is_told_before_its_language_changes(applicant: Applicant, house: House) -> None:
    applicant.prove_phone("citizen")
    house.app.config["WTF_CSRF_ENABLED"] = True
    applicant.send("/apply/personal-number", personal_number="001", in_language="vi")
    assert applicant.client.get_cookie("language").value == "en"
    assert applicant.errors[0] == "This page was open for too long. Check what you entered and send it again."
    assert applicant.typed("personal_number") == "001"


def test_a_form_that_is_answered_on_another_page_does_not_lead_there(client: FlaskClient) -> None:
    start = client.get("/").text
    assert offered(start) == [] and 'action="/language/en"' in start
