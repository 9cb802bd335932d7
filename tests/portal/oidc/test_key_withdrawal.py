"""A signing key leaks while people sign in: what it signed is worth nothing here, and nobody is held up."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from joserfc import jws

from identity.audit import SYSTEM
from identity.oidc.keys import SIGNING
from identity.oidc.withdrawal import Reason, withdraw
from portal.assembly import create_app
from portal.database import Database
from portal.services import Services
from portal.settings import Settings
from tests.fakes import Clock
from tests.portal.oidc.browsing import authorize, redeem, sent_back
from tests.portal.oidc.proving import Party
from tests.portal.oidc.test_commands import run, state_of
from tests.portal.oidc.test_resources import API, api_token, ask, machine
from tests.portal.test_operation_pages import employed


@pytest.fixture
def other(settings: Settings, services: Services, database: Database) -> Flask:
    """A second process of the portal."""
    application = create_app(settings, services, database)
    application.testing = True
    return application


def kid_of(token: str) -> str:
    return str(jws.extract_compact(token.encode()).headers()["kid"])


def kids_at(process: Flask) -> set[str]:
    return {key["kid"] for key in process.test_client().get("/oauth/jwks").json["keys"]}


def five_seconds_later(*processes: Flask) -> None:
    for process in processes:
        process.extensions["oidc"].keychain._until = 0.0


def test_people_sign_in_before_meanwhile_and_after(
    app: Flask, other: Flask, friend: FlaskClient, database: Database, now: Any
) -> None:
    def sign_in(process: Flask) -> str:
        code = sent_back(authorize(friend))["code"]
        return str(redeem(process.test_client(), code).json["id_token"])

    kept_by_a_service = kids_at(app)
    before, code = sign_in(app), sent_back(authorize(friend))["code"]
    sign_in(other)
    with database.transaction() as db:
        withdraw(db, [kid_of(before)], Reason.LEAKED, SYSTEM, now=now)
    five_seconds_later(app, other)
    meanwhile = str(redeem(other.test_client(), code).json["id_token"])
    for token in (meanwhile, sign_in(app), sign_in(other)):
        assert kid_of(token) != kid_of(before)
        assert kid_of(token) in kept_by_a_service, "known to whoever does not read the keys anew"
    assert kid_of(before) not in kids_at(app) | kids_at(other)


def test_what_it_signed_is_no_hint_any_more(app: Flask, friend: FlaskClient, database: Database, now: Any) -> None:
    token = redeem(app.test_client(), sent_back(authorize(friend))["code"]).json["id_token"]
    assert "code" in sent_back(authorize(friend, id_token_hint=token, prompt="none"))
    with database.transaction() as db:
        withdraw(db, [kid_of(token)], Reason.LEAKED, SYSTEM, now=now)
    five_seconds_later(app)
    assert sent_back(authorize(friend, id_token_hint=token, prompt="none"))["error"] == "invalid_request"
    farewell = friend.get(f"/oauth/end-session?id_token_hint={token}&post_logout_redirect_uri=https://service.example/")
    assert farewell.status_code == 400, "a forged hint leads nowhere"


def test_a_signed_access_token_is_dead_for_whoever_asks(
    app: Flask, resident: FlaskClient, database: Database, world: Any, clock: Clock
) -> None:
    with database.transaction() as db:
        machine(db, API, clock())
    party = Party(clock).registered(database, world.account, resources=(API,))
    token = api_token(party, resident)["access_token"]
    assert ask(resident, token, API).json["active"] is True
    with database.transaction() as db:
        withdraw(db, [kid_of(token)], Reason.LEAKED, SYSTEM, now=clock())
    five_seconds_later(app)
    assert ask(resident, token, API).json == {"active": False}
    fresh = api_token(party, resident)["access_token"]
    assert ask(resident, fresh, API).json["active"] is True
    assert ask(resident, "a.b.c", API).json == {"active": False}


def test_an_operator_withdraws_by_name_and_is_told_whom_to_tell(app: Flask, world: Any) -> None:
    (_, leaked), (_, known) = state_of(app, "ES256")
    told = run(app, "keys", "withdraw", leaked, "--because", "leaked", "--yes")
    assert f"{leaked} is withdrawn; it signed since" in told and f"{known} signs from now on" in told
    assert "a-service" in told and "read the\nJWKS anew" not in told and "within 5 seconds" in told
    states = state_of(app, "ES256")
    assert [state for state, kid in states if kid != leaked] == ["signs", "next"]
    assert [state for state, kid in states if kid == leaked] == ["leaked"]
    again = run(app, "keys", "withdraw", leaked, "--because", "leaked", "--yes", code=1)
    assert "withdrawn before" in again
    assert "--all" in run(app, "keys", "withdraw", "--because", "weak", "--yes", code=1)
    assert "--all" in run(app, "keys", "withdraw", "somebodys", "--because", "weak", "--yes", code=1)
    run(app, "keys", "withdraw", known, "--because", "bored", "--yes", code=2)
    assert state_of(app, "ES256") == states, "a command that was refused has changed nothing"


def test_when_the_database_was_stolen_all_are_withdrawn(app: Flask, world: Any) -> None:
    before = kids_at(app)
    told = run(app, "keys", "withdraw", "--all", "--because", "suspected", "--yes")
    assert all(kid in told for kid in before) and told.count("never signed") == len(SIGNING)
    five_seconds_later(app)
    assert not kids_at(app) & before and len(kids_at(app)) == 2 * len(SIGNING)


@pytest.mark.parametrize(
    ("locale", "words"),
    [("vi", ("Đã thu hồi khóa ký", "đọc lại ngay")), ("en", ("Signing keys were withdrawn", "anew, now"))],
)
def test_the_operators_page_says_what_services_must_do(
    app: Flask, client: FlaskClient, database: Database, clock: Clock, world: Any, locale: str, words: tuple[str, ...]
) -> None:
    employed(client, database, clock, "operator")
    client.environ_base["HTTP_ACCEPT_LANGUAGE"] = locale
    before = client.get("/operation").text
    assert not any(word in before for word in words)
    (_, leaked), (_, known) = state_of(app, "ES256")
    assert leaked in before and known in before
    run(app, "keys", "withdraw", leaked, "--because", "leaked", "--yes")
    page = client.get("/operation").text
    assert all(word in page for word in words) and page.count(leaked) == 1
    assert ("It signed from" if locale == "en" else "Khóa đã ký từ") in page


def test_a_key_whose_name_begins_with_a_dash_is_named_all_the_same(app: Flask) -> None:
    """A thumbprint in base64url does so once in 64 times (RFC 7638)."""
    said = run(app, "keys", "withdraw", "-Mno-such-key", "--because", "leaked", "--yes", code=1)
    assert "No such option" not in said and said.startswith("Error: ")
