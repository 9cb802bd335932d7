"""One proof, sixteen callers at once: it counts for one of them, and the others are told why not."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import Any

import pytest
from flask import Flask

from identity.oidc import dpop
from identity.once import Mark, spend_each
from portal.database import Database
from tests.fakes import Clock
from tests.identity.oidc.making import CALLBACK, VERIFIER, a_resident
from tests.portal.oidc.browsing import browser
from tests.portal.oidc.proving import Party
from tests.races.at_once import CALLERS, at_once


@pytest.fixture
def world(app: Flask, database: Database, clock: Clock) -> Any:
    """A resident's browser and a service with keys, which has been told a nonce."""
    with database.transaction() as db:
        account = a_resident(db, now=clock())
    party = Party(clock).registered(database, account)
    resident = browser(app, database, account, clock())
    party.tokens(resident)
    return party, resident


def answers(app: Flask, path: str, **said: Any) -> list[Any]:
    return at_once(lambda: app.test_client().post(path, **said))


def test_an_assertion_counts_once(app: Flask, world: Any) -> None:
    party, _resident = world
    found = answers(app, "/oauth/introspect", data={**party.proves(), "token": "x"})
    assert Counter(answer.status_code for answer in found) == {200: 1, 401: CALLERS - 1}


def test_a_proof_counts_once_at_the_token_endpoint(app: Flask, world: Any) -> None:
    party, resident = world
    token = party.tokens(resident)["refresh_token"]
    proof, form = party.proof(), {"grant_type": "refresh_token", "refresh_token": token}
    found = at_once(lambda: app.test_client().post("/oauth/token", data={**form, **party.proves()}, headers=proof))
    assert Counter(answer.json.get("error", "none") for answer in found) == {
        "none": 1,
        "invalid_dpop_proof": CALLERS - 1,
    }


def test_a_proof_counts_once_at_userinfo(app: Flask, world: Any) -> None:
    party, resident = world
    token = party.tokens(resident)["access_token"]
    proof = party.proof(method="GET", url="http://localhost/oauth/userinfo", access_token=token)
    headers = {"Authorization": f"DPoP {token}", **proof}
    found = at_once(lambda: app.test_client().get("/oauth/userinfo", headers=headers))
    assert Counter(answer.status_code for answer in found) == {200: 1, 401: CALLERS - 1}


def test_a_bound_code_buys_once(app: Flask, world: Any) -> None:
    party, resident = world
    form = {"grant_type": "authorization_code", "redirect_uri": CALLBACK, "code_verifier": VERIFIER}
    form["code"] = party.code(resident)
    party.tokens(resident)  # the nonce of this moment

    def redeem() -> Any:
        return app.test_client().post("/oauth/token", data={**form, **party.proves()}, headers=party.proof())

    found = at_once(redeem)
    assert Counter(answer.json.get("error", "none") for answer in found) == {"none": 1, "invalid_grant": CALLERS - 1}
    winner = next(answer for answer in found if answer.status_code == 200)
    assert party.userinfo(app.test_client(), winner.json["access_token"]).status_code == 401


def test_an_unrotated_refresh_token_serves_all_of_them(app: Flask, world: Any) -> None:
    party, resident = world
    form = {"grant_type": "refresh_token", "refresh_token": party.tokens(resident)["refresh_token"]}

    def turn() -> Any:
        return app.test_client().post("/oauth/token", data={**form, **party.proves()}, headers=party.proof())

    found = at_once(turn)
    assert {answer.status_code for answer in found} == {200}
    assert {answer.json["refresh_token"] for answer in found} == {form["refresh_token"]}
    assert len({answer.json["access_token"] for answer in found}) == CALLERS


def test_marks_taken_together_in_any_order_have_one_winner_each(database: Database, now: datetime) -> None:
    marks = [Mark(dpop.PURPOSE, key, now) for key in ("one", "two", "three")]
    turns = iter([marks, marks[::-1]] * CALLERS)

    def spend() -> int:
        with database.transaction() as db:
            return len(marks) - len(spend_each(db, next(turns)))

    assert sorted(at_once(spend)) == [0] * (CALLERS - 1) + [3]
