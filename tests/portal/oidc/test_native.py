"""A native application from its request to its tokens, on a port that it got a moment ago (RFC 8252 section 7.3)."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from flask.testing import FlaskClient

from identity.oidc.profiles import Profile
from portal.database import Database
from tests.identity.oidc.making import VERIFIER, a_service, agreed, wish
from tests.identity.oidc.signing import a_key, public

APP = "an-app"
ASKED = {"http://127.0.0.1/cb": "http://127.0.0.1:51000/cb", "http://[::1]:1/cb": "http://[::1]:51000/cb"}


@pytest.fixture(params=ASKED, ids=["ipv4", "ipv6"])
def callback(request: pytest.FixtureRequest, database: Database, world: Any, now: Any) -> str:
    """Where the application listens now."""
    native = {"application_type": "native", "auth_method": "none", "redirect_uris": (request.param,)}
    with database.transaction() as db:
        client = a_service(db, now=now, client_id=APP, **native)
        agreed(db, world.account, client, now=now)
    return ASKED[request.param]


def ask(browser: FlaskClient, callback: str, **changes: str) -> Any:
    return browser.get("/oauth/authorize?" + urlencode(wish(client_id=APP, redirect_uri=callback, **changes)))


def redeem(browser: FlaskClient, code: str, callback: str) -> Any:
    said = {"grant_type": "authorization_code", "client_id": APP, "code_verifier": VERIFIER}
    return browser.post("/oauth/token", data={**said, "code": code, "redirect_uri": callback})


def test_the_answer_comes_to_that_port_and_the_code_belongs_to_it(resident: FlaskClient, callback: str) -> None:
    answered = [ask(resident, callback).headers["Location"] for _ in range(2)]
    assert all(where.startswith(f"{callback}?") for where in answered)
    right, wrong = (dict(parse_qsl(urlsplit(where).query))["code"] for where in answered)
    assert "id_token" in redeem(resident, right, callback).json
    assert redeem(resident, wrong, callback.replace("51000", "51001")).json["error"] == "invalid_grant"


def test_the_policy_of_the_consent_page_lets_the_answer_through(resident: FlaskClient, callback: str) -> None:
    """A source expression has no form for [::1] (CSP3 section 2.3.1): Chromium passes over it and stops the answer."""
    policy = ask(resident, callback, prompt="consent").headers["Content-Security-Policy"]
    source = "http://*:51000" if "[" in callback else "http://127.0.0.1:51000"
    assert f"form-action 'self' {source};" in policy


def test_fapi_never_leaves_a_port_open(resident: FlaskClient, database: Database, now: Any) -> None:
    keys = {"profile": Profile.FAPI2, "auth_method": "private_key_jwt", "jwks": public(a_key())}
    with database.transaction() as db:
        native = {"application_type": "native", "redirect_uris": ("http://127.0.0.1/cb",)}
        a_service(db, now=now, client_id=APP, **keys, **native)
    page = ask(resident, "http://127.0.0.1:51000/cb")
    assert (page.status_code, "address-not-registered" in page.text) == (400, True)
