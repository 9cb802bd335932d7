"""Training in a real browser: lessons, the trainer's screen, checking in, witnessing, the certificate and its check."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from onboarding.check_in import codes_from
from onboarding.training import get_session
from tests.browser.conftest import Demo
from tests.browser.held import hold_session, in_database
from tests.browser.phone import wait, while_fresh
from tests.browser.test_budgets import PAGE, REQUESTS, SCRIPT, SHIFT, SHIFTS, STYLE, Weighed
from tests.browser.visitor import Visitor

Visit = Callable[..., Visitor]
STEP_SECONDS = 15


def signed_in(visit: Visit, demo: Demo, role: str, locale: str, skip: int = 0, **options: Any) -> Visitor:
    return hold_session(visit(locale=locale, **options), demo, demo.person(role, skip=skip))


def session_of_today(trainer: Visitor) -> str:
    """The first one of the list: it runs now."""
    trainer.go("/training").check()
    return trainer.click(trainer.page.locator("main .records a").first).path


def drawn(trainer: Visitor) -> str:
    return str(trainer.page.locator(".qr-code path").get_attribute("d"))


@pytest.mark.parametrize("locale", ["vi", "en"])
def test_a_newcomer_learns_without_an_account(visit: Visit, locale: str) -> None:
    visitor = visit(locale=locale).go("/learn").check()
    visitor.click(visitor.page.locator("main .tasks a").nth(3))
    visitor.check().go("/learn/safety/fake-police").check()
    for number, choice in enumerate(("2", "0", "0")):
        visitor.choose(f"q{number}", choice)
    visitor.page.locator("#submit").click()
    visitor.page.wait_for_url("**answers=2-0-0*")
    visitor.check()
    assert visitor.page.locator(".tag--good").count() == 2 and visitor.page.locator(".tag--bad").count() == 1
    visitor.go("/learn/sessions?q=Ba Dinh").check().go("/verify").check()


@pytest.mark.parametrize("path", ["/learn", "/learn/safety/fake-police", "/learn/sessions", "/verify"])
def test_a_first_visit_to_a_lesson_stays_within_its_budget(visit: Visit, path: str) -> None:
    visitor = visit()
    weighed = Weighed(visitor)
    visitor.go(path)
    visitor.page.wait_for_load_state("networkidle")
    assert sum(weighed.bytes.values()) <= PAGE, weighed.bytes
    assert weighed.bytes.get("Stylesheet", 0) <= STYLE and weighed.bytes.get("Script", 0) <= SCRIPT, weighed.bytes
    assert len(weighed.kinds) <= REQUESTS and visitor.page.evaluate(SHIFTS) <= SHIFT


def test_lessons_fit_a_narrow_screen_with_big_text(visit: Visit) -> None:
    visitor = visit(width=320)
    for path in ("/learn", "/learn/payment", "/learn/payment/glued-qr", "/learn/sessions", "/verify"):
        visitor.go(path).check()


def test_a_lesson_is_read_without_scripts(visit: Visit) -> None:
    visitor = visit(java_script_enabled=False).go("/learn/payment/scan-to-pay")
    visitor.page.locator("main input[name='q0'][value='1']").check(force=True)
    visitor.page.locator("#submit").click()
    visitor.page.wait_for_url("**answers=1-x-x*")
    assert visitor.page.locator("[data-read-aloud-control]").is_hidden()


@pytest.mark.parametrize("locale", ["vi", "en"])
def test_from_the_screen_to_the_list(visit: Visit, demo: Demo, locale: str) -> None:
    trainer = signed_in(visit, demo, "member", locale, skip=("vi", "en").index(locale))
    session = session_of_today(trainer)
    trainer.check().go(f"{session}/list").check().go(f"{session}/screen").check()
    wait(trainer.page, "document.querySelector('.qr-code path').getAttribute('d').includes('h1v1h-1z')")

    learner = signed_in(visit, demo, "citizen", locale, skip=1 + ("vi", "en").index(locale))
    learner.go(session.replace("/training/", "/learn/") + "/code").check()
    spoken = trainer.page.locator("[data-spoken]")
    while_fresh(
        lambda: learner.answer(code=spoken.inner_text()),
        lambda: learner.path.startswith("/learn/progress?done=counted"),
    )
    learner.check()

    trainer.context.set_offline(True)
    first = drawn(trainer)
    end = time.monotonic() + 4 * STEP_SECONDS
    while drawn(trainer) == first:
        assert time.monotonic() < end, "the screen stands still without network"
        time.sleep(0.5)
    trainer.context.set_offline(False)
    trainer.complaints[:] = [said for said in trainer.complaints if "ERR_INTERNET_DISCONNECTED" not in said]
    trainer.go(session)
    assert re.search(r"\b[34] (người có mặt|are here)", trainer.text), trainer.text


def scanned(demo: Demo, session: str, *, seconds_ago: int = 0) -> str:
    """The address in the QR code that stood on the trainer's screen so long ago."""

    def token(db: Session) -> str:
        found = get_session(db, UUID(session.rpartition("/")[2]))
        return codes_from(db, found, datetime.now(UTC) - timedelta(seconds=seconds_ago))[0].token

    return f"/learn/check-in/{session.rpartition('/')[2]}/{in_database(demo, token)}"


def test_a_scan_counts_an_old_one_does_not_and_the_list_counts_who_has_no_phone(visit: Visit, demo: Demo) -> None:
    trainer = signed_in(visit, demo, "member", "en")
    session = session_of_today(trainer)
    learner = signed_in(visit, demo, "guardian", "en")
    learner.go(scanned(demo, session, seconds_ago=20)).check()  # a photograph of the screen, sent to a friend
    assert "This code is too old" in learner.text, learner.text
    while_fresh(lambda: learner.go(scanned(demo, session)), lambda: learner.path == "/learn/check-in")
    learner.check()
    learner.press("Count me in")
    assert learner.path.startswith("/learn/progress?done=counted"), learner.text
    before = here(trainer.go(session))
    trainer.page.locator("details:has(form[action$='/slips']) > summary").click()
    trainer.click("form[action$='/slips'] button")
    assert trainer.page.locator(".slip").count() == 1
    assert here(trainer) == before + 1
    ticks = trainer.page.locator("input[name='there']")
    if ticks.count():  # whoever signed up and is not ticked yet
        ticks.first.check(force=True)
        trainer.press("Save the ticks")
        assert here(trainer) == before + 2


def here(trainer: Visitor) -> int:
    found = re.search(r"(\d+) are here", trainer.text)
    assert found, trainer.text
    return int(found[1])


def test_what_a_witness_sees_becomes_a_certificate_that_anybody_can_check(visit: Visit, demo: Demo) -> None:
    trainer = signed_in(visit, demo, "lead", "vi")
    session = session_of_today(trainer)
    holder = signed_in(visit, demo, "citizen", "vi").go("/learn/progress").check()
    assert holder.page.locator("#awards ~ .records > li").count() == 6, holder.text
    holder.click(holder.page.locator("a[href$='/certificate']").last)
    holder.check()
    code = holder.page.locator(".certificate .num").inner_text()

    checker = visit(locale="en").go("/verify").answer(code=code).check()
    assert "This certificate is valid" in checker.text
    checker.go("/verify/award/AAAA").check()

    trainer.go(session)
    trainer.click(trainer.page.locator("#group ~ form .records a").first)
    trainer.check()
    trainer.click(trainer.page.locator("a[href*='/correct/']").first)
    trainer.check().go("/training/figures").check().go("/training/sessions/new").check().go(
        "/training/courses/new"
    ).check()
