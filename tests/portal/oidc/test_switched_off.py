"""A service is switched off between any two steps of a sign-in: nothing more is bought, told or agreed to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from identity.consent import Consent
from identity.oidc import clients
from portal.database import Database
from tests.portal.oidc.browsing import authorize, basic, bearer, redeem, sent_back
from tests.portal.oidc.test_consent_page import SCOPE, action_of
from tests.portal.oidc.test_par import follow, push, reference


@pytest.fixture
def switch_off(app: Flask, database: Database, now: Any) -> Callable[[], None]:
    """End the service; the five seconds for which a process keeps its copy are over."""

    def end() -> None:
        with database.transaction() as db:
            assert clients.close(db, "a-service", now=now)
        app.extensions.pop("oidc", None)

    return end


def is_told_to_the_person(answer: Any) -> bool:
    """A page of ours, and no way to the service."""
    return answer.status_code == 400 and "Location" not in answer.headers and 'href="https://service' not in answer.text


def test_before_the_person_comes_back_from_signing_in(client: FlaskClient, world: Any, switch_off: Any) -> None:
    assert "/sign-in" in authorize(client).headers["Location"]
    switch_off()
    assert is_told_to_the_person(authorize(client))


def test_while_the_consent_page_is_read(resident: FlaskClient, database: Database, switch_off: Any) -> None:
    leads_to = action_of(authorize(resident, scope=SCOPE).text)
    switch_off()
    assert is_told_to_the_person(resident.post(leads_to, data={"decision": "approve"}))
    with database.session(write=False) as db:
        assert db.scalar(select(func.count()).select_from(Consent)) == 0


def test_after_the_request_was_pushed(friend: FlaskClient, switch_off: Any) -> None:
    kept = reference(friend)
    switch_off()
    assert is_told_to_the_person(follow(friend, kept))


def test_with_the_code_in_its_hands(friend: FlaskClient, switch_off: Any) -> None:
    code = sent_back(authorize(friend))["code"]
    switch_off()
    refused = redeem(friend, code)
    assert (refused.status_code, refused.json["error"]) == (401, "invalid_client")


def test_with_tokens_in_its_hands(friend: FlaskClient, switch_off: Any) -> None:
    bought = redeem(friend, sent_back(authorize(friend))["code"]).json
    switch_off()
    assert friend.get("/oauth/userinfo", headers=bearer(bought["access_token"])).status_code == 401
    sent = {"grant_type": "refresh_token", "refresh_token": bought["refresh_token"]}
    for answer in (
        friend.post("/oauth/token", data=sent, headers=basic()),
        friend.post("/oauth/introspect", data={"token": bought["access_token"]}, headers=basic()),
        friend.post("/oauth/revoke", data={"token": bought["access_token"]}, headers=basic()),
        push(friend),
    ):
        assert (answer.status_code, answer.json["error"]) == (401, "invalid_client")


def test_while_the_person_is_signing_out_of_it(friend: FlaskClient, switch_off: Any) -> None:
    hint = redeem(friend, sent_back(authorize(friend))["code"]).json["id_token"]
    wish = f"/oauth/end-session?id_token_hint={hint}&post_logout_redirect_uri=https://service.example/"
    assert friend.get(wish).status_code == 200
    switch_off()
    assert is_told_to_the_person(friend.get(wish))
