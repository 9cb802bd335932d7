"""No page of a resident takes more than 12 statements, however much the resident has."""

from __future__ import annotations

from datetime import datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient

from identity import consent
from identity.account import Account
from identity.audit import Actor, Event, record
from identity.session import open_session
from portal.database import Database
from tests.fakes import Clock
from tests.identity.oidc.making import a_resident, a_service
from tests.statements import heard

MOST = 12
PAGES = (
    "/",
    "/help",
    "/account",
    "/account/history",
    "/account/sessions",
    "/account/consents",
    "/account/help",
    "/account/password",
    "/apply",
    "/sign-in",
    "/activate",
    "/status",
)


@pytest.fixture
def busy(app: Flask, database: Database, now: datetime) -> FlaskClient:
    """A resident with ten services, ten browsers and a long history."""
    with database.transaction() as db:
        account = a_resident(db, now=now)
        for number in range(10):
            service = a_service(db, now=now, client_id=f"service-{number}")
            yes = dict.fromkeys(service.items, True)
            consent.answer(db, account.id, service.id, yes, {}, actor=actor(account), now=now)
            opened = open_session(db, account, ("pwd", "otp", "mfa"), 2, now=now)
            for event in (Event.SIGNED_IN, Event.TOKENS_ISSUED):
                record(db, event, actor(account), now=now, subject=("account", account.id), client=str(service.id))
    client = app.test_client()
    client.set_cookie("eid_session", opened.token)
    return client


def actor(account: Account) -> Actor:
    return Actor(account.id, "resident")


@pytest.mark.parametrize("path", PAGES)
def test_a_page_of_a_resident_takes_few_statements(busy: FlaskClient, database: Database, path: str) -> None:
    with heard(database) as statements:
        assert busy.get(path, follow_redirects=False).status_code in {200, 302, 303}
    assert len(statements) <= MOST, statements


def test_a_page_without_kept_data_reads_the_session_only(busy: FlaskClient, database: Database, clock: Clock) -> None:
    clock.advance(seconds=30)
    with heard(database) as statements:
        busy.get("/account/password")
    assert len(statements) == 1, statements
    clock.advance(minutes=2)
    with heard(database) as statements:
        busy.get("/account/password")
    assert len(statements) == 3, statements  # the session was used: noted once a minute, with its kind
