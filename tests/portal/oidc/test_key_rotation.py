"""Keys change while people sign in: two processes over one database, and no token that somebody cannot read."""

from __future__ import annotations

import warnings
from datetime import datetime
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from joserfc import jwt
from joserfc.jwk import KeySet

from identity.oidc import keys
from portal.assembly import create_app
from portal.database import Database
from portal.services import Services
from portal.settings import Settings
from tests.portal.oidc.browsing import authorize, redeem, sent_back


@pytest.fixture
def other(settings: Settings, services: Services, database: Database) -> Flask:
    """A second process of the portal."""
    application = create_app(settings, services, database)
    application.testing = True
    return application


def read(token: str, jwks: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    with warnings.catch_warnings(action="ignore"):
        found = jwt.decode(token, KeySet.import_key_set(jwks), list(keys.SIGNING))
    return str(found.header["kid"]), found.claims


def test_a_rotation_is_no_outage(
    app: Flask, other: Flask, friend: FlaskClient, database: Database, now: datetime
) -> None:
    def a_token(process: Flask) -> str:
        """Signed in at the first process, redeemed at this one."""
        code = sent_back(authorize(friend))["code"]
        return str(redeem(process.test_client(), code).json["id_token"])

    kept_by_a_service = app.test_client().get("/oauth/jwks").json
    before = a_token(app)
    with database.transaction() as db:
        keys.rotate(db, "ES256", now=now, at_once=True)
    after = a_token(other)  # it reads the keys now, the first one goes on with its own for a minute
    still = a_token(app)
    kids = {read(token, kept_by_a_service)[0] for token in (before, after, still)}
    assert len(kids) == 2
    fresh = other.test_client().get("/oauth/jwks").json
    assert {read(token, fresh)[1]["sub"] for token in (before, after, still)} == {
        read(before, kept_by_a_service)[1]["sub"]
    }


def test_our_own_old_token_is_still_known_as_a_hint(
    app: Flask, other: Flask, friend: FlaskClient, database: Database, now: datetime
) -> None:
    code = sent_back(authorize(friend))["code"]
    token = redeem(app.test_client(), code).json["id_token"]
    with database.transaction() as db:
        keys.rotate(db, "ES256", now=now, at_once=True)
    visitor = other.test_client()
    visitor.set_cookie("eid_session", friend.get_cookie("eid_session").value)  # type: ignore[union-attr]
    assert "code" in sent_back(authorize(visitor, id_token_hint=token, prompt="none"))
