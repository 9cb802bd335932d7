"""A phone's lock in Chromium (its virtual authenticator): added, used in place of a password, removed."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import CDPSession

from tests.browser.conftest import TEST_OTP, Demo
from tests.browser.visitor import Visitor

Visit = Callable[..., Visitor]
WAYS = "/account/sign-in-ways"


def with_a_lock(visitor: Visitor) -> tuple[CDPSession, str]:
    """A built-in authenticator that has checked face or finger."""
    session = visitor.context.new_cdp_session(visitor.page)
    session.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
        "isUserVerified": True, "automaticPresenceSimulation": True,
    }  # fmt: skip
    made = session.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    return session, str(made["authenticatorId"])


@pytest.mark.parametrize(("width", "locale"), [(390, "vi"), (1280, "en")])
def test_a_person_adds_a_device_signs_in_with_it_and_removes_it(
    demo: Demo, visit: Visit, width: int, locale: str
) -> None:
    person = demo.person("citizen", skip=1 if locale == "vi" else 2)
    visitor = visit(width=width, locale=locale)
    session, authenticator = with_a_lock(visitor)
    visitor.sign_in(person, TEST_OTP).go(WAYS).check()
    visitor.fill(name="Máy của tôi")
    with visitor.page.expect_navigation(url=f"**{WAYS}?done=added"):
        visitor.page.locator("#add-passkey").click()
    assert "Máy của tôi" in visitor.text
    visitor.check()
    with visitor.page.expect_navigation():
        visitor.page.locator("header").get_by_role("button").last.click()
    with visitor.page.expect_navigation(url="**/account"):
        visitor.go("/sign-in")  # the browser offers it by itself, and this one accepts
    with visitor.page.expect_navigation():
        visitor.page.locator("header").get_by_role("button").last.click()
    session.send("WebAuthn.setAutomaticPresenceSimulation", {"authenticatorId": authenticator, "enabled": False})
    visitor.go("/sign-in").check()
    session.send("WebAuthn.setAutomaticPresenceSimulation", {"authenticatorId": authenticator, "enabled": True})
    with visitor.page.expect_navigation(url="**/account"):
        visitor.page.locator("#passkey").click()
    visitor.go(WAYS)
    visitor.click(visitor.page.get_by_role("link", name="Máy của tôi"))
    visitor.check()
    visitor.click("main a[href$='/remove']")
    visitor.check()
    with visitor.page.expect_navigation(url=f"**{WAYS}?done=removed"):
        visitor.page.locator("#remove").click()
    assert "Máy của tôi" not in visitor.text


def test_a_device_that_was_removed_is_told_so_and_the_password_is_still_there(demo: Demo, visit: Visit) -> None:
    person = demo.person("foreigner", skip=1)
    visitor = visit(width=390, locale="en")
    with_a_lock(visitor)
    visitor.sign_in(person, TEST_OTP).go(WAYS).fill(name="Phone")
    with visitor.page.expect_navigation(url="**?done=added"):
        visitor.page.locator("#add-passkey").click()
    visitor.click(visitor.page.get_by_role("link", name="Phone"))
    visitor.click("main a[href$='/remove']")
    with visitor.page.expect_navigation(url="**?done=removed"):
        visitor.page.locator("#remove").click()
    visitor.context.clear_cookies()
    visitor.context.add_cookies([{"name": "language", "value": "en", "url": demo.portal}])
    visitor.go("/sign-in").page.get_by_text("This device does not open an account here.").wait_for()
    assert visitor.page.locator("#login").is_visible()


def test_without_a_lock_the_sentence_says_so_and_nothing_is_lost(demo: Demo, visit: Visit) -> None:
    visitor = visit(width=390, locale="en")
    session, authenticator = with_a_lock(visitor)
    visitor.go("/sign-in").fill(login="001158012345")
    session.send("WebAuthn.setUserVerified", {"authenticatorId": authenticator, "isUserVerified": False})
    assert not visitor.page.get_by_text("That did not work.").is_visible()
    visitor.page.locator("#passkey").click()
    visitor.page.get_by_text("That did not work.").wait_for()
    assert visitor.page.locator("#login").input_value() == "001158012345"
