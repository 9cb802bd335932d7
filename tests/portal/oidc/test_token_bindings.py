"""Clients with keys at the token endpoint: who they are, what their tokens are bound to."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest
from flask import Flask
from flask.testing import FlaskClient

from identity.oidc.profiles import Profile
from portal.database import Database
from portal.settings import Settings
from tests.fakes import Clock
from tests.identity.oidc.making import CALLBACK, VERIFIER, a_service, agreed, wish
from tests.identity.oidc.signing import a_certificate, a_key, certificate_keys, pem
from tests.portal.oidc.browsing import authorize, bearer, redeem, sent_back
from tests.portal.oidc.proving import CLIENT_ID, Party


@pytest.fixture
def party(database: Database, world: Any, clock: Clock) -> Party:
    return Party(clock).registered(database, world.account)


def refresh(party: Party, browser: FlaskClient, token: str, proof: dict[str, Any] | None = None, **more: Any) -> Any:
    form = {"grant_type": "refresh_token", "refresh_token": token, **more}
    return party.post(browser, "/oauth/token", {} if proof is None else proof, **form)


def test_a_fapi_client_gets_tokens_that_only_its_key_can_use(resident: FlaskClient, party: Party) -> None:
    bought = party.tokens(resident)
    assert bought["token_type"] == "DPoP"
    assert party.userinfo(resident, bought["access_token"]).json["name"] == "NGUYỄN THỊ ÁNH NGUYỆT"
    described = party.post(resident, "/oauth/introspect", token=bought["access_token"]).json
    assert described["cnf"] == {"jkt": party.proof_key.thumbprint()}
    assert described["token_type"] == "DPoP"


def test_a_token_bound_to_a_key_is_worth_nothing_without_it(resident: FlaskClient, party: Party) -> None:
    token = party.tokens(resident)["access_token"]
    stolen = resident.get("/oauth/userinfo", headers=bearer(token))
    assert stolen.status_code == 401
    assert any(line.startswith("DPoP ") for line in stolen.headers.getlist("WWW-Authenticate"))
    without = resident.get("/oauth/userinfo", headers={"Authorization": f"DPoP {token}"})
    assert (without.status_code, without.json["error"]) == (401, "invalid_dpop_proof")
    other = party.userinfo(resident, token, key=a_key())
    assert (other.status_code, other.json["error"]) == (401, "invalid_token")
    as_bearer = party.userinfo(resident, token, scheme="Bearer")
    assert (as_bearer.status_code, as_bearer.json["error"]) == (401, "invalid_token")
    assert party.userinfo(resident, token).status_code == 200


def test_a_proof_at_userinfo_is_for_this_token_this_address_and_once(resident: FlaskClient, party: Party) -> None:
    token = party.tokens(resident)["access_token"]
    for wrong in ({"access_token": "another"}, {"method": "POST"}, {"url": "http://localhost/oauth/token"}):
        assert party.userinfo(resident, token, **wrong).json["error"] == "invalid_dpop_proof"
    assert party.userinfo(resident, token, jti="one").status_code == 200
    again = party.userinfo(resident, token, jti="one")
    assert (again.status_code, again.json["error"]) == (401, "invalid_dpop_proof")
    assert party.userinfo(resident, token, nonce="invented").json["error"] == "use_dpop_nonce"


def test_a_fapi_client_is_told_a_nonce_and_may_show_the_same_assertion_again(
    resident: FlaskClient, party: Party
) -> None:
    code, assertion = party.code(resident), party.proves()
    party.nonce = None
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK, "code_verifier": VERIFIER}
    first = resident.post("/oauth/token", data={**form, **assertion}, headers=party.proof())
    assert (first.status_code, first.json["error"]) == (400, "use_dpop_nonce")
    party.nonce = first.headers["DPoP-Nonce"]
    second = resident.post("/oauth/token", data={**form, **assertion}, headers=party.proof())
    assert second.status_code == 200
    assert second.headers["DPoP-Nonce"]


def test_an_assertion_counts_once_for_all_endpoints(resident: FlaskClient, party: Party) -> None:
    assertion = party.proves()
    assert resident.post("/oauth/introspect", data={**assertion, "token": "x"}).json == {"active": False}
    for path in ("/oauth/introspect", "/oauth/revoke", "/oauth/token", "/oauth/par"):
        form = {**wish(client_id=CLIENT_ID), "token": "x", "grant_type": "refresh_token"}
        again = resident.post(path, data={**form, **assertion})
        assert (again.status_code, again.json["error"]) == (401, "invalid_client")
        assert "WWW-Authenticate" not in again.headers


@pytest.mark.parametrize(
    "changes",
    [
        {"aud": "http://localhost/oauth/token"},
        {"aud": ["http://localhost"]},
        {"exp": 1},
        {"iat": 10**10},
        {"jti": None},
        {"header": {"alg": "none"}},
        {"header": {"kid": "of-nobody"}},
        {"client_id": "a-service"},
        {"client_id": "nobody"},
    ],
)
def test_a_wrong_assertion_buys_nothing_and_harms_no_code(
    resident: FlaskClient, party: Party, changes: dict[str, Any]
) -> None:
    code = party.code(resident)
    wrong = party.redeem(resident, code, **party_proves(party, changes))
    assert (wrong.status_code, wrong.json["error"]) == (401, "invalid_client")
    assert party.redeem(resident, code).status_code == 200


def party_proves(party: Party, changes: dict[str, Any]) -> dict[str, str]:
    from tests.identity.oidc.signing import an_assertion, with_assertion

    said = {"client_id": party.client_id, **changes}
    return with_assertion(an_assertion(party.key, now=party.now(), **said))


def test_without_a_proof_a_fapi_client_gets_nothing_and_keeps_its_code(resident: FlaskClient, party: Party) -> None:
    code = party.code(resident)
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK, "code_verifier": VERIFIER}
    bare = resident.post("/oauth/token", data={**party.proves(), **form})
    assert (bare.status_code, bare.json["error"]) == (400, "invalid_dpop_proof")
    for wrong in ({"method": "GET"}, {"url": "http://localhost/oauth/par"}, {"header": {"typ": "JWT"}}):
        refused = resident.post("/oauth/token", data={**party.proves(), **form}, headers=party.proof(**wrong))
        assert (refused.status_code, refused.json["error"]) == (400, "invalid_dpop_proof")
    assert party.redeem(resident, code).status_code == 200


def test_a_code_that_was_asked_for_with_a_key_needs_it(resident: FlaskClient, party: Party) -> None:
    for wrong in (True, False):
        code = party.code(resident, dpop_jkt=party.proof_key.thumbprint())
        answer = party.redeem(resident, code, {"key": a_key()} if wrong else {})
        assert answer.status_code == (400 if wrong else 200)
        assert not wrong or answer.json["error"] == "invalid_grant"


def test_a_fapi_refresh_token_stays_and_its_tokens_follow_the_proof(resident: FlaskClient, party: Party) -> None:
    bought = party.tokens(resident)
    turned = [refresh(party, resident, bought["refresh_token"]).json for _time in range(3)]
    assert {answer["refresh_token"] for answer in turned} == {bought["refresh_token"]}
    assert len({answer["access_token"] for answer in turned}) == 3
    assert refresh(party, resident, bought["refresh_token"], {"key": a_key()}).json["token_type"] == "DPoP"
    form = {"grant_type": "refresh_token", "refresh_token": bought["refresh_token"]}
    assert resident.post("/oauth/token", data={**party.proves(), **form}).json["error"] == "invalid_dpop_proof"


def test_a_fapi_refresh_token_ends_with_its_grant(resident: FlaskClient, party: Party, clock: Clock) -> None:
    token = party.tokens(resident)["refresh_token"]
    clock.advance(hours=12)
    assert refresh(party, resident, token).json["error"] == "invalid_grant"


def test_a_public_client_binds_its_refresh_token_to_its_key(
    resident: FlaskClient, database: Database, world: Any, clock: Clock
) -> None:
    with database.transaction() as db:
        public_client = a_service(db, now=clock(), client_id="phone-app", auth_method="none")
        agreed(db, world.account, public_client, now=clock())
    party = Party(clock, client_id="phone-app")
    code = sent_back(authorize(resident, client_id="phone-app"))["code"]
    bought = redeem(resident, code, party.proof(), client_id="phone-app").json
    assert bought["token_type"] == "DPoP"
    form = {"grant_type": "refresh_token", "refresh_token": bought["refresh_token"], "client_id": "phone-app"}
    for headers in ({}, party.proof(key=a_key())):
        assert resident.post("/oauth/token", data=form, headers=headers).json["error"] == "invalid_grant"
    turned = resident.post("/oauth/token", data=form, headers=party.proof()).json
    assert turned["refresh_token"] != bought["refresh_token"]
    following = {**form, "refresh_token": turned["refresh_token"]}
    assert resident.post("/oauth/token", data=following).json["error"] == "invalid_grant"
    assert resident.post("/oauth/token", data=following, headers=party.proof()).status_code == 200


def test_a_client_that_asked_for_bound_tokens_only_gets_no_others(
    resident: FlaskClient, database: Database, world: Any, clock: Clock
) -> None:
    said = {"profile": Profile.STANDARD, "auth_method": "client_secret_basic", "dpop_bound_access_tokens": True}
    party = Party(clock, client_id="bound").registered(database, world.account, **said, jwks=None)
    from tests.portal.oidc.browsing import basic

    code = sent_back(authorize(resident, client_id="bound"))["code"]
    assert redeem(resident, code, basic("bound")).json["error"] == "invalid_dpop_proof"
    assert redeem(resident, code, {**basic("bound"), **party.proof()}).json["token_type"] == "DPoP"


def test_a_client_switched_off_in_the_middle_gets_nothing_more(
    app: Flask, resident: FlaskClient, party: Party, database: Database
) -> None:
    from sqlalchemy import update

    from identity.oidc.clients import RelyingParty

    bought, code = party.tokens(resident), party.code(resident)
    with database.transaction() as db:
        db.execute(update(RelyingParty).where(RelyingParty.client_id == CLIENT_ID).values(closed_at=party.now()))
    assert party.userinfo(resident, bought["access_token"]).status_code == 401
    app.extensions.pop("oidc")  # the few seconds for which a process keeps its copy are over
    assert party.redeem(resident, code).json["error"] == "invalid_client"
    assert refresh(party, resident, bought["refresh_token"]).json["error"] == "invalid_client"
    assert party.userinfo(resident, bought["access_token"]).status_code == 401


class TestCertificates:
    """RFC 8705, behind a proxy that tells the certificate."""

    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        return settings.model_copy(update={"trusted_proxies": ("127.0.0.1",)})

    def party(self, database: Database, world: Any, clock: Clock, **said: Any) -> Party:
        usual = {"jwks": None, "tls_client_certificate_bound_access_tokens": True}
        return Party(clock).registered(database, world.account, **{**usual, **said})

    def code(self, browser: FlaskClient, headers: dict[str, str]) -> str:
        pushed = browser.post("/oauth/par", data=wish(client_id=CLIENT_ID), headers=headers)
        assert pushed.status_code == 201, pushed.json
        query = {"client_id": CLIENT_ID, "request_uri": pushed.json["request_uri"]}
        return sent_back(browser.get("/oauth/authorize", query_string=query))["code"]

    @pytest.mark.parametrize("method", ["self_signed_tls_client_auth", "tls_client_auth"])
    def test_a_certificate_proves_the_client_and_binds_its_tokens(
        self, resident: FlaskClient, database: Database, world: Any, clock: Clock, method: str
    ) -> None:
        mine, other = a_certificate(now=clock()), a_certificate(now=clock(), name="another")
        is_named = method == "tls_client_auth"
        said = {"tls_client_auth_subject_dn": "CN=a-service"} if is_named else {"jwks": certificate_keys(mine)}
        self.party(database, world, clock, auth_method=method, **said)
        headers = {"X-Client-Cert": quote(pem(mine)), "X-Client-Verify": "SUCCESS"}
        foreign = {"X-Client-Cert": quote(pem(other)), "X-Client-Verify": "SUCCESS"}
        code = self.code(resident, headers)
        for wrong in ({}, foreign, {"X-Client-Cert": "nonsense"}):
            refused = redeem(resident, code, wrong, client_id=CLIENT_ID)
            assert (refused.status_code, refused.json["error"]) == (401, "invalid_client")
        if is_named:
            unverified = {**headers, "X-Client-Verify": "FAILED:self-signed"}
            assert redeem(resident, code, unverified, client_id=CLIENT_ID).json["error"] == "invalid_client"
        bought = redeem(resident, code, headers, client_id=CLIENT_ID).json
        assert bought["token_type"] == "Bearer"
        token = bearer(bought["access_token"])
        assert resident.get("/oauth/userinfo", headers={**token, **headers}).status_code == 200
        for wrong in ({}, foreign):
            stolen = resident.get("/oauth/userinfo", headers={**token, **wrong})
            assert (stolen.status_code, stolen.json["error"]) == (401, "invalid_token")

    def test_a_certificate_that_no_trusted_proxy_told_does_not_count(
        self, resident: FlaskClient, database: Database, world: Any, clock: Clock
    ) -> None:
        mine = a_certificate(now=clock())
        self.party(database, world, clock, auth_method="self_signed_tls_client_auth", jwks=certificate_keys(mine))
        headers = {"X-Client-Cert": quote(pem(mine)), "X-Client-Verify": "SUCCESS"}
        code = self.code(resident, headers)
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK, "code_verifier": VERIFIER}
        data = {**form, "client_id": CLIENT_ID}
        elsewhere = {"REMOTE_ADDR": "203.0.113.7"}
        refused = resident.post("/oauth/token", data=data, headers=headers, environ_base=elsewhere)
        assert refused.json["error"] == "invalid_client"
        assert resident.post("/oauth/token", data=data, headers=headers).status_code == 200

    @pytest.mark.any_engine
    @pytest.mark.parametrize(
        "smuggled",
        [
            {"X-Client-Cert": "{}", "X-Client-Verify": "NONE"},
            {"X-Client-Cert": "{}"},
            {"X-Client-Cert": "{}", "X-Client-Verify": "NONE,SUCCESS"},
            {"X-Ssl-Cert": "{}", "X-Ssl-Verify": "SUCCESS", "X-Client-Verify": "NONE"},
            {"X-Ssl-Cert": "{}", "X-Client-Verify": "SUCCESS"},
        ],
    )
    def test_a_caller_without_a_certificate_cannot_send_one_through_the_proxy(
        self, resident: FlaskClient, database: Database, world: Any, clock: Clock, smuggled: dict[str, str]
    ) -> None:
        mine = a_certificate(now=clock())
        self.party(database, world, clock, auth_method="self_signed_tls_client_auth", jwks=certificate_keys(mine))
        shown = {"X-Client-Cert": quote(pem(mine)), "X-Client-Verify": "FAILED:self-signed certificate"}
        code = self.code(resident, shown)
        sent = {name: value.format(quote(pem(mine))) for name, value in smuggled.items()}
        assert redeem(resident, code, sent, client_id=CLIENT_ID).json["error"] == "invalid_client"
        token = bearer(redeem(resident, code, shown, client_id=CLIENT_ID).json["access_token"])
        assert resident.get("/oauth/userinfo", headers={**token, **sent}).status_code == 401
        assert resident.get("/oauth/userinfo", headers={**token, **shown}).status_code == 200


def test_two_proofs_of_who_one_is_are_one_too_many(resident: FlaskClient, party: Party) -> None:
    from tests.portal.oidc.browsing import basic

    form = {"grant_type": "client_credentials", **party.proves()}
    both = resident.post("/oauth/token", data=form, headers=basic())
    assert (both.status_code, both.json["error"]) == (400, "invalid_request")
    both = resident.post("/oauth/token", data={**form, "client_secret": "x"})
    assert (both.status_code, both.json["error"]) == (400, "invalid_request")
    for wrong in ({"client_id": "a-service"}, {"client_assertion_type": "nonsense"}, {"client_assertion": ""}):
        answer = resident.post("/oauth/token", data={**form, **party.proves(), **wrong})
        assert answer.json["error"] in {"invalid_request", "invalid_client"}


def test_a_key_that_the_client_never_registered_does_not_help_a_stranger(resident: FlaskClient, party: Party) -> None:
    code = party.code(resident)
    party.key = a_key()
    assert party.redeem(resident, code).json["error"] == "invalid_client"


def test_a_proof_from_another_time_is_refused(resident: FlaskClient, party: Party) -> None:
    code = party.code(resident)
    for seconds in (-61, 61):
        stamp = int((party.now() + timedelta(seconds=seconds)).timestamp())
        assert party.redeem(resident, code, {"iat": stamp}).json["error"] == "invalid_dpop_proof"
    assert party.redeem(resident, code).status_code == 200
