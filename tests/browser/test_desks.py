"""The desks of locks, hotline and breaches in Chromium: axe, overflow, both languages, and one walk through each."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from identity.deadlines import VIETNAM
from tests.browser.conftest import Demo
from tests.browser.visitor import Visitor

Visit = Callable[..., Visitor]
SHOTS = os.environ.get("SHOTS", "")


def look(visitor: Visitor, name: str, locale: str) -> None:
    visitor.check()
    for width in (390, 1280) if SHOTS else ():
        visitor.page.set_viewport_size({"width": width, "height": 900})
        visitor.page.screenshot(path=Path(SHOTS) / f"{name}-{width}-{locale}.png", full_page=True)


def staff(demo: Demo, login: str) -> dict[str, Any]:
    return next(person for person in demo.known["people"] if person["login"] == login)


def a_citizen(demo: Demo) -> str:
    """Somebody whom other tests sign in as: nothing is done here that would shut the account."""
    return str(demo.person("citizen")["documents"]["personal_number"])


@pytest.mark.parametrize("locale", ["en"])
def test_an_officer_takes_in_a_request_and_passes_it_on(demo: Demo, visit: Visit, locale: str) -> None:
    visitor = visit(width=1280, locale=locale)
    visitor.sign_in(staff(demo, "pheduyet.phuong"))
    visitor.go("/office/tasks")
    look(visitor, "tasks", locale)
    visitor.go("/office/locks")
    look(visitor, "locks", locale)
    visitor.answer(number=a_citizen(demo))
    look(visitor, "account", locale)
    visitor.click("#take-in")
    visitor.fill(authority="Tòa án khu vực 1", paper=f"12/{locale}")
    visitor.click("#submit")
    look(visitor, "take-in-errors", locale)
    visitor.choose("what", "lock|terms|")
    visitor.fill(words="Vi phạm thoả thuận")
    visitor.choose("original", "1")
    visitor.click("#submit")
    look(visitor, "request", locale)
    visitor.click("#forward")
    assert "TK03-" in visitor.text
    look(visitor, "request-forwarded", locale)
    assert visitor.complaints == []


@pytest.mark.parametrize("locale", ["vi"])
def test_an_agent_opens_a_case_and_hears_that_answers_do_not_agree(demo: Demo, visit: Visit, locale: str) -> None:
    visitor = visit(width=390, locale=locale)
    visitor.sign_in(staff(demo, "tongdai"))
    assert visitor.path == "/hotline"
    look(visitor, "hotline", locale)
    visitor.choose("way", "number")
    visitor.fill(text=a_citizen(demo))
    visitor.click("#submit")
    look(visitor, "call", locale)
    visitor.click("#verify")
    look(visitor, "call-errors", locale)
    assert visitor.complaints == []


@pytest.mark.parametrize("locale", ["vi"])
def test_a_keeper_writes_a_breach_down(demo: Demo, visit: Visit, locale: str) -> None:
    visitor = visit(width=1280, locale=locale)
    visitor.sign_in(staff(demo, "baove"))
    visitor.go("/office/data-rights/breaches")
    look(visitor, "breaches", locale)
    visitor.click("#new")
    found = datetime.now(VIETNAM) - timedelta(days=2)
    visitor.fill(
        found_on__day=f"{found.day}", found_on__month=f"{found.month}", found_on__year=f"{found.year}",
        found_time="08:15", people="1200",
        what="Gửi nhầm danh sách", measures="Đã thu hồi", advice_vi="Cẩn thận", advice_en="Beware",
    )  # fmt: skip
    visitor.click("#submit")
    look(visitor, "breach-errors", locale)
    visitor.choose("cause", "mistake")
    visitor.choose("categories", "contact")
    visitor.click("#submit")
    look(visitor, "breach", locale)
    visitor.go("/office/data-rights/texts")
    look(visitor, "texts", locale)
    visitor.go("/office/data-rights/retention")
    look(visitor, "retention", locale)
    assert visitor.complaints == []
