"""The pages of teams, coordinators and of residents who check a helper: readable by everybody, in both languages."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.browser.conftest import Demo
from tests.browser.visitor import Visitor

Visit = Callable[..., Visitor]
TEAM = ("", "badge", "badge/print", "shifts", "referrals", "behalf", "card", "people", "assistance/new")
DESK = ("desk", "teams", "calls", "units", "units?q=da+nang")
PUBLIC = ("badge", "badge?code=ZZZZZZZZ", "badge-report", "badge-reported", "receipt")


@pytest.mark.parametrize("locale", ["vi", "en"])
def test_the_members_pages(visit: Visit, demo: Demo, locale: str) -> None:
    member = visit(locale=locale).sign_in(demo.person("member", skip=1))
    for path in TEAM:
        member.go(f"/team/{path}").check()


@pytest.mark.parametrize("locale", ["vi", "en"])
def test_the_coordinators_pages(visit: Visit, demo: Demo, locale: str) -> None:
    coordinator = visit(width=1280, locale=locale).sign_in(demo.person("coordinator"))
    for path in DESK:
        coordinator.go(f"/coordination/{path}").check()
    coordinator.go("/coordination/teams").page.locator("main table a").first.click()
    coordinator.check()


@pytest.mark.parametrize("locale", ["vi", "en"])
def test_the_pages_for_residents(visit: Visit, locale: str) -> None:
    resident = visit(locale=locale)
    for path in PUBLIC:
        resident.checked.clear()
        resident.go(f"/verify/{path}").check()


def test_the_badge_on_the_phone_changes_and_a_scan_of_it_is_good(visit: Visit, demo: Demo) -> None:
    member = visit().sign_in(demo.person("member"))
    member.go("/team/badge").page.wait_for_selector("img[data-refresh]")
    loaded = "document.querySelector('img[data-refresh]').complete && "
    assert member.page.evaluate(loaded + "document.querySelector('img[data-refresh]').naturalWidth > 0")
    first = member.page.locator("img[data-refresh]").get_attribute("src")
    member.page.wait_for_timeout(16_000)
    assert member.page.locator("img[data-refresh]").get_attribute("src") != first
