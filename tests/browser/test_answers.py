"""Pages around an authorization request in Chromium: answers by form, with and without script, and their neighbours."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlencode

import pytest
from flask import Flask
from playwright.sync_api import Browser
from werkzeug.serving import make_server

from portal.database import Database
from tests.browser.visitor import Visitor
from tests.identity.oidc.making import a_resident, a_service, agreed, signed_in, wish

pytestmark = pytest.mark.any_engine
Arrive = Callable[..., Visitor]


class Service(ThreadingHTTPServer):
    """A relying party that keeps what browsers post to it."""

    def __init__(self) -> None:
        self.posted: list[dict[str, str]] = []
        super().__init__(("localhost", 0), _Post)

    @property
    def callback(self) -> str:
        return f"http://localhost:{self.server_port}/callback"


class _Post(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.server.posted.append(dict(parse_qsl(body)))  # type: ignore[attr-defined]
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.end_headers()
        self.wfile.write(b"<!doctype html><title>Service</title><p>Welcome back")

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def service() -> Iterator[Service]:
    server = Service()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def arrive(app: Flask, browser: Browser, database: Database, service: Service, now: datetime) -> Iterator[Arrive]:
    """`arrive(width=390, locale="vi", signed=True)`: a resident of a running portal who agreed to the service."""
    with database.transaction() as db:
        account = a_resident(db, now=now)
        client = a_service(db, now=now, redirect_uris=(service.callback,), items={})
        agreed(db, account, client, now=now)
        token = signed_in(db, account, now=now).token
    server = make_server("localhost", 0, app, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    portal, visitors = f"http://localhost:{server.server_port}", []

    def come(width: int = 390, locale: str = "vi", signed: bool = True, **options: Any) -> Visitor:
        visitor = Visitor.arrive(browser, portal, width, locale, **options)
        if signed:
            visitor.context.add_cookies([{"name": "eid_session", "value": token, "url": portal}])
        visitors.append(visitor)
        return visitor

    yield come
    server.shutdown()
    complaints = [complaint for visitor in visitors for complaint in visitor.complaints]
    for visitor in visitors:
        visitor.context.close()
    assert complaints == []


def address(service: Service, **changes: str) -> str:
    return "/oauth/authorize?" + urlencode(wish(redirect_uri=service.callback, **changes))


def test_an_answer_by_form_is_posted_by_itself(arrive: Arrive, service: Service) -> None:
    visitor = arrive()
    visitor.page.goto(visitor.portal + address(service, response_mode="form_post"))
    visitor.page.wait_for_url(service.callback)
    assert service.posted[0].keys() == {"code", "state", "iss"}


@pytest.mark.parametrize(("width", "locale"), [(390, "vi"), (1280, "en")])
def test_without_script_the_person_presses_the_button(
    arrive: Arrive, service: Service, width: int, locale: str
) -> None:
    visitor = arrive(width, locale, java_script_enabled=False)
    visitor.go(address(service, response_mode="form_post"))
    assert not service.posted
    visitor.page.locator("#submit").click()
    visitor.page.wait_for_url(service.callback)
    assert service.posted[0]["state"] == "a state"


@pytest.mark.parametrize(("width", "locale"), [(390, "vi"), (1280, "en")])
def test_the_pages_of_a_request_stand_in_both_languages(
    arrive: Arrive, service: Service, width: int, locale: str
) -> None:
    arrive(width, locale, signed=False).go(address(service, prompt="create")).check()
    visitor = arrive(width, locale)
    visitor.go(address(service, prompt="select_account", response_mode="form_post")).check()
    visitor.page.locator("#submit").click()
    visitor.page.wait_for_url(service.callback)
    assert "code" in service.posted[0]


def test_a_popup_an_entry_and_a_failed_sign_out_stand_too(arrive: Arrive, service: Service) -> None:
    popup = arrive()
    popup.go(address(service, display="popup", prompt="consent", response_mode="form_post")).check()
    popup.page.locator("#approve").click()
    popup.page.wait_for_url(service.callback)
    assert "code" in service.posted[0]
    arrive().go(address(service, prompt="create")).check().page.locator("#apply").wait_for()
    arrive().go("/oauth/end-session?id_token_hint=nonsense").check().page.locator("#sign-out").wait_for()
