"""A lost network: the form stays, says so, and is sent when the network is back."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.browser.visitor import Visitor

SENTENCES = {
    "vi": "Chưa gửi được gì. Những gì đã gõ vẫn còn đây: có mạng lại thì bấm lần nữa.",
    "en": "Nothing was sent. What you typed is still here: press again when the network is back.",
}


@pytest.mark.parametrize("locale", ["vi", "en"])
def test_a_form_without_network_keeps_what_was_typed(visit: Callable[..., Visitor], locale: str) -> None:
    visitor = visit(390, locale).go("/status").fill(code="DD2-7K4P-09RT-5XQ2")
    visitor.context.set_offline(True)
    visitor.page.locator("main form button").first.click()
    visitor.page.get_by_text(SENTENCES[locale]).wait_for()
    assert visitor.path == "/status" and visitor.page.locator("[name=code]").input_value() == "DD2-7K4P-09RT-5XQ2"
    visitor.context.set_offline(False)
    visitor.page.locator("#no-network").wait_for(state="hidden")
    visitor.send("code")
    assert "DD2-7K4P-09RT-5XQ2" in visitor.page.locator("[name=code]").input_value()
    assert visitor.page.locator(".error-summary").count() == 1
