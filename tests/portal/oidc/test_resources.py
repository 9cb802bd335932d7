"""Tokens for resource servers (RFC 8707, RFC 9068), and what a resource server may ask about them (RFC 7662, 9701)."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient
from joserfc import jwt
from joserfc.jwk import KeySet

from identity.account import Ground, get_account
from identity.audit import SYSTEM
from identity.locks import lock
from identity.oidc.profiles import Profile
from portal.database import Database
from tests.fakes import Clock
from tests.identity.oidc.making import SECRET, a_service
from tests.identity.oidc.signing import public
from tests.portal.oidc.browsing import basic, bearer
from tests.portal.oidc.proving import CLIENT_ID, Party

API, OTHER = "https://api.example", "https://other.example"
SIGNED = "application/token-introspection+jwt"


def machine(db: Any, client_id: str, now: Any, **said: Any) -> Any:
    usual = {"profile": Profile.MACHINE, "redirect_uris": (), "post_logout_redirect_uris": (), "items": {}}
    return a_service(db, now=now, client_id=client_id, **{**usual, "scopes": ("read", "write"), **said})


@pytest.fixture
def party(database: Database, world: Any, clock: Clock) -> Party:
    with database.transaction() as db:
        for client_id in (API, OTHER):
            machine(db, client_id, clock())
    return Party(clock).registered(database, world.account, resources=(API, OTHER))


def opened(browser: FlaskClient, token: str, kind: str) -> dict[str, Any]:
    found = jwt.decode(token, KeySet.import_key_set(browser.get("/oauth/jwks").json), ["ES256", "PS256", "EdDSA"])
    assert found.header["typ"] == kind
    return dict(found.claims)


def api_token(party: Party, browser: FlaskClient, resource: str = API) -> dict[str, Any]:
    code = party.code(browser, resource=API)
    answer = party.redeem(browser, code, resource=resource)
    found: dict[str, Any] = answer.json
    return found


def ask(browser: FlaskClient, token: str, client_id: str, **more: Any) -> Any:
    headers = {"Authorization": basic(client_id.replace(":", "%3A"), SECRET)["Authorization"], **more}
    return browser.post("/oauth/introspect", data={"token": token}, headers=headers)


def test_a_resource_server_gets_a_signed_token_for_it_alone(resident: FlaskClient, party: Party, now: Any) -> None:
    bought = api_token(party, resident)
    claims = opened(resident, bought["access_token"], "at+jwt")
    assert (claims["iss"], claims["aud"], claims["client_id"]) == ("http://localhost", API, CLIENT_ID)
    assert claims["cnf"] == {"jkt": party.proof_key.thumbprint()}
    assert claims["exp"] - claims["iat"] == bought["expires_in"] == 300
    assert claims["auth_time"] == int(now.timestamp())
    assert claims["acr"] == "urn:vn:eid:aal:2"
    assert claims["jti"]
    id_token = opened(resident, bought["id_token"], "JWT")
    assert claims["sub"] != id_token["sub"], "two sectors know a person by two names"


def test_a_token_for_a_resource_server_opens_nothing_here(resident: FlaskClient, party: Party) -> None:
    refused = party.userinfo(resident, api_token(party, resident)["access_token"])
    assert (refused.status_code, refused.json["error"]) == (401, "invalid_token")


def test_without_a_resource_at_the_token_endpoint_the_token_is_for_us(resident: FlaskClient, party: Party) -> None:
    bought = party.redeem(resident, party.code(resident, resource=API)).json
    assert bought["access_token"].count(".") == 0
    assert party.userinfo(resident, bought["access_token"]).status_code == 200
    turned = party.post(
        resident, "/oauth/token", {}, grant_type="refresh_token", refresh_token=bought["refresh_token"], resource=API
    )
    assert opened(resident, turned.json["access_token"], "at+jwt")["aud"] == API


@pytest.mark.parametrize("resource", [OTHER, "https://nobody.example", [API, API], [API, OTHER]])
def test_only_a_granted_resource_and_one_at_a_time(resident: FlaskClient, party: Party, resource: Any) -> None:
    code = party.code(resident, resource=API)
    refused = party.redeem(resident, code, resource=resource)
    assert (refused.status_code, refused.json["error"]) == (400, "invalid_target")


def test_who_may_see_a_token(resident: FlaskClient, party: Party) -> None:
    token = api_token(party, resident)["access_token"]
    own = party.post(resident, "/oauth/introspect", token=token).json
    meant = ask(resident, token, API).json
    assert own["active"]
    assert meant["active"]
    assert (meant["aud"], meant["client_id"], meant["cnf"]) == (API, CLIENT_ID, own["cnf"])
    assert meant["sub"] == opened(resident, token, "at+jwt")["sub"] != own["sub"]
    assert ask(resident, token, OTHER).json == {"active": False}
    for_us = party.tokens(resident)["access_token"]
    assert ask(resident, for_us, API).json == {"active": False}


def test_a_signed_token_that_was_revoked_or_has_ended_is_not_active(
    resident: FlaskClient, party: Party, database: Database, world: Any, clock: Clock
) -> None:
    first, second, third = (api_token(party, resident)["access_token"] for _time in range(3))
    assert ask(resident, first, API).json["active"]
    resident.post("/oauth/revoke", data={"token": first}, headers=basic(OTHER.replace(":", "%3A")))
    assert ask(resident, first, API).json["active"], "another client harms nothing"
    party.post(resident, "/oauth/revoke", token=first)
    assert ask(resident, first, API).json == {"active": False}
    clock.advance(minutes=5)
    assert ask(resident, second, API).json == {"active": False}
    clock.advance(minutes=-5)
    with database.transaction() as db:
        lock(db, get_account(db, world.account.id), Ground.HOLD, "test", SYSTEM, now=clock())
    assert ask(resident, third, API).json == {"active": False}


def test_a_description_can_be_had_signed(resident: FlaskClient, party: Party, now: Any) -> None:
    token = api_token(party, resident)["access_token"]
    answer = ask(resident, token, API, Accept=SIGNED)
    assert answer.mimetype == SIGNED
    claims = opened(resident, answer.text, "token-introspection+jwt")
    assert (claims["iss"], claims["aud"], claims["iat"]) == ("http://localhost", API, int(now.timestamp()))
    assert claims["token_introspection"] == ask(resident, token, API).json
    unknown = opened(resident, ask(resident, "nonsense", API, Accept=SIGNED).text, "token-introspection+jwt")
    assert unknown["token_introspection"] == {"active": False}
    assert "sub" not in claims


def test_a_description_is_signed_as_the_client_registered(
    client: FlaskClient, database: Database, clock: Clock
) -> None:
    with database.transaction() as db:
        machine(db, "ps", clock(), introspection_signed_response_alg="PS256")
    answer = client.post("/oauth/introspect", data={"token": "x"}, headers={**basic("ps"), "Accept": SIGNED})
    found = jwt.decode(answer.text, KeySet.import_key_set(client.get("/oauth/jwks").json), ["PS256"])
    assert found.header["alg"] == "PS256"


def test_a_machine_gets_signed_tokens_too(client: FlaskClient, database: Database, clock: Clock) -> None:
    with database.transaction() as db:
        machine(db, "robot", clock(), resources=(API,))
    form = {"grant_type": "client_credentials", "resource": API, "scope": "read"}
    answer = client.post("/oauth/token", data=form, headers=basic("robot")).json
    claims = opened(client, answer["access_token"], "at+jwt")
    assert (claims["sub"], claims["client_id"], claims["scope"]) == ("robot", "robot", "read")
    described = client.post("/oauth/introspect", data={"token": answer["access_token"]}, headers=basic("robot")).json
    assert (described["sub"], described["aud"], described["token_type"]) == ("robot", API, "Bearer")
    form["resource"] = OTHER
    assert client.post("/oauth/token", data=form, headers=basic("robot")).json["error"] == "invalid_target"


def test_a_machine_may_prove_itself_with_a_key(client: FlaskClient, database: Database, clock: Clock) -> None:
    party = Party(clock, client_id="key-robot")
    with database.transaction() as db:
        machine(db, "key-robot", clock(), auth_method="private_key_jwt", jwks=public(party.key))
    bought = party.post(client, "/oauth/token", grant_type="client_credentials")
    assert bought.json["token_type"] == "Bearer"
    bound = party.post(client, "/oauth/token", {}, grant_type="client_credentials")
    assert bound.json["token_type"] == "DPoP"
    denied = party.userinfo(client, bound.json["access_token"])
    assert (denied.status_code, denied.json["error"]) == (403, "insufficient_scope")


def test_a_refresh_token_is_described_to_its_owner_alone(resident: FlaskClient, party: Party) -> None:
    token = party.tokens(resident)["refresh_token"]
    for hint in ("refresh_token", "access_token", "anything", ""):
        described = party.post(resident, "/oauth/introspect", token=token, token_type_hint=hint).json
        assert described["token_type"] == "refresh_token"
    assert ask(resident, token, API).json == {"active": False}


def test_a_revoked_refresh_token_takes_every_token_with_it(resident: FlaskClient, party: Party, clock: Clock) -> None:
    bought = party.tokens(resident)
    party.post(resident, "/oauth/revoke", token=bought["refresh_token"], token_type_hint="access_token")
    assert party.userinfo(resident, bought["access_token"]).status_code == 401
    refused = party.post(
        resident, "/oauth/token", {}, grant_type="refresh_token", refresh_token=bought["refresh_token"]
    )
    assert refused.json["error"] == "invalid_grant"


@pytest.mark.parametrize("where", ["query", "two places", "twice in one"])
def test_a_token_in_the_address_or_sent_twice_does_not_count(
    resident: FlaskClient, database: Database, world: Any, where: str
) -> None:
    from tests.identity.oidc.making import agreed
    from tests.portal.oidc.browsing import authorize, redeem, sent_back

    with database.transaction() as db:
        agreed(db, world.account, world.client, now=world.account.issued_at)
    token = redeem(resident, sent_back(authorize(resident))["code"]).json["access_token"]
    if where == "query":
        answer = resident.get(f"/oauth/userinfo?access_token={token}")
        assert answer.status_code == 401
    else:
        sent = {"data": {"access_token": token}, "headers": bearer(token)}
        if where == "twice in one":
            sent = {"data": {"access_token": [token, "another"]}}
        answer = resident.post("/oauth/userinfo", **sent)
        assert (answer.status_code, answer.json["error"]) == (400, "invalid_request")


def test_more_scopes_than_a_token_names_are_refused_in_words(client: FlaskClient, database: Database, now: Any) -> None:
    """A machine may have been registered when nothing was said about their length."""
    many = tuple(f"scope-{n}-{'x' * 90}" for n in range(6))
    with database.transaction() as db:
        machine = {"profile": Profile.MACHINE, "redirect_uris": (), "post_logout_redirect_uris": (), "items": {}}
        a_service(db, now=now, client_id="many", scopes=many, **machine)
    asked = {"grant_type": "client_credentials"}
    refused = client.post("/oauth/token", data=asked, headers=basic("many"))
    assert (refused.status_code, refused.json["error"]) == (400, "invalid_scope")
    assert "500" in refused.json["error_description"]
    some = client.post("/oauth/token", data={**asked, "scope": " ".join(many[:4])}, headers=basic("many"))
    assert some.json["scope"] == " ".join(many[:4])
