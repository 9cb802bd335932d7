"""A lost network: the form stays, says so, and is sent when the network is back."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.browser.conftest import TEST_OTP, Demo
from tests.browser.visitor import Visitor

SENTENCES = {
    "vi": "Chưa gửi được gì. Những gì đã gõ vẫn còn đây: có mạng lại thì bấm lần nữa.",
    "en": "Nothing was sent. What you typed is still here: press again when the network is back.",
}
PHONES = {"vi": "0903 555 001", "en": "0903 555 002"}


@pytest.mark.parametrize("locale", ["vi", "en"])
def test_a_lost_network_loses_nothing_that_was_typed(visit: Callable[..., Visitor], locale: str) -> None:
    visitor = visit(390, locale).go("/status").fill(code="DD2-7K4P-09RT-5XQ2")
    lose_the_network(visitor, locale)
    assert visitor.path == "/status" and typed(visitor, "code") == "DD2-7K4P-09RT-5XQ2"
    find_the_network(visitor)
    visitor.send("code")
    assert "DD2-7K4P-09RT-5XQ2" in typed(visitor, "code")
    assert visitor.page.locator(".error-summary").count() == 1


@pytest.mark.parametrize("locale", ["vi", "en"])
def test_an_application_goes_on_where_the_network_was_lost(
    visit: Callable[..., Visitor], demo: Demo, locale: str
) -> None:
    visitor = visit(390, locale).go("/apply")
    visitor.choose("person_kind", "foreigner").send("person_kind").choose("locale", locale).send("locale")
    visitor.answer(phone=PHONES[locale]).answer(otp=TEST_OTP).answer(passport_number="ZZ1234567")
    visitor.pick("nationality", "KOR").send("nationality")
    step = visitor.path
    visitor.fill(full_name="KIM TEST MINJI")
    for _ in range(2):  # a second press without network does no harm
        lose_the_network(visitor, locale)
        assert visitor.path == step and typed(visitor, "full_name") == "KIM TEST MINJI"
    find_the_network(visitor)
    visitor.send("full_name")
    assert visitor.path != step and visitor.page.locator(".error-summary").count() == 0
    assert typed(visitor.go(step), "full_name") == "KIM TEST MINJI"


def lose_the_network(visitor: Visitor, locale: str) -> None:
    visitor.context.set_offline(True)
    visitor.page.locator("main form button:not([type='button'])").first.click()
    visitor.page.get_by_text(SENTENCES[locale]).wait_for()


def find_the_network(visitor: Visitor) -> None:
    visitor.context.set_offline(False)
    visitor.page.locator("#no-network").wait_for(state="hidden")


def typed(visitor: Visitor, name: str) -> str:
    return visitor.page.locator(f"main [name='{name}']").input_value()
