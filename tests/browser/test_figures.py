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


FULL = """() => {
  const more = (within, text, tag) => within.append(Object.assign(document.createElement(tag), {textContent: text}));
  for (const card of document.querySelector(".key-figures").children) {
    more(card, "Chậm tiến độ", "p");
    more(card, "tăng 14,1 điểm so với kỳ trước (80,8%: 413 trên 511)", "p");
    card.querySelector(".muted").append(" · chỉ tiêu đến 21/12/2026: Kế hoạch 12/KH-UBND của tỉnh");
  }
  for (const row of document.querySelectorAll(".cards tbody tr")) {
    more(row.children[0], "đến 19/11/2026", "small");
    more(row.children[1].querySelector("div"), "7.600 trên 8.700", "small");
  }
  for (const score of document.querySelectorAll(".wall-scores li")) {
    score.lastElementChild.textContent = "1 trên 6 tổ có ghi lượt giúp, mỗi tổ tính một lần mỗi tháng";
  }
}"""
"""As much as a page ever says: a change and a target in each card, what each line is a share of."""


MANY_TEAMS = """() => {
  const list = document.querySelector("#teams-title + .records");
  for (let number = 0; number < 28; number++) list.append(list.firstElementChild.cloneNode(true));
  const panel = document.querySelector(".dashboard .panel");
  if (!panel.querySelector(".chart")) panel.style.minHeight = "580px";
}"""
"""As many as the largest ward of the replay has, below a chart: a new demonstration has counted nothing to draw yet."""


def test_a_ward_with_many_teams_is_one_sheet_too(visit: Visit, demo: Demo) -> None:
    ward = hold_session(visit(width=1280, locale="vi"), demo, demo.person("coordinator"))
    ward.go("/figures")
    ward.page.evaluate(FULL)
    ward.page.evaluate(MANY_TEAMS)
    assert len(PAGE.findall(ward.page.pdf(format="A4"))) == 1


def test_a_full_dashboard_is_one_sheet_and_a_full_wall_one_sight(visit: Visit, demo: Demo) -> None:
    leader = hold_session(visit(width=1920, locale="vi"), demo, demo.person("leader"))
    leader.go("/figures/nation")
    leader.page.evaluate(FULL)
    assert len(PAGE.findall(leader.page.pdf(format="A4"))) == 1
    leader.page.set_viewport_size({"width": 1920, "height": 1080})
    leader.go("/figures/nation/wall")
    leader.page.evaluate(FULL)
    assert leader.page.evaluate("document.querySelector('.wall .main').getBoundingClientRect().bottom") <= 1080
