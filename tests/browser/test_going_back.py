"""Going back and reloading after a form was refused: no browser asks to send again, and what was typed is there."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from identity.application import State
from tests.browser.conftest import TEST_OTP, Demo
from tests.browser.held import hold_session
from tests.browser.test_error_states import taken
from tests.browser.visitor import Visitor

Visit = Callable[..., Visitor]
SCRIPTS = pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
PHONES = {True: "0903 555 021", False: "0903 555 022"}
PHONES_AGAIN = {True: "0903 555 023", False: "0903 555 024"}
WITH_PROBLEMS = "main .error-summary"


def go_back(visitor: Visitor) -> Visitor:
    """One step back. Chromium's question whether to send again would be an error here (ERR_CACHE_MISS)."""
    visitor.page.go_back()
    assert visitor.page.locator("main h1").count() == 1, visitor.page.url
    return visitor


def problems(visitor: Visitor) -> int:
    return visitor.page.locator(WITH_PROBLEMS).count()


def typed(visitor: Visitor, name: str) -> str:
    return visitor.page.locator(f"main [name='{name}']").first.input_value()


@SCRIPTS
def test_a_wrong_step_of_an_application_can_be_gone_back_over(visit: Visit, scripts: bool) -> None:
    here = visit(390, "en", java_script_enabled=scripts).go("/apply")
    here.choose("person_kind", "foreigner").send("person_kind").choose("locale", "en").send("locale")
    here.answer(phone="12")
    assert problems(here) == 1 and typed(here, "phone") == "12"
    here.answer(phone=PHONES[scripts]).answer(otp="000000")
    assert problems(here) == 1 and typed(here, "otp") == "", "a code stands in no page that waits"
    here.answer(otp=TEST_OTP).answer(passport_number="-")
    assert problems(here) == 1 and typed(here, "passport_number") == "-"
    here.answer(passport_number="M12345678")
    assert here.path == "/apply/nationality"
    assert typed(go_back(here), "passport_number") == "M12345678", "what was saved"
    assert problems(here) == 0
    assert typed(go_back(here), "passport_number") == "M12345678"
    go_back(go_back(go_back(here)))
    assert here.path == "/apply/phone"


@SCRIPTS
def test_a_wrong_password_can_be_gone_back_over(visit: Visit, demo: Demo, scripts: bool) -> None:
    person = demo.person("citizen")
    here = visit(390, "vi", java_script_enabled=scripts).go("/sign-in")
    here.answer(login=person["login"], password="a wrong one")
    assert problems(here) == 1 and typed(here, "login") == person["login"] and typed(here, "password") == ""
    here.answer(login=person["login"], password=person["password"])
    assert here.path.startswith("/sign-in/second")
    assert go_back(here).path == "/sign-in"
    assert go_back(here).path == "/sign-in" and problems(here) == 0
    here.page.reload()
    assert problems(here) == 0


@SCRIPTS
def test_an_officers_form_can_be_gone_back_over(visit: Visit, demo: Demo, scripts: bool) -> None:
    case = f"/office/cases/{taken(demo, 'officer_receiving', State.RECEIVED)}"
    desk = visit(1280, "vi", java_script_enabled=scripts)
    hold_session(desk, demo, demo.person("officer_receiving")).go(case).go(f"{case}/supplement").send("version")
    assert problems(desk) == 1
    desk.page.fill("[name='note']", "Mang theo thẻ gốc.")
    desk.choose("reasons", "phone-proof").send("version")
    assert problems(desk) == 0 and desk.path == f"{case}/supplement"
    for _ in range(2):
        assert go_back(desk).path == f"{case}/supplement"
        assert typed(desk, "note") == "Mang theo thẻ gốc.", "also what the look showed"
    assert go_back(desk).path == case


@SCRIPTS
def test_a_form_that_stands_on_another_page_is_answered_there(visit: Visit, demo: Demo, scripts: bool) -> None:
    case = f"/office/cases/{taken(demo, 'officer_approving', State.MATCHED)}"
    desk = visit(1280, "en", java_script_enabled=scripts)
    hold_session(desk, demo, demo.person("officer_approving")).go(case).click("#check-decision")
    assert problems(desk) == 1 and desk.path == case
    desk.page.reload()
    assert problems(desk) == 0 and desk.path == case
    desk.choose("outcome", "approved").click("#check-decision")
    desk.click("#change")
    assert desk.path == case and desk.page.locator("#check-decision").is_visible(), "the look leads on and back"
    assert go_back(go_back(go_back(desk))).path == case and problems(desk) == 0


@SCRIPTS
def test_a_code_that_ended_leads_to_a_new_one_on_the_same_page(visit: Visit, scripts: bool) -> None:
    here = visit(390, "vi", java_script_enabled=scripts).go("/apply")
    here.choose("person_kind", "foreigner").send("person_kind").choose("locale", "vi").send("locale")
    here.answer(phone=PHONES_AGAIN[scripts])
    for _ in range(10):
        here.answer(otp="000000")
    assert problems(here) == 1
    again = here.page.locator("main form[action='/apply/code/again'] button")
    assert again.is_visible(), "the way to a new code is open"
    here.click(again)
    assert here.path == "/apply/code", "sent, or too soon, which the page of the code says"
    assert go_back(here).path == "/apply/code"
