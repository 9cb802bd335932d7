"""A locked account loses at once, on every path, what it holds; nothing of it comes back when the lock ends."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from identity.account import Account, Ground, get_account
from identity.audit import SYSTEM
from identity.deadlines import today_in_vietnam
from identity.locks import close, lock, note_paper, unlock
from identity.oidc.clients import RelyingParty
from identity.outbox import Lane, lease
from identity.session import end_all_sessions
from portal.database import Database
from tests.fakes import Clock
from tests.identity.oidc.making import wish
from tests.portal.oidc.browsing import authorize, basic, bearer, browser, redeem, sent_back

OFFLINE = "openid profile offline_access"
Shut = Callable[[Session, Account, Any], Any]


def by_ground(db: Session, account: Account, now: Any) -> None:
    lock(db, account, Ground.AUTHORITY, "a court", SYSTEM, now=now)


def by_own_wish(db: Session, account: Account, now: Any) -> None:
    lock(db, account, Ground.OWN_REQUEST, "holder", SYSTEM, now=now)


def by_death(db: Session, account: Account, now: Any) -> None:
    close(db, account, SYSTEM, now=now)


def by_the_end_of_a_paper(db: Session, account: Account, now: Any) -> None:
    note_paper(db, account, "card", Ground.DOCUMENT_EXPIRED, today_in_vietnam(now) - timedelta(days=1), now=now)


@pytest.fixture
def held(friend: FlaskClient, database: Database, world: Any) -> Any:
    """Everything that a signed-in person and a service can hold."""
    with database.transaction() as db:
        service = db.get_one(RelyingParty, world.client.id)
        service.details = {**service.details, "backchannel_logout_uri": "https://service.example/bye"}
    tokens = redeem(friend, sent_back(authorize(friend, scope=OFFLINE))["code"]).json
    return SimpleNamespace(
        access=tokens["access_token"],
        refresh=tokens["refresh_token"],
        code=sent_back(authorize(friend))["code"],
        browser=friend,
    )


def what_is_left(held: Any) -> dict[str, Any]:
    """What each path answers."""
    caller: FlaskClient = held.browser
    refreshed = {"grant_type": "refresh_token", "refresh_token": held.refresh}
    return {
        "session": caller.get("/account").status_code == 200,
        "silent": "code=" in authorize(caller, prompt="none").headers["Location"],
        "userinfo": caller.get("/oauth/userinfo", headers=bearer(held.access)).status_code == 200,
        "access": active(caller, held.access),
        "refresh": active(caller, held.refresh),
        "refreshed": caller.post("/oauth/token", data=refreshed, headers=basic()).status_code == 200,
        "code": redeem(caller, held.code).status_code == 200,
    }


def active(caller: FlaskClient, token: str) -> bool:
    return bool(caller.post("/oauth/introspect", data={"token": token}, headers=basic()).json["active"])


def test_before_the_lock_every_path_is_open(held: Any) -> None:
    assert set(what_is_left(held).values()) == {True}


@pytest.mark.parametrize("shut", [by_ground, by_own_wish, by_death, by_the_end_of_a_paper])
def test_nothing_is_left(held: Any, database: Database, world: Any, now: Any, shut: Shut) -> None:
    with database.transaction() as db:
        shut(db, get_account(db, world.account.id), now)
    assert [path for path, is_open in what_is_left(held).items() if is_open] == []


@pytest.mark.parametrize("shut", [by_ground, by_own_wish, by_death])
def test_the_services_are_told_at_once(held: Any, database: Database, world: Any, now: Any, shut: Shut) -> None:
    with database.transaction() as db:
        shut(db, get_account(db, world.account.id), now)
    with database.transaction() as db:
        assert [message.facts["aud"] for message in lease(db, Lane.LOGOUT, now=now)] == ["a-service"]


def test_nothing_comes_back_when_the_lock_ends(held: Any, database: Database, world: Any, clock: Clock) -> None:
    with database.transaction() as db:
        by_ground(db, get_account(db, world.account.id), clock())
    clock.advance(seconds=5)
    with database.transaction() as db:
        unlock(db, get_account(db, world.account.id), Ground.AUTHORITY, "a court", SYSTEM, now=clock())
    assert [path for path, is_open in what_is_left(held).items() if is_open] == []


def test_signing_out_everywhere_leaves_only_what_was_agreed_for_later(
    held: Any, database: Database, world: Any, now: Any
) -> None:
    with database.transaction() as db:
        end_all_sessions(db, world.account.id, now=now)
    left = {path for path, is_open in what_is_left(held).items() if is_open}
    assert left == {"userinfo", "access", "refresh", "refreshed"}, "offline_access; the code was for the session"


def test_a_person_who_may_not_cannot_use_a_request_that_was_pushed(
    app: Any, held: Any, database: Database, world: Any, now: Any
) -> None:
    pushed = held.browser.post("/oauth/par", data=wish(), headers=basic())
    assert pushed.status_code == 201, pushed.text
    other = browser(app, database, world.account, now)
    with database.transaction() as db:
        by_ground(db, get_account(db, world.account.id), now)
    asked = other.get("/oauth/authorize", query_string={"client_id": "a-service", **pushed.json})
    assert "code=" not in asked.headers.get("Location", "")
