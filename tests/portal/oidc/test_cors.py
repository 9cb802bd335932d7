"""Which pages of others may read what we answer."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient

from portal.database import Database
from tests.fakes import Clock
from tests.identity.oidc.making import a_service, agreed
from tests.portal.oidc.browsing import authorize, basic, redeem

APP, SERVICE = "https://app.example:8443", "https://service.example"
OPEN = [
    "/.well-known/openid-configuration",
    "/.well-known/oauth-authorization-server",
    "/oauth/jwks",
    "/oauth/userinfo",
]
CLOSED = ["/oauth/introspect", "/oauth/par"]
CALLED = ["/oauth/token", "/oauth/revoke"]
ALLOWED = "Access-Control-Allow-Origin"


@pytest.fixture
def public_app(database: Database, world: Any, clock: Clock) -> Any:
    """A public client beside the confidential one of `world`."""
    with database.transaction() as db:
        addresses = (f"{APP}/callback", "http://127.0.0.1:9000/callback")
        said = {"redirect_uris": addresses, "post_logout_redirect_uris": (), "sector": "app.example"}
        client = a_service(db, now=clock(), client_id="page", auth_method="none", **said)
        agreed(db, world.account, client, now=clock())
        return client


@pytest.mark.parametrize("path", OPEN)
def test_pages_of_public_clients_may_read(client: FlaskClient, public_app: Any, path: str) -> None:
    for origin in (APP, "http://127.0.0.1:9000"):
        assert client.get(path, headers={"Origin": origin}).headers[ALLOWED] == origin
    for origin in (SERVICE, "https://app.example", "https://evil.example", "null", "http://app.example:8443"):
        answer = client.get(path, headers={"Origin": origin})
        assert ALLOWED not in answer.headers
        assert "Origin" in answer.headers["Vary"]
    assert "Access-Control-Allow-Credentials" not in client.get(path, headers={"Origin": APP}).headers
    assert ALLOWED not in client.get(path).headers


@pytest.mark.parametrize("path", [*OPEN, *CALLED])
def test_a_preflight_is_answered(client: FlaskClient, public_app: Any, path: str) -> None:
    asked = {"Origin": APP, "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "dpop"}
    answer = client.options(path, headers=asked)
    assert answer.status_code == 200
    assert answer.headers[ALLOWED] == APP
    assert "DPoP" in answer.headers["Access-Control-Allow-Headers"]
    assert ALLOWED not in client.options(path, headers={**asked, "Origin": SERVICE}).headers


@pytest.mark.parametrize(
    "path", ["/oauth/introspect", "/oauth/par", "/oauth/authorize", "/oauth/end-session", "/", "/sign-in"]
)
def test_nothing_else_may_be_read(client: FlaskClient, public_app: Any, path: str) -> None:
    for answer in (client.options(path, headers={"Origin": APP}), client.get(path, headers={"Origin": APP})):
        assert ALLOWED not in answer.headers


def test_a_page_redeems_its_own_code(resident: FlaskClient, public_app: Any) -> None:
    address = f"{APP}/callback"
    answer = authorize(resident, client_id="page", redirect_uri=address)
    code = answer.headers["Location"].split("code=")[1].split("&")[0]
    bought = redeem(resident, code, {"Origin": APP}, client_id="page", redirect_uri=address)
    assert bought.status_code == 200
    assert bought.headers[ALLOWED] == APP
    assert "DPoP-Nonce" in bought.headers["Access-Control-Expose-Headers"]


def test_a_page_cannot_read_what_another_client_gets(resident: FlaskClient, public_app: Any) -> None:
    answer = redeem(resident, "nonsense", {**basic(), "Origin": APP})
    assert ALLOWED not in answer.headers
    answer = redeem(resident, "nonsense", {"Origin": APP}, client_id="a-service")
    assert ALLOWED not in answer.headers
    answer = redeem(resident, "nonsense", {"Origin": APP}, client_id="page")
    assert (answer.status_code, answer.headers[ALLOWED]) == (400, APP), "an error can be read too"
