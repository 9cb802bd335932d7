"""Pages that say what is wrong: each main form is sent as nobody should, and looked at with axe, in both languages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from identity.account import find_account
from identity.application import Application, State
from tests.browser.conftest import TEST_OTP, Demo
from tests.browser.held import hold_session, in_database
from tests.browser.test_consent import asked
from tests.browser.visitor import Visitor

Visit = Callable[..., Visitor]
SIZES = [(390, "vi"), (1280, "en")]
PHONES = {"vi": "0903 555 011", "en": "0903 555 012"}
LATE = "field => { field.value = 'of yesterday'; }"


def look(visitor: Visitor, says: str = ".error-summary") -> Visitor:
    """The page says what is wrong, and says it so that everybody can read it."""
    assert visitor.page.locator(f"main {says}").count() == 1, visitor.text
    visitor._look(f"{visitor.path} with an error")
    return visitor


def grow_old(visitor: Visitor) -> Visitor:
    """The form token of every form on the page is of yesterday."""
    visitor.page.locator("input[name='csrf_token']").evaluate_all(f"fields => fields.forEach({LATE})")
    return visitor


@pytest.mark.parametrize(("width", "locale"), SIZES)
def test_the_errors_of_an_application(visit: Visit, width: int, locale: str) -> None:
    here = visit(width=width, locale=locale)
    look(here.go("/apply").send("person_kind"))
    here.choose("person_kind", "foreigner").send("person_kind").choose("locale", locale).send("locale")
    look(here.answer(phone="12"))
    here.answer(phone=PHONES[locale])
    look(here.answer(otp="000000")).answer(otp=TEST_OTP)
    look(here.answer(passport_number="-"))
    look(here.go("/apply/document-lines").answer(mrz="P<KOR"))
    here.go("/apply/passport-number").answer(passport_number="M12345678")
    here.pick("nationality", "KOR").send("nationality").answer(full_name="KIM TEST MINJI")
    look(here.answer(birth_date__day="31", birth_date__month="2", birth_date__year="1990"))


@pytest.mark.parametrize(("width", "locale"), SIZES)
def test_the_errors_of_signing_in_and_of_activation(visit: Visit, demo: Demo, width: int, locale: str) -> None:
    here, person = visit(width=width, locale=locale), demo.person("citizen")
    look(here.go("/sign-in").send("login"))
    here.answer(login=person["login"], password=person["password"])
    look(here.answer(otp="000000"))
    look(here.go("/activate").answer(code="AAAA-BBBB-CCCC"))
    look(here.go("/status").answer(code="DD2-7K4P-09RT-5XQ2"))


@pytest.mark.parametrize(("width", "locale"), SIZES)
def test_the_errors_of_an_office(visit: Visit, demo: Demo, width: int, locale: str) -> None:
    case = taken(demo, "officer_receiving", State.RECEIVED)
    desk = hold_session(visit(width=width, locale=locale), demo, demo.person("officer_receiving"))
    look(desk.go(f"/office/cases/{case}/counter").click("#save-visit"))
    look(desk.go(f"/office/cases/{case}/supplement").send("version"))
    case = taken(demo, "officer_approving", State.MATCHED)
    desk = hold_session(visit(width=width, locale=locale), demo, demo.person("officer_approving"))
    look(desk.go(f"/office/cases/{case}"), "#check-decision")
    look(desk.click("#check-decision"))


@pytest.mark.parametrize(("width", "locale"), SIZES)
def test_a_page_that_was_open_for_too_long(visit: Visit, demo: Demo, width: int, locale: str) -> None:
    here = hold_session(visit(width=width, locale=locale), demo, demo.person("foreigner", skip=2))
    here.go(asked(demo))
    look(grow_old(here).click("#approve"), "#approve")
    either = "form[action*='/purposes/survey/'] button"  # agrees, or stops what was agreed to before
    look(grow_old(here.go("/account/purposes")).click(either), "#send-again")
    here.click("#send-again")
    assert here.path == "/account/purposes", here.text


def taken(demo: Demo, role: str, state: State) -> str:
    """An application at this step, in the hands of the officer."""
    officer = demo.person(role)

    def take(db: Session) -> str:
        account: Any = find_account(db, officer["login"])
        wanted = select(Application).where(Application.state == state, Application.level == 2)
        found = db.scalars(wanted.order_by(Application.id)).first()
        assert found is not None, state
        found.held_by_id = account.id
        return str(found.id)

    return str(in_database(demo, take))
