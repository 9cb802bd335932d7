"""One device in several hands: what one left on it without network is nobody else's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from tests.browser.conftest import Demo
from tests.browser.held import hold_session, in_database
from tests.browser.phone import wait, while_fresh
from tests.browser.test_training import (
    allow,
    counted,
    forget_network_errors,
    kept,
    learner_with,
    new_session,
    number_of,
    prepared,
    ready,
    scanned,
)
from tests.browser.visitor import Visitor

Visit = Callable[..., Visitor]


def test_ticks_belong_to_whoever_made_them(visit: Visit, demo: Demo) -> None:
    """The next member on the device neither sees nor sends them; they wait for the first one."""
    first, second = (demo.person("member", skip=skip) for skip in (0, 1))
    session = in_database(demo, lambda db: new_session(db, first["login"]))
    there = demo.person("foreigner")
    number = in_database(demo, lambda db: number_of(db, session, there["login"]))
    trainer = hold_session(visit(locale="en"), demo, first)
    prepared(trainer, session)
    trainer.context.set_offline(True)
    trainer.page.locator(f"[data-number='{number}']").click()
    wait(trainer.page, "document.querySelector('main [data-unsent]').textContent === '1'")
    trainer.context.clear_cookies(name="eid_session")
    hold_session(trainer, demo, second)
    trainer.context.set_offline(False)
    prepared(trainer, session)
    button = trainer.page.locator(f"[data-number='{number}']")
    assert trainer.page.locator("main [data-unsent]").inner_text() == "0"
    assert (button.get_attribute("aria-pressed"), button.is_disabled()) == ("false", False)
    trainer.page.evaluate("self.training.send()")  # the page asks whose they are, and leaves them
    assert counted(demo, session) == []

    trainer.context.clear_cookies(name="eid_session")
    hold_session(trainer, demo, first).go("/training")
    wait(trainer.page, "!Object.keys(localStorage).some(key => key.startsWith('eid-ticks:'))")
    assert counted(demo, session) == [person(demo, there)]
    forget_network_errors(trainer)


def test_two_people_who_scan_one_code_with_one_phone_both_count(visit: Visit, demo: Demo) -> None:
    first, second = (demo.person("foreigner", skip=skip) for skip in (1, 2))
    session = in_database(demo, lambda db: new_session(db, demo.person("lead")["login"]))
    phone = ready(hold_session(visit(locale="en"), demo, first))
    phone.context.set_offline(True)
    code: list[str] = []
    while_fresh(lambda: (code.append(scanned(demo, session)), phone.go(code[-1])), lambda: kept(phone) == 1)
    phone.go(code[-1])  # the same person scans again, or loads the page again: nothing more is kept
    phone.page.wait_for_selector("[data-again]:not([hidden])")
    assert kept(phone) == 1
    phone.check()
    phone.page.get_by_role("button", name="This one is for somebody else").click()
    wait(phone.page, "document.querySelector('main [data-unsent]').textContent === '2'")
    in_database(demo, lambda db: allow(db, session))
    phone.context.set_offline(False)
    phone.page.wait_for_selector("[data-counted]:not([hidden])")
    wait(phone.page, "document.querySelector('main [data-unsent]').textContent === '1'")
    assert "Was this you?" in phone.text

    phone.context.clear_cookies(name="eid_session")
    hold_session(phone, demo, second).go("/learn/progress")
    phone.page.get_by_role("button", name="Yes, count me in").click()
    phone.page.wait_for_selector("[data-counted]:not([hidden])")
    forget_network_errors(phone)
    assert sorted(counted(demo, session)) == sorted([person(demo, first), person(demo, second)])


def person(demo: Demo, known: dict[str, Any]) -> UUID:
    """As a learner."""
    found: UUID = in_database(demo, lambda db: learner_with(db, known["login"]).id)
    return found
