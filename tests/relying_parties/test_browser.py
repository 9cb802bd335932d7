"""npm's oidc-client-ts in a real Chromium: a public service without a server, everything across origins."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page
from sqlalchemy.orm import Session
from werkzeug.wrappers import Request, Response

from identity.oidc.clients import Registration, register
from tests.browser.conftest import browser  # noqa: F401 - a fixture
from tests.live.front import over_https
from tests.live.portal import Live
from tests.relying_parties.conftest import HERE
from tests.servers import free_port

pytestmark = pytest.mark.slow
BUNDLE = Path("node_modules/oidc-client-ts/dist/browser/oidc-client-ts.min.js")
FILES = {"/oidc-client-ts.js": BUNDLE, "/page.js": Path("page.js")}


def service(environ: dict[str, Any], start_response: Any) -> Any:
    """The pages of the service: one document, whatever the path."""
    path = Request(environ).path
    kind = "text/javascript" if path in FILES else "text/html"
    content = (HERE / FILES.get(path, Path("page.html"))).read_bytes()
    return Response(content, content_type=f"{kind}; charset=utf-8")(environ, start_response)


@pytest.fixture
def origin(live: Live, packages: str) -> Iterator[str]:
    with over_https(service, free_port(), live.authority.server()) as address:
        yield address


@pytest.fixture
def page(browser: Any) -> Iterator[Page]:  # noqa: F811
    context = browser.new_context(ignore_https_errors=True, locale="en-GB")
    yield context.new_page()
    context.close()


def registered(live: Live, origin: str) -> str:
    client_id = f"in-the-browser-{origin.rpartition(':')[2]}"

    def work(db: Session, now: datetime) -> None:
        said = Registration(
            client_id=client_id,
            name={"en": "A service in the browser"},
            auth_method="none",
            redirect_uris=(f"{origin}/callback",),
            post_logout_redirect_uris=(f"{origin}/left",),
            scopes=("openid", "profile", "offline_access"),
        )
        register(db, said, now=now)

    live.arrange(work)
    return client_id


def sign_in(page: Page, live: Live) -> None:
    person = live.people[0]
    page.locator("#login").fill(person.login)
    page.locator("#password").fill(person.password)
    page.locator("#submit").click()
    page.locator("#otp").fill(person.otp)
    page.locator("main form button").first.click()


def test_a_service_in_the_browser_signs_a_resident_in_and_out(page: Page, live: Live, origin: str) -> None:
    told = {"issuer": live.issuer, "client_id": registered(live, origin), "scope": "openid profile offline_access"}
    page.goto(f"{origin}/#told={json.dumps(told)}")
    sign_in(page, live)
    page.locator("#approve").click()
    page.locator("#state", has_not_text="starting").wait_for()
    assert page.locator("#state").inner_text() == "signed in"
    learned = json.loads(page.locator("#learned").inner_text())
    assert learned["profile"]["name"] == "NGUYỄN THỊ ÁNH NGUYỆT"

    page.evaluate("() => { window.leave() }")
    page.locator("#confirm-logout").click()
    page.wait_for_url(f"{origin}/left*")
    assert page.locator("#state").inner_text() == "left"


def test_another_origin_may_not_read_the_answers(page: Page, live: Live, origin: str) -> None:
    """CORS is for the registered origins of public services only."""
    page.goto(f"{origin}/left#told=" + json.dumps({"issuer": live.issuer, "client_id": "x", "scope": "openid"}))
    read = "url => fetch(url, {method: 'POST', body: new URLSearchParams({client_id: 'nobody'})}).then(() => 'read')"
    try:
        result = page.evaluate(read, f"{live.issuer}/oauth/token")
    except Exception as error:
        result = str(error)
    assert "Failed to fetch" in result
