"""Agreeing for this time only: the service receives it now, asks again next time, and nothing goes on meanwhile."""

from __future__ import annotations

from typing import Any

from flask.testing import FlaskClient

from identity.oidc.provider import Lifetimes
from portal.database import Database
from tests.fakes import Clock
from tests.portal.oidc.browsing import authorize, basic, bearer, redeem, sent_back
from tests.portal.oidc.test_consent_page import SCOPE, decide

OFFLINE = f"{SCOPE} offline_access"


def bought(client: FlaskClient, answer: Any) -> Any:
    return redeem(client, sent_back(answer)["code"]).json


def refreshed(client: FlaskClient, token: str) -> Any:
    form = {"grant_type": "refresh_token", "refresh_token": token}
    return client.post("/oauth/token", data=form, headers=basic())


def told(client: FlaskClient, token: str) -> Any:
    return client.get("/oauth/userinfo", headers=bearer(token))


def test_the_service_receives_it_and_has_to_ask_again(resident: FlaskClient) -> None:
    got = bought(resident, decide(resident, "approve", ("phone_number",), once=True))
    assert told(resident, got["access_token"]).json["phone_number"] == "+84912345214"
    assert sent_back(authorize(resident, scope=SCOPE, prompt="none"))["error"] == "consent_required"
    assert 'id="approve"' in authorize(resident, scope=SCOPE).text


def test_nothing_goes_on_after_the_first_access(resident: FlaskClient, clock: Clock) -> None:
    got = bought(resident, decide(resident, "approve", ("offline_access",), once=True, scope=OFFLINE))
    assert "offline_access" not in got["scope"]
    clock.advance(seconds=int(Lifetimes().access_token.total_seconds()) + 1)
    assert told(resident, got["access_token"]).status_code == 401
    assert refreshed(resident, got.get("refresh_token", "none")).json["error"] == "invalid_grant"


def test_without_the_choice_it_goes_on(resident: FlaskClient, clock: Clock) -> None:
    got = bought(resident, decide(resident, "approve"))
    clock.advance(seconds=int(Lifetimes().access_token.total_seconds()) + 1)
    assert refreshed(resident, got["refresh_token"]).status_code == 200


def test_choosing_it_later_ends_what_was_agreed_for_longer(resident: FlaskClient) -> None:
    before = bought(resident, decide(resident, "approve"))
    now = bought(resident, decide(resident, "approve", once=True, prompt="consent"))
    assert told(resident, before["access_token"]).status_code == 401
    assert told(resident, now["access_token"]).status_code == 200
    assert sent_back(authorize(resident, scope=SCOPE, prompt="none"))["error"] == "consent_required"


def test_taking_back_one_thing_ends_what_the_service_was_given_with_it(resident: FlaskClient) -> None:
    """Whoever leaves out now what was ticked before has withdrawn it, also from the tokens of before."""
    before = bought(resident, decide(resident, "approve", ("phone_number", "offline_access"), scope=OFFLINE))
    same = bought(
        resident, decide(resident, "approve", ("phone_number", "offline_access"), prompt="consent", scope=OFFLINE)
    )
    assert "phone_number" in told(resident, before["access_token"]).json
    less = bought(resident, decide(resident, "approve", ("offline_access",), prompt="consent", scope=OFFLINE))
    for token in (before, same):
        assert told(resident, token["access_token"]).status_code == 401
        assert refreshed(resident, token["refresh_token"]).json["error"] == "invalid_grant"
    assert "phone_number" not in told(resident, less["access_token"]).json
    assert refreshed(resident, less["refresh_token"]).status_code == 200


def test_the_account_lists_it_with_nothing_to_take_back(resident: FlaskClient, database: Database) -> None:
    decide(resident, "approve", once=True)
    text = resident.get("/account/consents").text
    assert 'id="once"' in text and "Dịch vụ thử" in text and "Ngày sinh" in text
    assert "/withdraw" not in text
    assert 'id="once"' not in resident.get("/account/history").text


def test_a_page_that_was_open_too_long_keeps_the_choice(app: Any, resident: FlaskClient) -> None:
    app.config["WTF_CSRF_ENABLED"] = True
    answer = decide(resident, "approve", once=True)
    assert 'name="once" value="yes" checked' in answer.text
