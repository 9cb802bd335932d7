"""Another language in the middle of a form, in Chromium: what was typed is there, with scripts and without."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.browser.conftest import Demo
from tests.browser.held import hold_session
from tests.browser.test_going_back import SCRIPTS, go_back, problems, typed
from tests.browser.visitor import Visitor

Visit = Callable[..., Visitor]
OTHER = {"vi": "en", "en": "vi"}


def switch(visitor: Visitor, locale: str) -> Visitor:
    visitor.click(f"footer button[lang='{locale}']")
    assert visitor.page.locator("html").get_attribute("lang") == locale
    return visitor


@SCRIPTS
@pytest.mark.parametrize(("width", "locale"), [(390, "vi"), (1280, "en")])
def test_a_number_typed_half_way_is_there_in_the_other_language(
    visit: Visit, width: int, locale: str, scripts: bool
) -> None:
    here = visit(width, locale, java_script_enabled=scripts).go("/status").fill(code="DD2-7K4P")
    switch(here, OTHER[locale])
    assert here.path == "/status" and typed(here, "code") == "DD2-7K4P" and problems(here) == 0
    here.page.reload()
    assert here.page.locator("html").get_attribute("lang") == OTHER[locale]
    switch(here.fill(code="DD2"), locale)
    assert typed(here, "code") == "DD2"
    assert go_back(here).path == "/status"


@SCRIPTS
def test_big_text_keeps_what_was_typed_and_enter_still_sends_the_form(visit: Visit, scripts: bool) -> None:
    here = visit(390, "vi", java_script_enabled=scripts).go("/status").fill(code="DD2-7K4P")
    here.page.locator(".tools [data-text-size-switch]").click()
    if not scripts:
        assert here.page.url.endswith("#text-size")
        here.click("#text-size button")
    assert here.page.locator("html").get_attribute("data-text-size") == "big"
    assert typed(here, "code") == "DD2-7K4P" and problems(here) == 0
    with here.page.expect_navigation():
        here.page.locator("[name=code]").press("Enter")
    assert problems(here) > 0 and here.page.locator("html").get_attribute("data-text-size") == "big"


@SCRIPTS
def test_a_password_goes_nowhere_and_a_name_stays(visit: Visit, demo: Demo, scripts: bool) -> None:
    here = visit(390, "vi", java_script_enabled=scripts).go("/sign-in")
    switch(here.fill(login=demo.person("citizen")["login"], password="a wrong one"), "en")
    assert typed(here, "login") == demo.person("citizen")["login"] and typed(here, "password") == ""
    assert problems(here) == 0, "nobody tried to sign in"


def test_on_a_page_of_several_forms_the_one_that_was_typed_into_is_taken_along(visit: Visit, demo: Demo) -> None:
    here = hold_session(visit(1280, "vi"), demo, demo.person("coordinator"))
    here.go("/")
    switch(here.fill(code="DD2-7K4P"), "en")
    assert typed(here, "code") == "DD2-7K4P"
    switch(here.go("/"), "vi")
    assert here.path == "/", "who typed nothing stays on the page"
