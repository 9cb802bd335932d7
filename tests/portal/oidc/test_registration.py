"""Dynamic registration: who may, what is taken, what is refused by which name (RFC 7591, 7592, OpenID Registration)."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
from flask import Flask
from flask.testing import FlaskClient
from joserfc.jwk import ECKey
from sqlalchemy import select

from identity.oidc.clients import RelyingParty
from identity.oidc.invitation import invite
from portal.assembly import create_app
from portal.database import Database
from portal.gateways.fetcher import Fetcher
from portal.services import Services
from portal.settings import Settings
from tests.fakes import Clock
from tests.portal.oidc.browsing import basic, bearer
from tests.remote import Remote

CALLBACK = "https://service.example/callback"
KEY = ECKey.generate_key("P-256", {"kid": "one", "use": "sig"})
JWKS = {"keys": [KEY.as_dict(private=False)]}


@pytest.fixture
def remote(tmp_path: Path) -> Iterator[Remote]:
    with Remote(tmp_path) as server:
        yield server


@pytest.fixture
def everybody(settings: Settings, services: Services, database: Database, remote: Remote) -> FlaskClient:
    """A portal of the test setting, in which anybody may register and addresses of this machine are fetched."""
    settings = settings.model_copy(update={"open_registration": True})
    fetcher = Fetcher(loopback=True, authority=remote.authority)
    application = create_app(settings, dataclasses.replace(services, settings=settings, fetcher=fetcher), database)
    application.testing = True
    return application.test_client()


@pytest.fixture
def token(database: Database, clock: Clock) -> str:
    with database.transaction() as db:
        return invite(db, "the ministry of tests", now=clock())


def said(**changes: Any) -> dict[str, Any]:
    usual = {"client_name": "A service", "profile": "standard", "redirect_uris": [CALLBACK]}
    return {name: value for name, value in {**usual, **changes}.items() if value is not None}


def post(client: FlaskClient, document: Any, token: str | None = None) -> Any:
    return client.post("/oauth/register", json=document, headers=bearer(token) if token else {})


def refusal(answer: Any) -> tuple[int, str]:
    assert answer.headers["Cache-Control"] == "no-store"
    return answer.status_code, answer.json["error"]


def test_nobody_registers_uninvited(client: FlaskClient, database: Database) -> None:
    for headers in ({}, bearer("a guess"), {"Authorization": "Basic eDp5"}, {"Authorization": "Bearer"}):
        answer = client.post("/oauth/register", json=said(), headers=headers)
        assert refusal(answer) == (401, "invalid_token")
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    with database.session(write=False) as db:
        assert not db.scalars(select(RelyingParty)).all()


def test_an_invitation_lets_one_service_in(client: FlaskClient, token: str) -> None:
    answer = post(client, said(), token)
    assert answer.status_code == 201, answer.json
    assert answer.headers["Cache-Control"] == "no-store"
    assert refusal(post(client, said(), token)) == (401, "invalid_token")


def test_an_invitation_ends(client: FlaskClient, token: str, clock: Clock) -> None:
    clock.advance(days=8)
    assert refusal(post(client, said(), token)) == (401, "invalid_token")


def test_a_refused_document_does_not_spend_the_invitation(client: FlaskClient, token: str) -> None:
    assert refusal(post(client, said(redirect_uris=["http://service.example/"]), token)) == (
        400,
        "invalid_redirect_uri",
    )
    assert post(client, said(), token).status_code == 201


def test_a_stranger_cannot_make_us_fetch(client: FlaskClient, remote: Remote) -> None:
    address = remote.offer("/sector", b"[]")
    assert post(client, said(sector_identifier_uri=address), "a guess").status_code == 401
    assert not remote.asked


def test_what_was_registered_is_told_with_its_defaults(client: FlaskClient, token: str, clock: Clock) -> None:
    told = post(client, said(unheard_of={"a": 1}), token).json
    assert len(told.pop("client_secret")) >= 43  # 256 bits
    assert told.pop("registration_client_uri") == f"http://localhost/oauth/register/{told['client_id']}"
    assert len(told.pop("registration_access_token")) >= 43
    assert told.pop("client_id")
    assert told == {
        "client_name": "A service",
        "profile": "standard",
        "application_type": "web",
        "redirect_uris": [CALLBACK],
        "post_logout_redirect_uris": [],
        "grant_types": ["authorization_code"],
        "response_types": ["code"],
        "scope": "openid profile phone address offline_access",
        "subject_type": "pairwise",
        "token_endpoint_auth_method": "client_secret_basic",
        "id_token_signed_response_alg": "RS256",
        "require_pushed_authorization_requests": False,
        "dpop_bound_access_tokens": False,
        "client_id_issued_at": int(clock().timestamp()),
        "client_secret_expires_at": 0,
    }


def test_everything_that_we_know_is_kept_and_told(everybody: FlaskClient) -> None:
    more = {
        "client_name#vi": "Một dịch vụ",
        "contacts": ["help@service.example"],
        "client_uri": "https://service.example/",
        "logo_uri": "https://service.example/logo.png",
        "logo_uri#vi": "https://service.example/bieu-trung.png",
        "policy_uri": "https://service.example/policy",
        "tos_uri": "https://service.example/terms",
        "jwks": JWKS,
        "grant_types": ["authorization_code", "refresh_token"],
        "subject_type": "public",
        "scope": "openid phone",
        "token_endpoint_auth_method": "private_key_jwt",
        "token_endpoint_auth_signing_alg": "ES256",
        "id_token_signed_response_alg": "PS256",
        "id_token_encrypted_response_alg": "ECDH-ES",
        "id_token_encrypted_response_enc": "A256GCM",
        "userinfo_signed_response_alg": "EdDSA",
        "userinfo_encrypted_response_alg": "ECDH-ES",
        "request_object_signing_alg": "ES256",
        "request_uris": ["https://service.example/request#hash"],
        "default_max_age": 3600,
        "default_acr_values": ["urn:vn:eid:aal:2"],
        "require_auth_time": True,
        "initiate_login_uri": "https://service.example/login",
        "post_logout_redirect_uris": ["https://service.example/"],
        "backchannel_logout_uri": "https://service.example/logout",
        "backchannel_logout_session_required": True,
        "require_pushed_authorization_requests": True,
    }
    told = post(everybody, said(**more)).json
    assert more.items() <= told.items()
    assert told["userinfo_encrypted_response_enc"] == "A128CBC-HS256"
    assert "client_secret" not in told
    assert everybody.get(told["registration_client_uri"], headers=bearer(told["registration_access_token"])).json == {
        name: value for name, value in told.items() if name != "client_id_issued_at"
    }


@pytest.mark.parametrize(
    ("document", "profile"),
    [
        ({"token_endpoint_auth_method": "private_key_jwt", "jwks": JWKS, "dpop_bound_access_tokens": True}, "fapi2"),
        ({"profile": "fapi2", "token_endpoint_auth_method": "private_key_jwt", "jwks": JWKS}, "fapi2"),
        ({"token_endpoint_auth_method": "private_key_jwt", "jwks": JWKS}, "standard"),
        ({"token_endpoint_auth_method": "none"}, "standard"),
        (
            {"grant_types": ["client_credentials"], "response_types": [], "redirect_uris": None, "scope": "a b"},
            "machine",
        ),
    ],
)
def test_the_strictest_profile_that_fits_is_given(
    everybody: FlaskClient, document: dict[str, Any], profile: str
) -> None:
    told = post(everybody, said(**{"profile": None, **document})).json
    assert told.get("profile") == profile, told
    assert told["require_pushed_authorization_requests"] is (profile == "fapi2")


def test_pkce_may_be_left_out_in_the_test_setting_only(
    everybody: FlaskClient, client: FlaskClient, token: str, database: Database
) -> None:
    ids = {
        "open": post(everybody, said()).json["client_id"],
        "public": post(everybody, said(token_endpoint_auth_method="none")).json["client_id"],
        "invited": post(client, said(), token).json["client_id"],
    }
    with database.session(write=False) as db:
        rows = {row.client_id: row.pkce_required for row in db.scalars(select(RelyingParty))}
    assert {name: rows[client_id] for name, client_id in ids.items()} == {
        "open": False,
        "public": True,
        "invited": True,
    }


@pytest.mark.parametrize(
    "addresses",
    [
        [],
        "https://service.example/",
        [1],
        ["http://service.example/callback"],
        ["https://service.example/callback#part"],
        ["https://service.example/callback#"],
        ["https://user@service.example/callback"],
        ["https://service.example/a b"],
        ["https://[service/"],
        ["/callback"],
        ["javascript:alert(1)"],
        ["data:text/html,x"],
        ["urn:ietf:wg:oauth:2.0:oob"],
        ["vn.example.app:/callback"],
        ["http://localhost:9000/callback"],
        [CALLBACK] * 51 + ["x"],
        [f"https://service.example/{'x' * 2_000}"],
        [f"https://{'x' * 250}.example/callback"],
        ["http://[::1]/callback"],
        ["https://dịch-vụ.example/"],
    ],
)
def test_an_unsafe_redirect_address_is_refused(client: FlaskClient, token: str, addresses: Any) -> None:
    assert refusal(post(client, said(redirect_uris=addresses), token)) == (400, "invalid_redirect_uri")


@pytest.mark.parametrize("address", ["vn.example.app:/callback", "http://127.0.0.1/callback", "http://[::1]/callback"])
def test_a_native_application_has_addresses_of_its_own(client: FlaskClient, token: str, address: str) -> None:
    told = post(client, said(redirect_uris=[address], application_type="native"), token)
    assert told.json.get("redirect_uris") == [address], told.json


def test_a_scheme_longer_than_a_sector_may_be_is_refused(client: FlaskClient, token: str) -> None:
    document = said(redirect_uris=[f"vn.{'x' * 250}:/callback"], application_type="native")
    assert refusal(post(client, document, token)) == (400, "invalid_redirect_uri")


def test_a_native_application_and_the_test_setting_may_show_pages_of_this_machine(
    client: FlaskClient, token: str, everybody: FlaskClient
) -> None:
    document = said(policy_uri="http://localhost/privacy", post_logout_redirect_uris=["http://127.0.0.1/"])
    assert post(client, {**document, "application_type": "native"}, token).status_code == 201
    assert post(everybody, document).status_code == 201


def test_a_machine_may_hold_as_many_scopes_as_a_token_can_name(client: FlaskClient, token: str) -> None:
    scope = " ".join(f"{n}-{'x' * 97}" for n in range(5)) + "x"
    told = post(client, {"grant_types": ["client_credentials"], "scope": scope}, token).json
    login = basic(told["client_id"], told["client_secret"])
    granted = client.post("/oauth/token", data={"grant_type": "client_credentials"}, headers=login)
    assert (len(scope), granted.status_code, granted.json.get("scope")) == (500, 200, scope)


@pytest.mark.parametrize(
    "wrong",
    [
        {"response_types": ["token"]},
        {"response_types": ["code id_token"]},
        {"grant_types": ["implicit"]},
        {"grant_types": ["password", "authorization_code"]},
        {"grant_types": ["refresh_token"]},
        {"grant_types": ["client_credentials"], "response_types": ["code"]},
        {"token_endpoint_auth_method": "client_secret_jwt"},
        {"token_endpoint_auth_method": "private_key_jwt"},
        {"token_endpoint_auth_method": "tls_client_auth"},
        {"profile": "fapi2"},
        {"profile": "own"},
        {"jwks": JWKS, "jwks_uri": "https://service.example/keys"},
        {"jwks": {"keys": [KEY.as_dict(private=True)]}},
        {"jwks": {"keys": [*JWKS["keys"], KEY.as_dict(private=True)]}},
        {"jwks": {"keys": []}},
        {"jwks": {"keys": [{"kty": "oct", "k": "AAAA"}]}},
        {"jwks": "{}"},
        {"jwks_uri": "http://service.example/keys"},
        {"jwks_uri": 1},
        {"id_token_signed_response_alg": "none"},
        {"id_token_signed_response_alg": "HS256"},
        {"userinfo_signed_response_alg": "RS512"},
        {"id_token_encrypted_response_enc": "A256GCM"},
        {"id_token_encrypted_response_alg": "RSA1_5", "jwks": JWKS},
        {"id_token_encrypted_response_alg": "ECDH-ES"},
        {"subject_type": "transient"},
        {"application_type": "desktop"},
        {"default_max_age": -1},
        {"default_max_age": "1"},
        {"default_max_age": True},
        {"require_auth_time": "true"},
        {"contacts": "help@service.example"},
        {"logo_uri": "http://service.example/logo.png"},
        {"policy_uri": "javascript:alert(1)"},
        {"tos_uri#vi": "data:text/html,x"},
        {"client_uri": "https://user@service.example/"},
        {"initiate_login_uri": "http://service.example/login"},
        {"backchannel_logout_uri": "http://service.example/logout"},
        {"backchannel_logout_session_required": True},
        {"request_uris": ["http://service.example/request"]},
        {"post_logout_redirect_uris": ["http://service.example/"]},
        {"post_logout_redirect_uris": [f"https://{'x' * 250}.example/"]},
        {"post_logout_redirect_uris": ["http://localhost/"]},
        {"sector_identifier_uri": f"https://{'x' * 250}.example/sector"},
        {"policy_uri": "http://localhost/privacy"},
        {"tos_uri#vi": "http://127.0.0.1/terms"},
        {"client_uri": "http://[::1]/"},
        {"logo_uri": "http://localhost:9000/logo.png"},
        {"initiate_login_uri": "http://localhost/login"},
        {"grant_types": ["client_credentials"], "scope": " ".join(f"{n}-{'x' * 90}" for n in range(6))},
        {"redirect_uris": [CALLBACK, "https://other.example/callback"], "subject_type": "pairwise"},
        {"client_name": "x" * 201},
        {"client_name": "two\nlines"},
        {"client_name": ["A"]},
        {"jwks": {**JWKS, "deep": orjson.loads("[" * 300 + "]" * 300)}},
    ],
)
def test_metadata_that_cannot_be_meant_are_refused(client: FlaskClient, token: str, wrong: dict[str, Any]) -> None:
    answer = post(client, said(**wrong), token)
    assert refusal(answer) == (400, "invalid_client_metadata")
    member = answer.json["error_description"].split()[0]
    assert member.partition("#")[0] in {
        *(name.partition("#")[0] for name in wrong),
        *(
            "grant_types",
            "jwks_uri",
            "sector_identifier_uri",
            "tls_client_auth_subject_dn",
            "token_endpoint_auth_method",
        ),
    }


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"id_token_signed_response_alg": "HS256"}, "id_token_signed_response_alg must be one of: ES256, PS256"),
        ({"userinfo_encrypted_response_enc": "A256GCM"}, "is of use only beside userinfo_encrypted_response_alg"),
        ({"jwks_uri": "https://service.example/jwks", "jwks": JWKS}, "jwks must not be given beside jwks_uri"),
        ({"tls_client_auth_san_dns": "service.example"}, "exactly one of tls_client_auth_subject_dn"),
        ({"logo_uri": "http://service.example/"}, "logo_uri must be an https address without user or fragment"),
        ({"backchannel_logout_session_required": True}, "is of use only beside backchannel_logout_uri"),
        ({"id_token_encrypted_response_alg": "ECDH-ES"}, "jwks_uri or jwks is needed for id_token_encrypted_"),
        ({"token_endpoint_auth_method": "private_key_jwt"}, "is needed for token_endpoint_auth_method private_key_jwt"),
    ],
)
def test_a_developer_is_told_what_is_wrong_with_a_member(
    client: FlaskClient, token: str, wrong: dict[str, Any], told: str
) -> None:
    assert told in post(client, said(**wrong), token).json["error_description"]


@pytest.mark.parametrize("body", [b"", b"[]", b"null", b"{", b"1", b"\xff", b"{}" + b" " * 70_000])
def test_what_is_no_document_is_refused(client: FlaskClient, token: str, body: bytes) -> None:
    for media_type in ("application/json", "application/x-www-form-urlencoded"):
        answer = client.post("/oauth/register", data=body, content_type=media_type, headers=bearer(token))
        assert refusal(answer)[0] in {400, 413}


@pytest.mark.parametrize(
    ("answered", "is_right"),
    [
        ([CALLBACK, "https://other.example/callback"], True),
        ([CALLBACK, "https://other.example/callback", "https://third.example/"], True),
        ([CALLBACK], False),
        ({"uris": [CALLBACK]}, False),
        ([[CALLBACK]], False),
    ],
)
def test_the_document_of_a_sector_names_every_address(
    everybody: FlaskClient, remote: Remote, database: Database, answered: Any, is_right: bool
) -> None:
    address = remote.offer("/sector", orjson.dumps(answered))
    addresses = [CALLBACK, "https://other.example/callback"]
    answer = post(everybody, said(redirect_uris=addresses, sector_identifier_uri=address))
    assert answer.status_code == (201 if is_right else 400), answer.json
    if is_right:
        with database.session(write=False) as db:
            assert db.scalars(select(RelyingParty)).one().sector == "localhost"
    else:
        assert answer.json["error"] == "invalid_client_metadata"


@pytest.mark.parametrize(
    "address",
    [
        *(
            "https://127.0.0.1/sector",
            "https://169.254.169.254/latest",
            "https://[::ffff:10.0.0.1]/",
            "https://10.0.0.1/",
        ),
        *("https://no-such-host.invalid/", "https://localhost:1/"),
    ],
)
def test_a_sector_inside_our_network_is_not_fetched(client: FlaskClient, token: str, address: str) -> None:
    answer = post(client, said(sector_identifier_uri=address), token)
    assert refusal(answer) == (400, "invalid_client_metadata")


def registered(client: FlaskClient, token: str | None = None, **changes: Any) -> dict[str, Any]:
    answer = post(client, said(**changes), token)
    assert answer.status_code == 201, answer.json
    return dict(answer.json)


def changed(client: FlaskClient, told: Mapping[str, Any], document: Mapping[str, Any], token: str = "") -> Any:
    headers = bearer(token or told["registration_access_token"])
    return client.put(told["registration_client_uri"], json=document, headers=headers)


def test_a_registration_is_replaced_as_a_whole(everybody: FlaskClient) -> None:
    told = registered(everybody, policy_uri="https://service.example/policy")
    document = said(client_id=told["client_id"], client_secret=told["client_secret"], client_name="Another name")
    answer = changed(everybody, told, document)
    assert (answer.status_code, answer.json["client_name"]) == (200, "Another name")
    assert "policy_uri" not in answer.json
    assert "client_secret" not in answer.json, "the secret stays, and is shown once only"
    again = everybody.get(told["registration_client_uri"], headers=bearer(told["registration_access_token"]))
    assert again.json["client_name"] == "Another name"


def test_a_client_that_needs_a_secret_now_gets_one(everybody: FlaskClient) -> None:
    told = registered(everybody, token_endpoint_auth_method="none")
    assert "client_secret" not in told
    answer = changed(everybody, told, said(client_id=told["client_id"]))
    assert len(answer.json["client_secret"]) >= 43


@pytest.mark.parametrize(
    "wrong",
    [
        {"client_id": None},
        {"client_id": "another"},
        {"client_secret": "another"},
        {"client_secret": 1},
        {"registration_access_token": "x"},
        {"registration_client_uri": "x"},
        {"client_secret_expires_at": 0},
        {"client_id_issued_at": 0},
    ],
)
def test_a_change_that_would_take_what_is_ours_is_refused(everybody: FlaskClient, wrong: dict[str, Any]) -> None:
    told = registered(everybody)
    assert refusal(changed(everybody, told, said(**{"client_id": told["client_id"], **wrong}))) == (
        400,
        "invalid_request",
    )


def test_a_change_is_held_to_the_same_rules(everybody: FlaskClient) -> None:
    told = registered(everybody)
    document = said(client_id=told["client_id"], redirect_uris=["http://service.example/"])
    assert refusal(changed(everybody, told, document)) == (400, "invalid_redirect_uri")


def test_only_its_own_token_speaks_for_a_registration(everybody: FlaskClient) -> None:
    mine, other = registered(everybody), registered(everybody)
    address, strange = mine["registration_client_uri"], other["registration_access_token"]
    for headers in ({}, bearer(strange), bearer("a guess"), basic(mine["client_id"], mine["client_secret"])):
        assert refusal(everybody.get(address, headers=headers)) == (401, "invalid_token")
        assert refusal(everybody.put(address, json=said(), headers=headers)) == (401, "invalid_token")
        assert refusal(everybody.delete(address, headers=headers)) == (401, "invalid_token")
    assert refusal(everybody.get("/oauth/register/nobody", headers=bearer(strange))) == (401, "invalid_token")


def test_an_ended_registration_is_gone_at_once(everybody: FlaskClient) -> None:
    told = registered(everybody)
    token = bearer(told["registration_access_token"])
    assert everybody.delete(told["registration_client_uri"], headers=token).status_code == 204
    assert refusal(everybody.get(told["registration_client_uri"], headers=token)) == (401, "invalid_token")
    login = basic(told["client_id"], told["client_secret"])
    answer = everybody.post("/oauth/token", data={"grant_type": "authorization_code", "code": "x"}, headers=login)
    assert refusal(answer) == (401, "invalid_client")


def test_tokens_of_a_registration_are_kept_as_hashes_only(everybody: FlaskClient, database: Database) -> None:
    told = registered(everybody)
    with database.session(write=False) as db:
        row = str(db.execute(select(RelyingParty.__table__)).one())
    assert told["registration_access_token"] not in row
    assert told["client_secret"] not in row


def test_a_registered_client_authenticates(everybody: FlaskClient, app: Flask) -> None:
    told = registered(everybody, profile="machine", redirect_uris=None, scope="statistics", response_types=None)
    login = basic(told["client_id"], told["client_secret"])
    answer = everybody.post("/oauth/token", data={"grant_type": "client_credentials"}, headers=login)
    assert answer.json["scope"] == "statistics"


def test_the_clock_of_an_invitation_is_days(database: Database, clock: Clock, client: FlaskClient) -> None:
    with database.transaction() as db:
        short = invite(db, "in a hurry", now=clock(), life=timedelta(minutes=5))
    clock.advance(minutes=6)
    assert post(client, said(), short).status_code == 401


def test_fapi_is_what_an_invited_service_gets_that_names_no_profile(client: FlaskClient, token: str) -> None:
    """A secret, or no proof at all, is for whoever says that it cannot do better yet."""
    for method in ("client_secret_basic", "client_secret_post", "none"):
        answer = post(client, said(profile=None, token_endpoint_auth_method=method), token)
        assert refusal(answer) == (400, "invalid_client_metadata")
        assert "profile is fapi2" in answer.json["error_description"]
    told = registered(client, token, profile=None, jwks=JWKS)
    assert (told["profile"], told["token_endpoint_auth_method"]) == ("fapi2", "private_key_jwt")
    assert told["require_pushed_authorization_requests"] is True


def test_an_invited_machine_need_not_say_that_it_is_one(client: FlaskClient, token: str) -> None:
    machine = {"redirect_uris": None, "grant_types": ["client_credentials"], "scope": "statistics"}
    assert registered(client, token, profile=None, **machine)["profile"] == "machine"


@pytest.mark.parametrize("silence", [{}, {"profile": None}], ids=["left out", "null"])
def test_a_change_that_names_no_profile_leaves_it(client: FlaskClient, token: str, silence: dict[str, Any]) -> None:
    told = registered(client, token)
    document = said(client_id=told["client_id"], profile=None) | silence
    answer = changed(client, told, document)
    assert (answer.status_code, answer.json["profile"]) == (200, "standard")
