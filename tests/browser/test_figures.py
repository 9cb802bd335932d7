"""Dashboards in Chromium: readable by everybody, one sheet on paper, and a wall that outlives its network."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from tests.browser.conftest import Demo
from tests.browser.held import hold_session
from tests.browser.visitor import Visitor

Visit = Callable[..., Visitor]
PAGE = re.compile(rb"/Type\s*/Page[^s]")
A_MINUTE = 61_000


@pytest.mark.parametrize(("locale", "width"), [("vi", 390), ("en", 1280)])
def test_everybody_can_read_the_figures(visit: Visit, demo: Demo, locale: str, width: int) -> None:
    leader = hold_session(visit(width=width, locale=locale), demo, demo.person("leader"))
    for path in ("/figures", "/figures/nation", "/figures/nation/units", "/figures/nation/wall"):
        leader.go(path).check()
    coordinator = hold_session(visit(width=width, locale=locale), demo, demo.person("coordinator"))
    coordinator.go("/figures").check()


def test_a_dashboard_is_one_sheet_of_paper(visit: Visit, demo: Demo) -> None:
    leader = hold_session(visit(width=1280, locale="vi"), demo, demo.person("leader"))
    leader.go("/figures/nation")
    assert leader.page.locator("[data-print]").is_visible()
    assert len(PAGE.findall(leader.page.pdf(format="A4"))) == 1


def test_a_wall_without_network_keeps_its_figures_and_says_so(visit: Visit, demo: Demo) -> None:
    leader = hold_session(visit(width=1280, locale="en"), demo, demo.person("leader"))
    leader.page.clock.install()
    leader.go("/figures/nation/wall")
    warning = leader.page.get_by_text("No connection: these are the last figures")
    assert not warning.is_visible()
    leader.context.set_offline(True)
    leader.page.clock.run_for(A_MINUTE)
    warning.wait_for()
    assert leader.page.locator(".key-figures").first.is_visible()
    leader.context.set_offline(False)
    with leader.page.expect_navigation():
        leader.page.clock.run_for(A_MINUTE)
    assert not leader.page.get_by_text("No connection: these are the last figures").is_visible()
