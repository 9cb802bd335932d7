"""Decision, appeal, complaint and the office's pages about them in Chromium: axe, overflow, both languages."""

from __future__ import annotations

import json
import os
import re
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from identity.application import State
from identity.audit import SYSTEM
from identity.operation.routes import Register, set_route
from tests.browser.conftest import TEST_OTP, Demo
from tests.browser.held import hold_session, in_database
from tests.browser.test_error_states import taken
from tests.browser.visitor import Visitor

Visit = Callable[..., Visitor]
SHOTS = os.environ.get("SHOTS", "")
CODE = re.compile(r"DD\d(?:-[0-9A-Z]{4}){3}")
SUPERVISOR_PAGES = (
    "/office/appeals",
    "/office/complaints",
    "/office/calendar",
    "/office/appointments",
    "/office/figures",
    "/office/conflicts",
    "/office/break-glass",
    "/office/second-supplements",
)
REFUSED = re.compile(r"từ chối|was refused")


def codes_of_refused(demo: Demo, wanted: int = 4, seconds: float = 60) -> list[str]:
    """Codes of applications whose applicants were told of a refusal, once the worker has sent that many."""
    end = time.monotonic() + seconds
    while len(found := codes_sent(demo)) < wanted and time.monotonic() < end:
        time.sleep(0.2)
    return found


def codes_sent(demo: Demo) -> list[str]:
    """As the applicants' phones hold them."""
    told: dict[str, list[str]] = {}
    for path in sorted((demo.folder / "messages").glob("*.json")):
        entry = json.loads(path.read_text())
        told.setdefault(entry["to"], []).append(entry["text"])
    texts = [" ".join(said) for said in told.values()]
    return [found[0] for text in texts if REFUSED.search(text) and (found := CODE.search(text))]


def look(visitor: Visitor, name: str, locale: str) -> None:
    visitor.check()
    if SHOTS:
        width = visitor.page.viewport_size["width"]
        visitor.page.screenshot(path=Path(SHOTS) / f"{name}-{width}-{locale}.png", full_page=True)


@pytest.mark.parametrize(("width", "locale", "place"), [(390, "vi", 0), (1280, "en", 1)])
def test_a_refused_applicant_reads_prints_appeals_and_complains(
    demo: Demo, visit: Visit, width: int, locale: str, place: int
) -> None:
    visitor = visit(width=width, locale=locale)
    open_refused(visitor, codes_of_refused(demo)[place::2])
    look(visitor, "status", locale)
    visitor.click("#decision")
    look(visitor, "decision", locale)
    code = CODE_ON_PAPER.search(visitor.text)
    assert code is not None
    with visitor.context.expect_page() as opened:
        visitor.page.evaluate("window.open(document.querySelector('#sheet-en').href)")
    opened.value.close()
    visitor.go("/status/application").click("#file-appeal")
    look(visitor, "appeal", locale)
    visitor.fill(text="Thẻ của tôi còn hạn.").click("#appeal")
    look(visitor, "appealed", locale)
    visitor.click("#complaint").choose("category", "late").fill(text="Đã quá hẹn.").click("#complain")
    look(visitor, "complaint", locale)
    visitor.go(f"/verify/decision/{code[0]}").fill(full_name="Trần Văn Khác").click("#compare")
    look(visitor, "verify-decision", locale)
    visitor.go("/status/application").click("#end-appeal").click("main button")
    look(visitor, "taken-back", locale)


CODE_ON_PAPER = re.compile(r"\b[0-9A-Z]{4}(?:-[0-9A-Z]{4}){3}\b")


def open_refused(visitor: Visitor, codes: list[str]) -> None:
    """Open one that still stands refused and may be appealed; nobody's phone gets two messages in a minute."""
    for code in codes:
        visitor.go("/status").answer(code=code)
        visitor.page.locator("form[action='/status/phone'] button").click()
        visitor.page.wait_for_url("**/status/code")
        visitor.answer(otp=TEST_OTP)
        if visitor.page.locator("#file-appeal").count():
            return
        visitor.page.context.clear_cookies(name="eid_form")
    raise AssertionError("no refused application left")


@pytest.mark.parametrize(("width", "locale"), [(390, "en"), (1280, "vi")])
def test_a_supervisor_hears_and_answers(demo: Demo, visit: Visit, width: int, locale: str) -> None:
    visitor = visit(width=width, locale=locale)
    visitor.sign_in(demo.person("supervisor"))
    for path in SUPERVISOR_PAGES:
        visitor.go(path)
        look(visitor, path.strip("/").replace("/", "-"), locale)
    visitor.go("/office/appeals").page.locator("a[href$='/appeal']").first.click()
    visitor.page.wait_for_url("**/appeal")
    look(visitor, "hearing", locale)
    visitor.choose("outcome", "upheld").fill(answer="Thẻ đã hết hạn từ tháng trước.").click("#check")
    look(visitor, "hearing-check", locale)
    visitor.go("/office/complaints").page.locator("main tbody a").first.click()
    visitor.page.wait_for_url("**/complaints/*")
    look(visitor, "complaint-office", locale)


@pytest.mark.parametrize(("width", "locale"), [(390, "vi"), (1280, "en")])
def test_comparing_by_hand_shows_what_is_compared(demo: Demo, visit: Visit, width: int, locale: str) -> None:
    case = f"/office/cases/{taken(demo, 'officer_receiving', State.CAPTURED)}"

    def turn(is_manual: bool) -> None:
        in_database(
            demo, lambda db: set_route(db, Register.POPULATION, is_manual, "test", SYSTEM, now=datetime.now(UTC))
        )

    desk = hold_session(visit(width, locale), demo, demo.person("officer_receiving"))
    turn(True)
    try:
        look(desk.go(case).click("#by-hand"), "by-hand", locale)
        assert desk.page.locator("main figure img").count() >= 1
        look(desk.send("version"), "by-hand-missing", locale)
    finally:
        turn(False)
