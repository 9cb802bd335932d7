"""A lost network, and a portal that nobody reaches: the form stays, says so, then is sent once."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from playwright.sync_api import Browser, Route
from werkzeug.serving import make_server

from tests.browser.conftest import TEST_OTP, Demo
from tests.browser.visitor import Visitor

SENTENCES = {
    "vi": "Chưa gửi được gì. Những gì đã gõ vẫn còn đây: có mạng lại thì bấm lần nữa.",
    "en": "Nothing was sent. What you typed is still here: press again when the network is back.",
}
PHONES = {"vi": "0903 555 001", "en": "0903 555 002"}
CODE = "DD2-7K4P-09RT-5XQ2"
BUTTON = "main form button:not([type='button'])"
PATIENCE_OF_THE_PAGE = 10_000
IMPATIENT = "button => { button.click(); button.click(); return button.getAttribute('aria-disabled'); }"


class Portal:
    """A portal that can fall silent, as a stopped process does: whoever calls gets a connection and no answer."""

    def __init__(self, app: Flask) -> None:
        self.app, self.socket = app, socket.create_server(("localhost", 0))
        self.address = f"http://localhost:{self.socket.getsockname()[1]}"
        self.speak()

    def speak(self) -> None:
        host, port = self.socket.getsockname()
        self.server = make_server(host, port, self.app, threaded=True, fd=self.socket.fileno())
        self.thread = threading.Thread(target=self.server.serve_forever)
        self.thread.start()

    def fall_silent(self) -> None:
        """The server ends; the socket goes on listening."""
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()

    def close(self) -> None:
        if self.thread.is_alive():
            self.fall_silent()
        self.socket.close()


@pytest.fixture
def portal(app: Flask) -> Iterator[Portal]:
    running = Portal(app)
    yield running
    running.close()


@pytest.fixture
def come(browser: Browser, portal: Portal) -> Iterator[Callable[..., Visitor]]:
    """A visitor of `portal` on the page that asks for an application code, which is typed already."""
    visitors: list[Visitor] = []

    def arrive(locale: str) -> Visitor:
        visitor = Visitor.arrive(browser, portal.address, 390, locale)
        visitors.append(visitor)
        visitor.page.clock.install()
        return visitor.go("/status").fill(code=CODE)

    yield arrive
    complaints = [complaint for visitor in visitors for complaint in visitor.complaints]
    for visitor in visitors:
        visitor.context.close()
    assert complaints == []


@pytest.mark.any_engine
@pytest.mark.parametrize("locale", ["vi", "en"])
def test_a_silent_portal_gets_nothing_and_typing_stays(
    come: Callable[..., Visitor], portal: Portal, locale: str
) -> None:
    visitor = come(locale)
    posts = posts_of(visitor)
    portal.fall_silent()
    for _ in range(2):
        assert visitor.page.locator(BUTTON).first.evaluate(IMPATIENT) == "true"
        visitor.page.clock.fast_forward(PATIENCE_OF_THE_PAGE)
        told_and_kept(visitor, locale)
    assert posts == []
    visitor.check()
    portal.speak()
    visitor.send("code")
    assert visitor.page.locator(".error-summary").count() == 1
    assert posts == ["/status"]


@pytest.mark.any_engine
@pytest.mark.parametrize("locale", ["vi", "en"])
def test_a_portal_out_of_reach_gets_nothing_and_typing_stays(come: Callable[..., Visitor], locale: str) -> None:
    visitor = come(locale)
    posts = posts_of(visitor)

    def refuse(route: Route) -> None:
        route.abort("connectionrefused")

    visitor.page.route("**/*", refuse)
    visitor.page.locator(BUTTON).first.click()
    told_and_kept(visitor, locale)
    visitor.page.unroute("**/*", refuse)
    visitor.page.route("**/healthz", lambda route: route.fulfill(status=403))  # a network that wants its own page
    visitor.page.locator(BUTTON).first.click()
    told_and_kept(visitor, locale)
    visitor.page.unroute("**/healthz")
    visitor.send("code")
    assert CODE in typed(visitor, "code") and visitor.page.locator(".error-summary").count() == 1
    assert posts == ["/status"]


@pytest.mark.parametrize("locale", ["vi", "en"])
def test_a_lost_network_loses_nothing_that_was_typed(visit: Callable[..., Visitor], locale: str) -> None:
    visitor = visit(390, locale).go("/status").fill(code=CODE)
    lose_the_network(visitor, locale)
    assert visitor.path == "/status" and typed(visitor, "code") == CODE
    find_the_network(visitor)
    visitor.send("code")
    assert CODE in typed(visitor, "code")
    assert visitor.page.locator(".error-summary").count() == 1


@pytest.mark.parametrize("locale", ["vi", "en"])
def test_an_application_goes_on_where_the_network_was_lost(
    visit: Callable[..., Visitor], demo: Demo, locale: str
) -> None:
    visitor = visit(390, locale).go("/apply")
    visitor.choose("person_kind", "foreigner").send("person_kind").choose("locale", locale).send("locale")
    visitor.answer(phone=PHONES[locale]).answer(otp=TEST_OTP).answer(passport_number="ZZ1234567")
    visitor.pick("nationality", "KOR").send("nationality")
    step = visitor.path
    visitor.fill(full_name="KIM TEST MINJI")
    for _ in range(2):  # a second press without network does no harm
        lose_the_network(visitor, locale)
        assert visitor.path == step and typed(visitor, "full_name") == "KIM TEST MINJI"
    find_the_network(visitor)
    visitor.send("full_name")
    assert visitor.path != step and visitor.page.locator(".error-summary").count() == 0
    assert typed(visitor.go(step), "full_name") == "KIM TEST MINJI"


def posts_of(visitor: Visitor) -> list[str]:
    """The addresses to which something is posted from now on."""
    posts: list[str] = []
    visitor.page.on(
        "request",
        lambda request: posts.append(request.url.removeprefix(visitor.portal)) if request.method == "POST" else None,
    )
    return posts


def told_and_kept(visitor: Visitor, locale: str) -> None:
    visitor.page.get_by_text(SENTENCES[locale]).wait_for()
    assert visitor.path == "/status" and typed(visitor, "code") == CODE
    assert visitor.page.locator(BUTTON).first.get_attribute("aria-disabled") is None


def lose_the_network(visitor: Visitor, locale: str) -> None:
    visitor.context.set_offline(True)
    visitor.page.locator(BUTTON).first.click()
    visitor.page.get_by_text(SENTENCES[locale]).wait_for()


def find_the_network(visitor: Visitor) -> None:
    visitor.context.set_offline(False)
    visitor.page.locator("#no-network").wait_for(state="hidden")


def typed(visitor: Visitor, name: str) -> str:
    return visitor.page.locator(f"main [name='{name}']").input_value()
