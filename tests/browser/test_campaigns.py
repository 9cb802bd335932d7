"""The pages of campaigns in Chromium: readable by everybody, on a phone and on a desk, in both languages."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.browser.conftest import Demo
from tests.browser.held import hold_session
from tests.browser.visitor import Visitor

Visit = Callable[..., Visitor]


@pytest.mark.parametrize("locale", ["vi", "en"])
def test_the_pages_of_a_campaign(visit: Visit, demo: Demo, locale: str) -> None:
    desk = hold_session(visit(width=1280, locale=locale), demo, demo.person("coordinator"))
    desk.go("/campaigns").check().click("section[aria-labelledby=all-title] table a >> nth=0").check()
    campaign = desk.page.url.removeprefix(demo.portal)
    desk.go(f"{campaign}/close").check().go(campaign)
    desk.click("section[aria-labelledby=tasks-title] table a >> nth=0").check()
    desk.checked.clear()
    desk.go("/campaigns").click("#submit").check()
