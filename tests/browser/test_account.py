"""The pages of one's own account in Chromium: no axe violation, no overflow, in both languages."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.browser.conftest import TEST_OTP, Demo
from tests.browser.visitor import Visitor

Visit = Callable[..., Visitor]
SHOTS = os.environ.get("SHOTS", "")
"""A folder for pictures of every page, to be looked at."""


def look(visitor: Visitor, path: str, width: int, locale: str) -> None:
    visitor.go(path).check()
    if SHOTS:
        name = path.strip("/").replace("/", "-")
        visitor.page.screenshot(path=Path(SHOTS) / f"{name}-{width}-{locale}.png", full_page=True)


@pytest.mark.parametrize(("width", "locale"), [(390, "vi"), (1280, "en")])
def test_the_pages_that_protect_an_account(demo: Demo, visit: Visit, width: int, locale: str) -> None:
    visitor = visit(width=width, locale=locale)
    for path in ("/freeze", "/freeze/code", "/freeze/pause", "/freeze/paused", "/freeze/frozen", "/not-me/done"):
        look(visitor, path, width, locale)
    visitor.sign_in(demo.person("foreigner", skip=2 if locale == "en" else 0), TEST_OTP)
    for path in ("/account/contact", "/account/contact/phone", "/account/contact/email", "/account/freeze"):
        look(visitor, path, width, locale)
    for path in ("/account/recovery-codes", "/account/authenticator"):
        look(visitor, path, width, locale)
        with visitor.page.expect_navigation():
            visitor.page.locator("#draw").click()
        visitor.checked.clear()
        look(visitor, path, width, locale)
    for path in ("/account", "/account/sessions", "/account/history", "/account/consents", "/account/password"):
        look(visitor, path, width, locale)
