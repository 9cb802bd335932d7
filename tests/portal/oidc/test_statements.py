"""How many statements a code flow takes. One more is a decision, not an accident: change the number with its reason."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event

from identity.account import get_account
from identity.credentials.totp import new_secret
from identity.wire import Wire
from portal.database import Database
from tests.fakes import Clock
from tests.identity.account_scene import PASSWORD, code_of, hashed
from tests.identity.oidc.making import agreed, signed_in
from tests.portal.oidc.browsing import authorize, basic, bearer, redeem, sent_back
from tests.portal.oidc.proving import Party
from tests.statements import heard


def test_a_code_flow_with_remembered_consent(friend: FlaskClient, database: Database, engine: str) -> None:
    redeem(friend, sent_back(authorize(friend))["code"])  # reads the signing keys and the client, which are kept
    with heard(database) as asked:
        answer = authorize(friend, scope="openid profile identity")
    with heard(database) as bought:
        token = redeem(friend, sent_back(answer)["code"]).json["access_token"]
    with heard(database) as told:
        assert friend.get("/oauth/userinfo", headers=bearer(token)).json["ial"] == "urn:vn:eid:ial:2"
    # Session; gate, subject and consent; grant, event and meeting. Code and gate; two tokens and event. Token and
    # gate; person.
    together = {"sqlite": (5, 4, 2), "postgresql": (3, 2, 2)}
    assert (len(asked), len(bought), len(told)) == together[engine], (asked, bought, told)


def test_what_programs_do_most(friend: FlaskClient, database: Database, engine: str) -> None:
    bought = redeem(friend, sent_back(authorize(friend))["code"]).json
    form = {"grant_type": "refresh_token", "refresh_token": bought["refresh_token"]}
    with heard(database) as turned:
        assert friend.post("/oauth/token", data=form, headers=basic()).status_code == 200
    with heard(database) as looked:
        friend.post("/oauth/introspect", data={"token": bought["access_token"]}, headers=basic())
    with heard(database) as unknown:
        friend.post("/oauth/introspect", data={"token": "nonsense"}, headers=basic())
    with heard(database) as public:
        friend.get("/.well-known/openid-configuration")
        friend.get("/oauth/jwks")
    # Token, grant, gate and session; its use; two tokens and event. Token and gate. Access token; refresh token.
    together = {"sqlite": (5, 1, 2, 0), "postgresql": (3, 1, 2, 0)}
    counted = len(turned), len(looked), len(unknown), len(public)
    assert counted == together[engine], (turned, looked, unknown, public)


def test_what_only_looks_opens_no_transaction(friend: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """BEGIN and COMMIT around a look protect nothing, and were an eighth of an introspection."""
    token = redeem(friend, sent_back(authorize(friend))["code"]).json["access_token"]
    begun: list[str] = []
    monkeypatch.setattr(Wire, "_send_all", _noted(Wire._send_all, begun))
    assert friend.post("/oauth/introspect", data={"token": token}, headers=basic()).json["active"]
    assert "code" in sent_back(authorize(friend))  # written by itself
    assert begun == []


def test_keys_cost_one_more_statement(
    resident: FlaskClient, database: Database, engine: str, world: Any, clock: Clock
) -> None:
    """The ledger takes assertion and proof in one insert; at userinfo the proof goes in by itself."""
    party = Party(clock).registered(database, world.account)
    bought = party.tokens(resident)
    code = party.code(resident)
    with heard(database) as redeemed:
        party.redeem(resident, code)
    with heard(database) as turned:
        party.post(resident, "/oauth/token", {}, grant_type="refresh_token", refresh_token=bought["refresh_token"])
    with heard(database) as told:
        assert party.userinfo(resident, bought["access_token"]).status_code == 200
    together = {"sqlite": (5, 4, 3), "postgresql": (3, 3, 3)}
    assert (len(redeemed), len(turned), len(told)) == together[engine], (redeemed, turned, told)


def test_signing_in(app: Any, database: Database, engine: str, world: Any, now: datetime) -> None:
    """In a browser that the account has not seen, and the owner is told by SMS and in the inbox."""
    with database.transaction() as db:
        account = get_account(db, world.account.id)
        account.password_hash, account.totp_secret = hashed(PASSWORD), new_secret()
        signed_in(db, account, now=now)
        login, code = account.login, code_of(account, now)
    steps: list[list[str]] = []
    client = app.test_client()
    for path, said in (("/sign-in", {"login": login, "password": PASSWORD}), ("/sign-in/second", {"otp": code})):
        client.get(path)
        with heard(database) as step:
            assert client.post(path, data=said).status_code == 303
        steps.append(step)
    # Account, waits; tries, gate, where to tell (on the same way), tries counted, forgiven, ticket. Ticket with gate;
    # tries; step of app; ticket used up; other browsers and where to tell; tries, forgiven, session, two messages and
    # event (with the commit); roles.
    together = {"sqlite": (8, 12), "postgresql": (8, 12)}
    assert (len(steps[0]), len(steps[1])) == together[engine], steps


def test_nothing_of_a_sign_in_goes_through_the_orm(app: Any, database: Database, world: Any, now: datetime) -> None:
    """Once the ORM has joined, each write takes a way of its own to PostgreSQL: one look-up cost a millisecond."""
    with database.transaction() as db:
        account = get_account(db, world.account.id)
        account.password_hash = hashed(PASSWORD)
        signed_in(db, account, now=now)
        said = {"login": account.login, "password": PASSWORD}
    joined: list[str] = []

    def hear(_connection: object, _cursor: object, statement: str, *_given: Any) -> None:
        joined.append(statement)

    client = app.test_client()
    client.get("/sign-in")
    event.listen(database.engine, "before_cursor_execute", hear)
    with heard(database) as asked:
        assert client.post("/sign-in?next=/account", data=said).status_code == 303
    event.remove(database.engine, "before_cursor_execute", hear)
    assert joined == []
    # Account, waits; tries, gate with ways to sign in, tries counted, forgiven; other browsers and where to tell;
    # session, two messages and event.
    assert len(asked) == 11, asked


def _noted(call: Any, ways: list[str]) -> Any:
    def note(*given: Any, **named: Any) -> Any:
        ways.append(call.__name__)
        return call(*given, **named)

    return note


def test_signing_in_straight_to_a_service(
    app: Any, database: Database, engine: str, world: Any, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The password is answered with the code: four waits for PostgreSQL, and what is written travels with the last."""
    with database.transaction() as db:
        account = get_account(db, world.account.id)
        account.password_hash = hashed(PASSWORD)
        signed_in(db, account, now=now)
        agreed(db, world.account, world.client, now=now)
        said = {"login": account.login, "password": PASSWORD}
    first = app.test_client()
    assert "code" in sent_back(
        first.post(authorize(first, acr_values="urn:vn:eid:aal:1").headers["Location"], data=said)
    )
    client, ways = app.test_client(), list[str]()
    where = authorize(client, acr_values="urn:vn:eid:aal:1").headers["Location"]
    for name in ("run", "run_together", "commit"):
        monkeypatch.setattr(Wire, name, _noted(getattr(Wire, name), ways))
    with heard(database) as asked:
        assert "code" in sent_back(client.post(where, data=said))
    # Account with waits; tries with the gate, other browsers and where to tell; gate, subject and consent (before it
    # tries counted, forgiven, session, messages and event); grant, event and meeting with the commit.
    together = {"sqlite": (15, 0), "postgresql": (13, 4)}
    assert (len(asked), len(ways)) == together[engine], (asked, ways)
