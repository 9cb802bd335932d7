"""Activating without an app: a phone's lock (Chromium's virtual authenticator) is the second factor from then on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import CDPSession

from tests.browser.conftest import TEST_OTP, Demo
from tests.browser.test_passkeys import with_a_lock
from tests.browser.visitor import Visitor
from tests.browser.walk import PASSWORD

Visit = Callable[..., Visitor]
Lock = tuple[CDPSession, str]


def finger(lock: Lock, is_right: bool) -> None:
    """The next time that the device asks, it is satisfied or not."""
    session, authenticator = lock
    session.send("WebAuthn.setUserVerified", {"authenticatorId": authenticator, "isUserVerified": is_right})


def hand(lock: Lock, is_there: bool) -> None:
    """Whether somebody touches the device when it asks; nobody does while a page only offers it."""
    session, authenticator = lock
    found = {"authenticatorId": authenticator, "enabled": is_there}
    session.send("WebAuthn.setAutomaticPresenceSimulation", found)


def to_the_second_factor(here: Visitor, way_in: dict[str, Any]) -> None:
    here.go("/activate").answer(code=way_in["code"]).answer(otp=TEST_OTP)
    here.choose("kind", "counter_secret").answer(proof=way_in["counter_secret"]).answer(password=PASSWORD)
    assert here.path == "/activate/app", here.text


@pytest.mark.parametrize(("width", "locale"), [(390, "vi"), (1280, "en")])
def test_an_account_whose_second_factor_is_the_phone(demo: Demo, visit: Visit, width: int, locale: str) -> None:
    person = demo.person("foreigner", "issued", skip=("vi", "en").index(locale))
    here = visit(width=width, locale=locale)
    lock = with_a_lock(here)
    to_the_second_factor(here, demo.known["activation"][person["login"]])
    here.check()
    finger(lock, is_right=False)
    here.click("#own-device-lock")
    assert here.page.locator("main .error-summary").is_visible() and here.page.locator("#remedies").is_visible()
    here.check()
    finger(lock, is_right=True)
    here.click("#own-device-lock")
    assert here.path == "/activate/recovery", here.text
    here.answer(recovery=here.page.locator("main .code-list li").first.inner_text())
    assert here.path == "/account?done=activated"
    here.check()
    _sign_in_with_both(here, lock, person["login"])
    _tell_a_service(here, demo)
    _keep_the_last_one(here)


def _sign_in_with_both(here: Visitor, lock: Lock, login: str) -> None:
    """Password, then the phone's lock. The page offers it by itself too: for that, nobody touches the phone here."""
    hand(lock, is_there=False)
    here.click("header form[action='/sign-out'] button")
    here.go("/sign-in").answer(login=login, password=PASSWORD)
    assert here.path.startswith("/sign-in/second"), here.text
    here.check()
    hand(lock, is_there=True)
    with here.page.expect_navigation(url="**/account"):
        here.page.locator("#passkey").click()


def _tell_a_service(here: Visitor, demo: Demo) -> None:
    here.go(demo.known["relying_party"]).page.locator("#sign-in").click()
    here.page.locator("#approve").click()
    here.page.locator("#sub").wait_for()
    assert here.page.locator("#acr").inner_text() == "urn:vn:eid:aal:2"
    assert set(here.page.locator("#amr").inner_text().split()) == {"pwd", "hwk", "user", "mfa"}


def _keep_the_last_one(here: Visitor) -> None:
    here.go("/account/sign-in-ways").check().click("main .rows a").click("main a[href$='/remove']").check()
    assert here.page.locator("#remove").count() == 0
    here.follow("/account/authenticator").check()
