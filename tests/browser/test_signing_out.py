"""Signing out of a phone without network, or with one that answers nothing: every button does what it says."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Route

from tests.browser.conftest import Demo
from tests.browser.hands import Hand, counting, new_hand, sign_in
from tests.browser.phone import ENGLISH, at_rest, log_by_hand, open_app, wait
from tests.browser.test_locked import READABLE
from tests.browser.test_sending_again import PATIENCE, Stalling
from tests.browser.visitor import Visitor

Visit = Callable[..., Visitor]
NOTE = "bà cụ ở cuối xóm, tay run"
DIALOG, LOCKED, SIGN_OUT = "#unsent-dialog", "#locked-dialog", "form[action='/sign-out'] button"
APPS = {"vi": "/team/app/vi", "en": ENGLISH}
ONE_WAITS = {"vi": "1 lượt còn chờ trong máy này.", "en": "1 record waits on this phone."}


@pytest.fixture
def stalling() -> Iterator[Stalling]:
    server = Stalling()
    yield server
    server.close()


@pytest.fixture
def hand(demo: Demo) -> Hand:
    return new_hand(demo)


def with_one_record(visit: Visit, demo: Demo, hand: Hand, locale: str) -> Visitor:
    """On the first page of the team, with a record that waits."""
    visitor = at_rest(open_app(sign_in(visit(locale=locale), demo, hand), APPS[locale]))
    visitor.context.route("**/team/sync", lambda route: route.abort())
    log_by_hand(visitor.page, note=NOTE)
    return at_rest(visitor.go("/team/"))


def ask(visitor: Visitor) -> None:
    visitor.page.locator(SIGN_OUT).first.click()
    visitor.page.wait_for_selector(f"{DIALOG}[open]")


@pytest.mark.parametrize("locale", ["vi", "en"])
def test_without_network_every_button_answers(visit: Visit, demo: Demo, hand: Hand, locale: str) -> None:
    visitor = with_one_record(visit, demo, hand, locale)
    page = visitor.page
    visitor.context.set_offline(True)
    ask(visitor)
    assert ONE_WAITS[locale] in page.locator(DIALOG).inner_text()
    page.locator(f"{DIALOG} button[value='stay']").click()
    page.wait_for_selector(DIALOG, state="hidden")
    assert len(page.evaluate(READABLE)) == 1
    ask(visitor)
    page.locator(f"{DIALOG} button[value='send']").click()
    page.wait_for_selector(f"{DIALOG}[open] [data-failed]:not([hidden])")
    assert len(page.evaluate(READABLE)) == 1
    page.locator(f"{DIALOG} button[value='leave']").click()
    page.wait_for_selector(f"{LOCKED}[open]")
    assert page.evaluate(READABLE) == []
    visitor.check()


def test_a_sign_out_without_network_is_finished_when_there_is_one(visit: Visit, demo: Demo, hand: Hand) -> None:
    visitor = with_one_record(visit, demo, hand, "en")
    visitor.context.set_offline(True)
    ask(visitor)
    visitor.page.locator(f"{DIALOG} button[value='leave']").click()
    visitor.page.wait_for_selector(f"{LOCKED}[open]")
    visitor.context.unroute("**/team/sync")
    with visitor.page.expect_navigation():
        visitor.context.set_offline(False)
    visitor.go("/account")
    assert visitor.path.startswith("/sign-in")
    visitor.go(ENGLISH).page.wait_for_selector("#nobody:not([hidden])")
    assert "1 record waits on this phone, locked." in visitor.text
    assert visitor.page.evaluate(READABLE) == []
    assert counting(demo, hand) == []
    sign_in(visitor, demo, hand).go(ENGLISH)
    wait(visitor.page, "document.querySelectorAll('#sent li').length === 1")
    assert [record["note"] for record in counting(demo, hand)] == [NOTE]


def test_a_phone_left_without_network_opens_for_a_new_session_only(visit: Visit, demo: Demo, hand: Hand) -> None:
    visitor = with_one_record(visit, demo, hand, "en")
    visitor.context.set_offline(True)
    ask(visitor)
    visitor.page.locator(f"{DIALOG} button[value='leave']").click()
    visitor.page.wait_for_selector(f"{LOCKED}[open]")
    visitor.go(ENGLISH).page.wait_for_selector("#nobody:not([hidden])")
    visitor.context.unroute("**/team/sync")
    visitor.context.set_offline(False)  # the page sends by itself, and hears whose session is left
    wait(visitor.page, "team.outbox.fact('leaving').then(leaving => leaving === null)")
    assert visitor.page.evaluate(READABLE) == []
    visitor.go("/account")
    assert visitor.path.startswith("/sign-in")


def stall(visitor: Visitor, stalling: Stalling, what: str) -> None:
    def never(route: Route) -> None:
        route.continue_(url=stalling.address)

    visitor.context.unroute("**/team/sync")
    visitor.context.route(what, never)


def test_sending_first_shows_that_it_sends_while_nothing_answers(
    visit: Visit, demo: Demo, hand: Hand, stalling: Stalling
) -> None:
    visitor = with_one_record(visit, demo, hand, "en")
    page = visitor.page
    page.clock.install()
    with page.expect_event("requestfailed", lambda request: request.url.endswith("/team/sync")):
        visitor.go("/team/")  # which sends by itself
    at_rest(visitor)
    stall(visitor, stalling, "**/team/sync")
    ask(visitor)
    with page.expect_event("request", lambda request: request.url.endswith("/team/sync")):
        page.locator(f"{DIALOG} button[value='send']").click()
    page.wait_for_selector(f"{DIALOG}[open] [data-sending]:not([hidden])")
    assert page.locator(f"{DIALOG} button[value='leave']").is_disabled()
    page.clock.fast_forward(PATIENCE)
    page.wait_for_selector(f"{DIALOG}[open] [data-failed]:not([hidden])")
    assert page.locator(f"{DIALOG} [data-sending]").is_hidden()
    assert page.locator(f"{DIALOG} button[value='leave']").is_enabled()


NO_ANSWER = """() => {
  const real = self.setTimeout;
  self.setTimeout = (act, ms) => real(act, ms === 8000 ? 50 : ms);
  self.fetch = (request, options) => new Promise((done, fail) => {
    if (options && options.signal) options.signal.addEventListener('abort', () => fail(new Error('stalled')));
  }); }"""
"""What the worker asks is never answered; its eight seconds pass at once."""


def test_a_page_that_nobody_answers_gives_way_to_the_records(visit: Visit, demo: Demo, hand: Hand) -> None:
    visitor = at_rest(open_app(sign_in(visit(locale="en"), demo, hand), ENGLISH))
    [worker] = visitor.context.service_workers
    worker.evaluate(NO_ANSWER)
    visitor.go("/team/").page.wait_for_selector("#outbox[data-ready]")
    assert visitor.path == "/team/"
