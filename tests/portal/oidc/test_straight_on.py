"""The password is answered with the code where nothing else is to be asked, and by `authorize` everywhere else."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient

from identity.account import get_account
from identity.credentials.totp import new_secret
from identity.oidc import clients
from portal.database import Database
from tests.fakes import Clock
from tests.identity.account_scene import PASSWORD, code_of, hashed
from tests.identity.oidc.making import a_service, agreed, wish
from tests.portal.oidc.browsing import authorize, basic, bearer, redeem, sent_back

LEVEL_1 = {"acr_values": "urn:vn:eid:aal:1"}


@pytest.fixture
def login(database: Database, world: Any) -> str:
    """Of an account with a password and no app."""
    with database.transaction() as db:
        account = get_account(db, world.account.id)
        account.password_hash = hashed(PASSWORD)
        return account.login


@pytest.fixture
def remembered(database: Database, world: Any, now: datetime) -> None:
    with database.transaction() as db:
        agreed(db, world.account, world.client, now=now)


def sign_in(client: FlaskClient, login: str, where: Any, **said: str) -> Any:
    """The form of the sign-in page, at which a request has arrived."""
    address = where.headers["Location"]
    assert urlsplit(address).path == "/sign-in"
    return client.post(address, data={"login": login, "password": PASSWORD, **said})


@pytest.mark.usefixtures("remembered")
def test_the_right_password_leads_straight_to_the_service(client: FlaskClient, login: str) -> None:
    answer = sign_in(client, login, authorize(client, **LEVEL_1))
    back = sent_back(answer)
    assert (back["state"], back["iss"]) == ("a state", "http://localhost")
    assert client.get_cookie("eid_session") and client.get_cookie("eid_known")
    token = redeem(client, back["code"]).json["access_token"]
    assert client.get("/oauth/userinfo", headers=bearer(token)).status_code == 200
    assert client.get("/account").status_code == 200, "the browser is signed in too"


@pytest.mark.usefixtures("remembered")
def test_so_does_the_code_of_the_app(
    client: FlaskClient, database: Database, world: Any, login: str, now: datetime
) -> None:
    with database.transaction() as db:
        account = get_account(db, world.account.id)
        account.totp_secret = new_secret()
        code = code_of(account, now)
    second = sign_in(client, login, authorize(client))
    assert urlsplit(second.headers["Location"]).path == "/sign-in/second"
    assert "code" in sent_back(client.post(second.headers["Location"], data={"otp": code}))


@pytest.mark.usefixtures("remembered")
def test_a_wrong_password_buys_nothing(client: FlaskClient, login: str) -> None:
    answer = sign_in(client, login, authorize(client, **LEVEL_1), password="no")
    assert answer.status_code == 200 and "Location" not in answer.headers


def comes_back_to_authorize(answer: Any) -> str:
    where = urlsplit(answer.headers["Location"])
    assert (answer.status_code, where.path) == (303, "/oauth/authorize")
    return answer.headers["Location"]


def test_consent_is_asked_on_its_own_page(client: FlaskClient, login: str) -> None:
    where = comes_back_to_authorize(sign_in(client, login, authorize(client, **LEVEL_1)))
    assert 'id="approve"' in client.get(where).text


@pytest.mark.usefixtures("remembered")
@pytest.mark.parametrize(
    "changes",
    [{"prompt": "consent", **LEVEL_1}, {"response_mode": "form_post", **LEVEL_1}, {}],
    ids=["asked again", "posted", "level too low"],
)
def test_what_takes_a_page_is_left_to_authorize(client: FlaskClient, login: str, changes: dict[str, str]) -> None:
    where = comes_back_to_authorize(sign_in(client, login, authorize(client, **changes)))
    assert client.get(where).status_code in {200, 303}


@pytest.mark.usefixtures("remembered")
def test_an_error_is_left_to_authorize_too(client: FlaskClient, login: str) -> None:
    """It was put together by hand: authorize itself would not have sent anybody on with it."""
    target = "/oauth/authorize?" + urlencode(wish(scope="profile", **LEVEL_1))
    answer = client.post("/sign-in", query_string={"next": target}, data={"login": login, "password": PASSWORD})
    assert sent_back(client.get(comes_back_to_authorize(answer)))["error"] == "invalid_scope"
    assert client.get("/account").status_code == 200, "the sign-in counts all the same"


@pytest.mark.usefixtures("remembered")
def test_a_fresh_sign_in_that_was_asked_for_is_seen(client: FlaskClient, login: str, clock: Clock) -> None:
    assert "code" in sent_back(sign_in(client, login, authorize(client, **LEVEL_1)))
    clock.advance(minutes=10)
    again = authorize(client, prompt="login", max_age="60", **LEVEL_1)
    assert parse_qs(urlsplit(again.headers["Location"]).query)["again"] == ["1"]
    assert "code" in sent_back(sign_in(client, login, again))


@pytest.mark.usefixtures("remembered")
def test_a_pushed_request_buys_one_code(client: FlaskClient, login: str) -> None:
    pushed = client.post("/oauth/par", data=wish(**LEVEL_1), headers=basic()).json["request_uri"]
    first = client.get("/oauth/authorize?" + urlencode({"client_id": "a-service", "request_uri": pushed}))
    assert "code" in sent_back(sign_in(client, login, first))
    again = client.post(first.headers["Location"], data={"login": login, "password": PASSWORD})
    where = again.headers["Location"]
    assert "code=" not in where
    assert client.get(where).status_code == 400 or "code=" not in client.get(where).headers.get("Location", "")


@pytest.mark.usefixtures("remembered")
def test_a_pushed_request_that_ends_while_the_password_is_typed_buys_none(
    client: FlaskClient, login: str, clock: Clock
) -> None:
    pushed = client.post("/oauth/par", data=wish(**LEVEL_1), headers=basic()).json["request_uri"]
    waiting = client.get("/oauth/authorize?" + urlencode({"client_id": "a-service", "request_uri": pushed}))
    clock.advance(minutes=16)
    where = comes_back_to_authorize(sign_in(client, login, waiting))
    assert sent_back(client.get(where))["error"] == "invalid_request_uri"


@pytest.mark.usefixtures("remembered")
def test_a_service_closed_while_the_password_is_typed_gets_none(
    app: Flask, client: FlaskClient, login: str, database: Database, now: datetime
) -> None:
    waiting = authorize(client, **LEVEL_1)
    with database.transaction() as db:
        assert clients.close(db, "a-service", now=now)
    app.extensions.pop("oidc", None)  # the five seconds for which a process keeps its copy are over
    where = comes_back_to_authorize(sign_in(client, login, waiting))
    assert client.get(where).status_code == 400


@pytest.mark.usefixtures("remembered")
def test_somebody_else_than_meant_is_told_by_authorize(
    app: Flask, client: FlaskClient, login: str, database: Database, world: Any, now: datetime
) -> None:
    claims = '{"userinfo": {"sub": {"value": "somebody else"}}}'
    answer = sign_in(client, login, authorize(client, claims=claims, **LEVEL_1))
    assert sent_back(client.get(comes_back_to_authorize(answer)))["error"] == "login_required"


def test_an_address_that_is_not_registered_gets_no_code(
    client: FlaskClient, login: str, database: Database, world: Any, now: datetime
) -> None:
    with database.transaction() as db:
        other = a_service(db, now=now, client_id="another")
        agreed(db, world.account, other, now=now)
    target = "/oauth/authorize?" + urlencode(wish(client_id="another", redirect_uri="https://evil.example/", **LEVEL_1))
    answer = client.post("/sign-in", query_string={"next": target}, data={"login": login, "password": PASSWORD})
    assert client.get(comes_back_to_authorize(answer)).status_code == 400
