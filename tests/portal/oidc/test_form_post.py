"""Answers that the browser posts (Form Post Response Mode 1.0): codes, and errors in the same way."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient

from portal.database import Database
from tests.identity.oidc.making import CALLBACK, a_service, agreed
from tests.portal.oidc.browsing import authorize, redeem
from tests.portal.oidc.forms import Form

NASTY = """a"><script>alert('ß')</script>&amp;"""


def posted_back(response: Any) -> dict[str, str]:
    """What the browser would post to the service."""
    assert response.status_code == 200, response.headers
    form = Form(response.text, "https://")
    assert form.action == CALLBACK
    return form.fields


def test_a_code_comes_in_a_form(friend: FlaskClient) -> None:
    response = authorize(friend, response_mode="form_post", state=NASTY)
    answer = posted_back(response)
    assert answer.keys() == {"code", "state", "iss"}
    assert (answer["state"], answer["iss"]) == (NASTY, "http://localhost")
    assert redeem(friend, answer["code"]).status_code == 200
    assert "Location" not in response.headers


def test_the_form_works_without_script_and_leads_to_the_service_only(friend: FlaskClient) -> None:
    response = authorize(friend, response_mode="form_post")
    policy = response.headers["Content-Security-Policy"]
    assert "form-action 'self' https://service.example;" in policy
    assert "script-src 'self';" in policy
    assert 'id="submit"' in response.text
    assert response.text.count("<script") == response.text.count('<script src="/static/js/')
    assert response.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("changes", "error"),
    [({"prompt": "none", "max_age": "0"}, "login_required"), ({"scope": "profile"}, "invalid_scope")],
)
def test_errors_go_the_same_way(client: FlaskClient, world: Any, changes: dict[str, str], error: str) -> None:
    answer = posted_back(authorize(client, response_mode="form_post", **changes))
    assert (answer["error"], answer["state"], answer["iss"]) == (error, "a state", "http://localhost")
    assert answer["error_description"]


def test_saying_no_goes_the_same_way(resident: FlaskClient) -> None:
    form = Form(authorize(resident, response_mode="form_post").text, "/oauth/consent")
    answer = posted_back(resident.post(form.action, data=form.fields | {"decision": "deny"}))
    assert answer["error"] == "access_denied"


def test_a_query_of_the_address_stays_in_the_address(
    friend: FlaskClient, database: Database, world: Any, now: Any
) -> None:
    address = CALLBACK + "?tenant=1&x=2"
    with database.transaction() as db:
        other = a_service(db, now=now, client_id="with-query", redirect_uris=(address,))
        agreed(db, world.account, other, now=now)
    response = authorize(friend, client_id="with-query", redirect_uri=address, response_mode="form_post")
    assert Form(response.text, "https://").action == address
