"""The phone sends until the server has it: answers that stall, a server that asks for patience, a page that sleeps."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest
from playwright.sync_api import Page, Route

from tests.browser.conftest import Demo
from tests.browser.hands import Hand, counting, new_hand, sign_in
from tests.browser.phone import ENGLISH, WRITE_MANY, at_rest, open_app, send_all, unsent, wait
from tests.browser.visitor import Visitor

Visit = Callable[..., Visitor]
PATIENCE, LEASE = 20_000, 300_000
STALLED = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{"


class Stalling:
    """A server that answers with headers and one byte of a thousand, and then with nothing more."""

    def __init__(self) -> None:
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.address = f"http://127.0.0.1:{self.socket.getsockname()[1]}/"
        self.callers: list[socket.socket] = []
        self.thread = threading.Thread(target=self._answer)
        self.thread.start()

    def _answer(self) -> None:
        with suppress(OSError):  # closed
            while True:
                caller, _address = self.socket.accept()
                self.callers.append(caller)
                caller.recv(65536)
                caller.sendall(STALLED)

    def close(self) -> None:
        self.socket.shutdown(socket.SHUT_RDWR)
        self.thread.join()
        for each in [*self.callers, self.socket]:
            each.close()


@pytest.fixture
def stalling() -> Iterator[Stalling]:
    server = Stalling()
    yield server
    server.close()


@pytest.fixture
def hand(demo: Demo) -> Hand:
    return new_hand(demo)


@pytest.fixture
def phone(visit: Visit, demo: Demo, hand: Hand) -> Visitor:
    """Its clock can be turned on; nothing is being sent."""
    visitor = sign_in(visit(locale="en"), demo, hand)
    visitor.page.clock.install()
    return at_rest(open_app(visitor, ENGLISH))


def start_sending(page: Page) -> None:
    page.evaluate("() => { self.ended = ''; team.send().then(end => { self.ended = end; }, () => {}); }")


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_an_answer_that_stalls_in_its_middle_gives_the_turn_back(
    phone: Visitor, stalling: Stalling, demo: Demo, hand: Hand, method: str
) -> None:
    page = phone.page

    def stall(route: Route) -> None:
        if route.request.method == method:
            route.continue_(url=stalling.address)
        else:
            route.continue_()

    phone.context.route("**/team/sync", stall)
    page.evaluate(WRITE_MANY, 1)
    with page.expect_event("response", lambda answer: answer.request.method == method):
        start_sending(page)  # the headers have come
    page.clock.fast_forward(PATIENCE)
    wait(page, "self.ended === 'offline'")
    assert page.evaluate("navigator.locks.query().then(found => found.held.length)") == 0
    assert unsent(page) == 1
    phone.context.unroute("**/team/sync")
    send_all(page)
    assert len(counting(demo, hand)) == 1


def test_a_page_that_sleeps_while_it_sends_loses_its_turn(phone: Visitor) -> None:
    sleeper = phone.context.new_page()
    sleeper.goto(f"{phone.portal}/help")
    sleeper.evaluate("() => { navigator.locks.request('eid-team-sync', () => new Promise(() => {})); }")
    page = phone.page
    page.evaluate(WRITE_MANY, 1)
    page.evaluate("team.outbox.learn('sending_since', Date.now())")
    assert page.evaluate("team.send()") == "busy"
    page.evaluate("age => team.outbox.learn('sending_since', Date.now() - age)", LEASE)
    assert page.evaluate("team.send()") == "sent"
    assert unsent(page) == 0
    sleeper.close()


def answering(phone: Visitor, answer: Callable[[Any], dict[str, Any]]) -> list[str]:
    """Batches are answered by `answer` from now on; the batches that came."""
    came: list[str] = []

    def fulfil(route: Route) -> None:
        if route.request.method != "POST":
            route.continue_()
            return
        came.append(route.request.post_data or "")
        route.fulfill(**answer(json.loads(came[-1])))

    phone.context.route("**/team/sync", fulfil)
    return came


@pytest.mark.parametrize("status", [503, 429])
def test_a_busy_server_is_asked_again_when_it_allows(phone: Visitor, demo: Demo, hand: Hand, status: int) -> None:
    page = phone.page
    came = answering(phone, lambda _batch: {"status": status, "headers": {"Retry-After": "3000"}, "body": "busy"})
    phone.complaints.clear()
    page.evaluate(WRITE_MANY, 1)
    page.locator("#send").click()
    wait(page, "document.getElementById('status').textContent.startsWith('The server is busy.')")
    assert len(came) == 1
    page.clock.fast_forward(2_900_000)
    phone.context.unroute("**/team/sync")
    assert (len(came), unsent(page)) == (1, 1)
    page.clock.fast_forward(100_000)
    wait(page, "document.getElementById('count').textContent === '0'")
    assert len(counting(demo, hand)) == 1
    phone.complaints[:] = [each for each in phone.complaints if not each.startswith("503 at")]


def test_a_record_that_the_server_put_off_goes_again_by_itself(phone: Visitor, demo: Demo, hand: Hand) -> None:
    page = phone.page

    def put_off(batch: Any) -> dict[str, Any]:
        return {"json": {"records": [{"id": each["id"], "state": "later"} for each in batch["records"]]}}

    answering(phone, put_off)
    page.evaluate(WRITE_MANY, 1)
    page.locator("#send").click()
    wait(page, "document.getElementById('status').textContent.startsWith('The server is busy.')")
    assert unsent(page) == 1
    phone.context.unroute("**/team/sync")
    page.clock.fast_forward(15_000)
    wait(page, "document.getElementById('count').textContent === '0'")
    assert len(counting(demo, hand)) == 1
