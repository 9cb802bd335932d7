"""A person answers a service, sees what it has, stops it and leaves: in Chromium, with and without scripts."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlencode

import pytest

from tests.browser.conftest import TEST_OTP, Demo
from tests.browser.test_walk import Visit
from tests.browser.visitor import Visitor
from tests.identity.oidc.making import CHALLENGE


def service_of(demo: Demo) -> dict[str, Any]:
    return next(client for client in demo.known["clients"] if client["auth_method"] == "client_secret_basic")


def asked(demo: Demo, **more: str) -> str:
    """An authorization request as the service sends it."""
    client = service_of(demo)
    wish = {
        "client_id": client["client_id"],
        "redirect_uri": client["redirect_uris"][0],
        "response_type": "code",
        "scope": "openid profile identity phone",
        "state": "s",
        "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
    }
    return "/oauth/authorize?" + urlencode(wish | more)


def answer(visitor: Visitor, button: str) -> str:
    """Press it; the address at the service to which that leads."""
    with visitor.page.expect_request(re.compile(r"/callback\?")) as leaving:
        visitor.click(f"#{button}")  # and wait until the service has answered: the next visit would cut it off
    return leaving.value.url


@pytest.mark.parametrize("script", [True, False], ids=["with script", "without script"])
def test_a_person_answers_a_service_and_takes_it_back(visit: Visit, demo: Demo, script: bool) -> None:
    person = demo.person("citizen", skip=1 if script else 2)
    here = visit(locale="vi" if script else "en", java_script_enabled=script).sign_in(person, TEST_OTP)
    here.go(asked(demo))
    if script:
        here.check()
    assert "error=access_denied" in answer(here, "deny")
    assert "code=" in answer(here.go(asked(demo)), "approve")
    here.go("/account/consents")
    if script:
        here.check()
    here.click(here.page.locator("main a[href$='/withdraw']").first)
    if script:
        here.check()
    here.click("#stop-sharing")
    here.go(asked(demo))
    assert here.page.locator("#approve").is_visible(), "the person is asked anew"
    here.go("/oauth/end-session?" + urlencode({"client_id": service_of(demo)["client_id"]}))
    if script:
        here.check()
    here.click("#confirm-logout")
    assert here.path == "/oauth/signed-out"
    assert here.go("/account").path.startswith("/sign-in")


def test_the_operator_reads_how_services_were_told(visit: Visit, demo: Demo) -> None:
    operator = visit(width=1280).sign_in(demo.person("operator"))
    assert operator.path == "/staff"
    operator.check().go("/operation/sign-outs").check()
