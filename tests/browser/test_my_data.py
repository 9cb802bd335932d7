"""Data, inbox, papers and help in Chromium: a copy is asked for and read, a request answered; no axe violation."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.browser.conftest import TEST_OTP, Demo
from tests.browser.visitor import Visitor

Visit = Callable[..., Visitor]
SHOTS = os.environ.get("SHOTS", "")
"""A folder for pictures of every page, to be looked at."""
LONGEST_WAIT = 60
SIZES = [(390, "vi"), (1280, "en")]


def look(visitor: Visitor, path: str, width: int, locale: str) -> None:
    visitor.go(path)
    see(visitor, path, width, locale)


def see(visitor: Visitor, path: str, width: int, locale: str) -> None:
    visitor.check()
    if SHOTS:
        name = re.sub(r"[0-9a-f-]{36}", "one", path).strip("/").replace("/", "-")
        visitor.page.screenshot(path=Path(SHOTS) / f"{name}-{width}-{locale}.png", full_page=True)


@pytest.mark.parametrize(("width", "locale"), SIZES)
def test_help_for_the_worried(visit: Visit, width: int, locale: str) -> None:
    visitor = visit(width=width, locale=locale, java_script_enabled=False)
    visitor.go("/")
    visitor.click(visitor.page.locator('a[href="/help/scam-call"]').first)
    assert visitor.page.locator('a[href="/freeze"]').count()
    visitor.go("/help")
    visitor.page.locator("#q").fill("SIM")
    with visitor.page.expect_navigation():
        visitor.page.locator("#q").press("Enter")
    assert visitor.page.locator('a[href="/help/sim-other-name"]').count()


@pytest.mark.parametrize(("width", "locale"), SIZES)
def test_help_pages_are_sound(visit: Visit, width: int, locale: str) -> None:
    visitor = visit(width=width, locale=locale)
    for path in ("/help", "/help/scam-call", "/help/real-helper", "/help?q=zzzz"):
        look(visitor, path, width, locale)


@pytest.mark.parametrize(("width", "locale"), SIZES)
def test_a_person_reads_everything_that_is_held_and_asks_for_more(
    demo: Demo, visit: Visit, width: int, locale: str
) -> None:
    visitor = visit(width=width, locale=locale)
    visitor.sign_in(demo.person("citizen" if locale == "en" else "foreigner", skip=1), TEST_OTP)
    look(visitor, "/account/data", width, locale)
    visitor.click("#ask-copy")
    reading = visitor.page.locator('a[href^="/account/data/copies/"]:not([download])')
    end = time.monotonic() + LONGEST_WAIT
    while not reading.count():  # the worker makes it
        assert time.monotonic() < end, "the copy was never made"
        visitor.page.wait_for_timeout(250)
        visitor.go("/account/data")
    visitor.click(reading.first)
    assert visitor.page.locator("dl.summary").count() > 3
    see(visitor, "/account/data/copy", width, locale)
    for kind in ("access", "rectify", "restrict", "object", "withdraw", "erase"):
        look(visitor, f"/account/data/requests/new/{kind}", width, locale)
    visitor.go("/account/data/requests/new/rectify")
    visitor.click("#submit")
    see(visitor, "/account/data/requests/rectify-error", width, locale)
    visitor.page.locator('input[name="about"]').first.check()
    visitor.page.locator("#words").fill("Thiếu chữ Thị")
    visitor.click("#submit")
    visitor.click(visitor.page.locator('a[href^="/account/data/requests/"]:not([href*="new"])').first)
    see(visitor, "/account/data/requests/one", width, locale)
    visitor.go("/account/purposes")
    visitor.click("#agree-survey")
    for path in ("/account/purposes", "/account/inbox", "/account/papers", "/account/preferences", "/account/not-mine"):
        look(visitor, path, width, locale)
    visitor.go("/account/inbox")
    visitor.click(visitor.page.locator('main a[href^="/account/inbox/"]').first)
    see(visitor, "/account/inbox/one", width, locale)
    look(visitor, "/account", width, locale)
    look(visitor, "/account/history", width, locale)


@pytest.mark.parametrize(("width", "locale"), SIZES)
def test_the_desk_is_sound(demo: Demo, visit: Visit, width: int, locale: str) -> None:
    visitor = visit(width=width, locale=locale)
    visitor.sign_in(demo.person("operator"), TEST_OTP)
    look(visitor, "/office/data-rights", width, locale)
    waiting = visitor.page.locator('main a[href^="/office/data-rights/"]')
    if waiting.count():
        visitor.click(waiting.first)
        see(visitor, "/office/data-rights/one", width, locale)
        visitor.click("#submit")
        see(visitor, "/office/data-rights/one-error", width, locale)
    look(visitor, "/office/data-rights?show=answered", width, locale)
