"""What needs no script is done without one: applying, looking it up, activating, signing in, stopping in a hurry."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from typing import Any

import pyotp
import pytest

from tests.browser.conftest import TEST_OTP, Demo
from tests.browser.visitor import Visitor
from tests.browser.walk import PASSWORD, Resident

Visit = Callable[..., Visitor]
SIZES = [(390, "vi"), (1280, "en")]
UNTOUCHED = 2
"""Of those who have not applied, the first two of each kind are for the whole walk."""


class Nothing(set[str]):
    """What is looked at with axe needs scripts; these pages are looked at elsewhere."""

    def __contains__(self, page: object) -> bool:
        return True


@pytest.fixture
def plainly(visit: Visit) -> Visit:
    """A browser with scripts off."""
    return partial(visit, java_script_enabled=False)


@pytest.mark.parametrize(("width", "locale", "role"), [(390, "vi", "foreigner"), (1280, "en", "citizen")])
def test_an_application_is_sent_and_looked_up(plainly: Visit, demo: Demo, width: int, locale: str, role: str) -> None:
    person: dict[str, Any] = demo.person(role, "none", UNTOUCHED)
    applicant = Resident(demo, plainly, width, locale, role == "citizen", person, {locale: Nothing()})
    applicant.apply()
    here = plainly(width=width, locale=locale).go("/status").answer(code=applicant.application_code)
    assert here.path == "/status/application", here.text
    assert person["documents"]["full_name"].casefold() not in here.text.casefold()


@pytest.mark.parametrize(("width", "locale", "number"), [(390, "vi", 1), (1280, "en", 2)])
def test_an_account_is_activated_and_signed_in_to(
    plainly: Visit, demo: Demo, width: int, locale: str, number: int
) -> None:
    person = demo.person("citizen", "issued", number)
    way_in = demo.known["activation"][person["login"]]
    here = plainly(width=width, locale=locale).go("/activate").answer(code=way_in["code"])
    here.answer(otp=TEST_OTP).choose("kind", "counter_secret").answer(proof=way_in["counter_secret"])
    here.answer(password=PASSWORD)
    assert "JavaScript" in here.text and not here.page.locator("#own-device-lock").is_visible(), "it says why"
    here.page.locator("main details summary").first.click()  # the key as letters: no camera, no script
    secret = re.sub(r"\s", "", here.page.locator("main .code-block").first.inner_text())
    here.answer(otp=pyotp.TOTP(secret).now())
    here.answer(recovery=here.page.locator("main .code-list li").first.inner_text())
    assert here.path == "/account?done=activated"
    here.click("header form[action='/sign-out'] button").sign_in({**person, "password": PASSWORD}, TEST_OTP)
    assert here.path == "/account", here.text


@pytest.mark.parametrize(("width", "locale"), SIZES)
def test_help_a_stop_and_a_way_back_are_found(plainly: Visit, width: int, locale: str) -> None:
    here = plainly(width=width, locale=locale).go("/")
    here.click("a[href='/help/lost-phone']").click("main a[href='/freeze']").click("main a[href='/freeze/pause']")
    here.send("login")
    assert here.page.locator("main .error-summary").is_visible(), "nothing was typed, and it says so"
    here.go("/recover").click("main a[href='/recover/code']").answer(login="001300000000")
    assert here.page.locator("main .error-summary").is_visible()
    assert here.page.locator("main [name='login']").input_value() == "001300000000"
