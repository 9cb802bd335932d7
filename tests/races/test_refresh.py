"""One refresh token, sixteen callers at once: one successor, one family, no broken answer."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import Flask
from sqlalchemy import func, select

from identity.oidc.refresh import RefreshToken
from portal.database import Database
from tests.identity.oidc.making import a_code, a_resident, a_service
from tests.portal.oidc.browsing import basic, redeem
from tests.races.test_codes import at_once


def turn(app: Flask, token: str) -> Any:
    form = {"grant_type": "refresh_token", "refresh_token": token}
    return app.test_client().post("/oauth/token", data=form, headers=basic())


def a_token(app: Flask, database: Database, now: datetime) -> str:
    with database.transaction() as db:
        account, client = a_resident(db, now=now), a_service(db, now=now)
        code, _session = a_code(db, account, client, now=now)
    token: str = redeem(app.test_client(), code).json["refresh_token"]
    return token


def test_a_refresh_token_has_one_successor(app: Flask, database: Database, now: datetime) -> None:
    token = a_token(app, database, now)
    answers = at_once(lambda: turn(app, token))
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.json["refresh_token"] for answer in answers}) == 1
    with database.transaction() as db:
        assert db.scalar(select(func.count()).select_from(RefreshToken)) == 2


def test_after_the_successor_was_used_all_of_them_are_refused(app: Flask, database: Database, now: datetime) -> None:
    token = a_token(app, database, now)
    successor = turn(app, token).json["refresh_token"]
    last = turn(app, successor).json["refresh_token"]
    answers = at_once(lambda: turn(app, token))
    assert {(answer.status_code, answer.json["error"]) for answer in answers} == {(400, "invalid_grant")}
    assert turn(app, last).json["error"] == "invalid_grant"
