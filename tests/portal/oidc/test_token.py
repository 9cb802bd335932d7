"""The token endpoint and what its tokens are good for."""

from __future__ import annotations

import base64
import logging
from datetime import timedelta
from typing import Any
from urllib.parse import quote_plus

import pytest
from flask.testing import FlaskClient
from joserfc import jwt
from joserfc.jwk import KeySet

from identity.account import Ground, get_account
from identity.audit import SYSTEM
from identity.locks import lock, unlock
from identity.oidc.clients import Profile
from identity.session import end_all_sessions
from portal.database import Database
from tests.fakes import Clock
from tests.identity.oidc.making import a_service
from tests.portal.oidc.browsing import authorize, basic, bearer, redeem, sent_back


def code(browser: FlaskClient, **changes: str) -> str:
    return sent_back(authorize(browser, **changes))["code"]


def claims_of(browser: FlaskClient, id_token: str) -> dict[str, Any]:
    keys = KeySet.import_key_set(browser.get("/oauth/jwks").json)
    return dict(jwt.decode(id_token, keys, ["ES256"]).claims)


def test_a_code_buys_tokens_and_an_id_token_that_says_who_and_how(friend: FlaskClient, now: Any) -> None:
    answer = redeem(friend, code(friend))
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    claims = claims_of(friend, answer.json["id_token"])
    assert claims["iss"] == "http://localhost"
    assert claims["aud"] == "a-service"
    assert claims["nonce"] == "a nonce"
    assert claims["acr"] == "urn:vn:eid:aal:2"
    assert claims["amr"] == ["pwd", "otp", "mfa"]
    assert claims["auth_time"] == int(now.timestamp())
    assert {"sub", "sid", "at_hash", "iat", "exp"} <= claims.keys()
    assert "name" not in claims


def test_userinfo_tells_what_was_agreed_and_the_same_subject(friend: FlaskClient) -> None:
    answer = redeem(friend, code(friend, scope="openid profile identity phone")).json
    told = friend.get("/oauth/userinfo", headers=bearer(answer["access_token"])).json
    assert told == {
        "sub": claims_of(friend, answer["id_token"])["sub"],
        "name": "NGUYỄN THỊ ÁNH NGUYỆT",
        "birthdate": "1958-09-02",
        "personal_number": "001158012345",
        "ial": "urn:vn:eid:ial:2",
        "phone_number": "+84912345214",
        "phone_number_verified": True,
    }


def test_claims_asked_for_the_id_token_are_in_it(friend: FlaskClient) -> None:
    answer = redeem(friend, code(friend, scope="openid", claims='{"id_token": {"name": null}}')).json
    assert claims_of(friend, answer["id_token"])["name"] == "NGUYỄN THỊ ÁNH NGUYỆT"


@pytest.mark.parametrize("where", ["header", "post", "body"])
def test_userinfo_takes_the_token_from_header_or_body(friend: FlaskClient, where: str) -> None:
    token = redeem(friend, code(friend)).json["access_token"]
    if where == "header":
        response = friend.get("/oauth/userinfo", headers=bearer(token))
    elif where == "post":
        response = friend.post("/oauth/userinfo", headers=bearer(token))
    else:
        response = friend.post("/oauth/userinfo", data={"access_token": token})
    assert response.json["sub"]


@pytest.mark.parametrize("headers", [{}, bearer("nonsense"), bearer(""), {"Authorization": "Basic x"}])
def test_without_a_live_token_userinfo_tells_nothing(client: FlaskClient, headers: dict[str, str]) -> None:
    response = client.get("/oauth/userinfo", headers=headers)
    assert response.status_code == 401
    assert response.headers["WWW-Authenticate"].startswith("Bearer")


def test_a_code_used_twice_takes_back_what_it_bought(friend: FlaskClient) -> None:
    bought = code(friend)
    token = redeem(friend, bought).json["access_token"]
    again = redeem(friend, bought)
    assert (again.status_code, again.json["error"]) == (400, "invalid_grant")
    assert friend.get("/oauth/userinfo", headers=bearer(token)).status_code == 401


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"code_verifier": "x" * 43}, "invalid_grant"),
        ({"code_verifier": ""}, "invalid_grant"),
        ({"redirect_uri": "https://service.example/other"}, "invalid_grant"),
        ({"redirect_uri": ""}, "invalid_request"),
        ({"code": ""}, "invalid_request"),
        ({"code": "nonsense"}, "invalid_grant"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"grant_type": ""}, "invalid_request"),
        ({"grant_type": "client_credentials"}, "unauthorized_client"),
    ],
)
def test_a_wrong_request_is_refused_by_name(friend: FlaskClient, changes: dict[str, str], error: str) -> None:
    response = redeem(friend, **{"code": code(friend), **changes})
    assert (response.status_code, response.json["error"]) == (400, error)


def test_a_code_ends_after_a_minute(friend: FlaskClient, clock: Clock) -> None:
    bought = code(friend)
    clock.advance(seconds=60)
    assert redeem(friend, bought).json["error"] == "invalid_grant"


@pytest.mark.parametrize(
    "headers",
    [
        {},
        basic(secret="wrong"),
        basic(client_id="nobody"),
        {"Authorization": "Basic"},
        {"Authorization": "Basic "},
        {"Authorization": "Basic ÿÿ".encode().decode("latin-1")},
        {"Authorization": "Basic /w=="},
        {"Authorization": "Bearer x"},
    ],
)
def test_a_client_that_does_not_prove_itself_gets_401(friend: FlaskClient, headers: dict[str, str]) -> None:
    response = redeem(friend, code(friend), headers)
    assert (response.status_code, response.json["error"]) == (401, "invalid_client")
    challenge = response.headers.get("WWW-Authenticate")
    assert challenge == ('Basic realm="oauth"' if headers else None)  # RFC 6749 section 5.2


def test_name_and_secret_are_form_encoded_in_the_header(friend: FlaskClient) -> None:
    """RFC 6749 section 2.3.1 and appendix B."""
    from tests.identity.oidc.making import SECRET

    for encoded in (SECRET.replace(" ", "+"), SECRET.replace(" ", "%20"), quote_plus(SECRET)):
        assert redeem(friend, code(friend), basic("a%2Dservice", encoded)).status_code == 200, encoded
    for wrong in (SECRET.replace(" ", "%2B"), "%FF", SECRET + "%", quote_plus(quote_plus(SECRET))):
        assert redeem(friend, code(friend), basic(secret=wrong)).status_code == 401, wrong


def test_a_secret_in_the_body_or_in_two_places_is_not_taken(friend: FlaskClient) -> None:
    from tests.identity.oidc.making import SECRET

    in_body = {"client_id": "a-service", "client_secret": SECRET}
    assert redeem(friend, code(friend), {}, **in_body).status_code == 401
    assert redeem(friend, code(friend), **in_body).json["error"] == "invalid_request"


def test_parameters_in_the_address_or_twice_do_not_count(friend: FlaskClient) -> None:
    in_address = friend.post("/oauth/token?grant_type=client_credentials", headers=basic())
    assert in_address.json["error"] == "invalid_request"
    twice = friend.post("/oauth/token", data={"grant_type": ["authorization_code"] * 2}, headers=basic())
    assert twice.json["error"] == "invalid_request"


def test_refresh_gives_the_next_token_and_a_retry_the_same(friend: FlaskClient) -> None:
    first = redeem(friend, code(friend)).json["refresh_token"]

    def turn(token: str, **more: str) -> Any:
        form = {"grant_type": "refresh_token", "refresh_token": token, **more}
        return friend.post("/oauth/token", data=form, headers=basic())

    second = turn(first).json
    assert turn(first).json["refresh_token"] == second["refresh_token"]
    assert claims_of(friend, second["id_token"])["sub"]
    third = turn(second["refresh_token"]).json
    assert turn(first).json["error"] == "invalid_grant"
    assert turn(third["refresh_token"]).json["error"] == "invalid_grant"
    assert friend.get("/oauth/userinfo", headers=bearer(third["access_token"])).status_code == 401


def test_the_person_reads_that_a_key_was_used_again(friend: FlaskClient, clock: Clock) -> None:
    first = redeem(friend, code(friend)).json["refresh_token"]
    form = {"grant_type": "refresh_token", "refresh_token": first}
    friend.set_cookie("language", "en")
    words = "An organisation used an old key again; its access was ended"
    for seconds, status in ((0, 200), (30, 200), (1, 400)):
        clock.advance(seconds=seconds)
        assert friend.post("/oauth/token", data=form, headers=basic()).status_code == status
        assert (words in friend.get("/account/history").text) == (status == 400)


def test_a_narrower_scope_releases_less_and_a_wider_one_is_refused(friend: FlaskClient) -> None:
    first = redeem(friend, code(friend)).json["refresh_token"]
    form = {"grant_type": "refresh_token", "refresh_token": first}
    narrow = friend.post("/oauth/token", data={**form, "scope": "openid"}, headers=basic()).json
    told = friend.get("/oauth/userinfo", headers=bearer(narrow["access_token"])).json
    assert set(told) == {"sub", "ial"}
    form["refresh_token"] = narrow["refresh_token"]
    wider = friend.post("/oauth/token", data={**form, "scope": "openid phone"}, headers=basic())
    assert wider.json["error"] == "invalid_scope"


def test_after_signing_out_only_what_was_agreed_for_offline_use_goes_on(
    friend: FlaskClient, database: Database, world: Any, now: Any
) -> None:
    online = redeem(friend, code(friend)).json["refresh_token"]
    offline = redeem(friend, code(friend, scope="openid offline_access")).json["refresh_token"]
    with database.transaction() as db:
        end_all_sessions(db, world.account.id, now=now)
    for token, status in ((online, 400), (offline, 200)):
        form = {"grant_type": "refresh_token", "refresh_token": token}
        assert friend.post("/oauth/token", data=form, headers=basic()).status_code == status


def test_a_locked_account_loses_every_token(friend: FlaskClient, database: Database, world: Any, now: Any) -> None:
    waiting = code(friend)
    bought = redeem(friend, code(friend)).json
    with database.transaction() as db:
        lock(db, get_account(db, world.account.id), Ground.HOLD, "test", SYSTEM, now=now)
    assert redeem(friend, waiting).json["error"] == "invalid_grant"
    form = {"grant_type": "refresh_token", "refresh_token": bought["refresh_token"]}
    assert friend.post("/oauth/token", data=form, headers=basic()).json["error"] == "invalid_grant"
    assert friend.get("/oauth/userinfo", headers=bearer(bought["access_token"])).status_code == 401
    asked = friend.post("/oauth/introspect", data={"token": bought["access_token"]}, headers=basic())
    assert asked.json == {"active": False}


def test_what_a_lock_took_does_not_come_back_with_its_end(
    friend: FlaskClient, database: Database, world: Any, now: Any
) -> None:
    bought = redeem(friend, code(friend, scope="openid offline_access")).json
    with database.transaction() as db:
        account = get_account(db, world.account.id)
        lock(db, account, Ground.HOLD, "test", SYSTEM, now=now)
        unlock(db, account, Ground.HOLD, "test", SYSTEM, now=now)
    assert friend.get("/oauth/userinfo", headers=bearer(bought["access_token"])).status_code == 401
    form = {"grant_type": "refresh_token", "refresh_token": bought["refresh_token"]}
    assert friend.post("/oauth/token", data=form, headers=basic()).json["error"] == "invalid_grant"


@pytest.fixture
def machine(database: Database, now: Any) -> Any:
    with database.transaction() as db:
        return a_service(
            db,
            now=now,
            client_id="machine",
            profile=Profile.MACHINE,
            redirect_uris=(),
            post_logout_redirect_uris=(),
            scopes=("statistics:read", "statistics:write"),
            items={},
        )


def test_a_machine_gets_its_registered_scopes_when_it_names_none(client: FlaskClient, machine: Any) -> None:
    form = {"grant_type": "client_credentials"}
    answer = client.post("/oauth/token", data=form, headers=basic("machine")).json
    assert answer["scope"] == "statistics:read statistics:write"
    assert "refresh_token" not in answer
    narrow = client.post("/oauth/token", data={**form, "scope": "statistics:read"}, headers=basic("machine")).json
    assert narrow["scope"] == "statistics:read"
    wide = client.post("/oauth/token", data={**form, "scope": "openid"}, headers=basic("machine")).json
    assert wide["error"] == "invalid_scope"
    assert client.get("/oauth/userinfo", headers=bearer(answer["access_token"])).status_code == 403


def test_a_client_sees_and_ends_its_own_tokens_only(friend: FlaskClient, machine: Any) -> None:
    bought = redeem(friend, code(friend)).json

    def ask(token: str, client_id: str = "a-service") -> dict[str, Any]:
        return friend.post("/oauth/introspect", data={"token": token}, headers=basic(client_id)).json

    described = ask(bought["access_token"])
    assert described["active"]
    assert described["client_id"] == "a-service"
    assert described["sub"] == claims_of(friend, bought["id_token"])["sub"]
    assert ask(bought["refresh_token"])["token_type"] == "refresh_token"
    for token in (bought["access_token"], bought["refresh_token"]):
        assert ask(token, "machine") == {"active": False}
        friend.post("/oauth/revoke", data={"token": token}, headers=basic("machine"))
    assert ask(bought["access_token"])["active"]
    assert ask("nonsense") == {"active": False}


def test_revoking_the_refresh_token_ends_the_family(friend: FlaskClient) -> None:
    bought = redeem(friend, code(friend)).json
    form = {"token": bought["refresh_token"], "token_type_hint": "anything"}
    assert friend.post("/oauth/revoke", data=form, headers=basic()).status_code == 200
    assert friend.get("/oauth/userinfo", headers=bearer(bought["access_token"])).status_code == 401
    assert friend.post("/oauth/revoke", data={"token": "nonsense"}, headers=basic()).status_code == 200
    assert friend.post("/oauth/revoke", data={}, headers=basic()).json["error"] == "invalid_request"


def test_a_public_client_redeems_with_pkce_alone(friend: FlaskClient, database: Database, world: Any, now: Any) -> None:
    from tests.identity.oidc.making import agreed

    with database.transaction() as db:
        public = a_service(db, now=now, client_id="phone-app", auth_method="none")
        agreed(db, world.account, public, now=now)
    bought = code(friend, client_id="phone-app")
    assert redeem(friend, bought, {}, client_id="phone-app").status_code == 200
    introspection = friend.post("/oauth/introspect", data={"token": "x", "client_id": "phone-app"})
    assert introspection.status_code == 401


def test_two_services_know_a_person_by_two_names(friend: FlaskClient, database: Database, world: Any, now: Any) -> None:
    from tests.identity.oidc.making import agreed

    address = "https://other.example/cb"
    with database.transaction() as db:
        other = a_service(db, now=now, client_id="other", redirect_uris=(address,), post_logout_redirect_uris=())
        agreed(db, world.account, other, now=now)
    mine = claims_of(friend, redeem(friend, code(friend)).json["id_token"])
    response = authorize(friend, client_id="other", redirect_uri=address)
    bought = response.headers["Location"].split("code=")[1].split("&")[0]
    theirs = claims_of(friend, redeem(friend, bought, basic("other"), redirect_uri=address).json["id_token"])
    assert mine["sub"] != theirs["sub"]
    assert mine["sid"] != theirs["sid"]


def test_an_access_token_lives_ten_minutes(friend: FlaskClient, clock: Clock) -> None:
    answer = redeem(friend, code(friend)).json
    assert answer["expires_in"] == 600
    clock.advance(seconds=600)
    assert friend.get("/oauth/userinfo", headers=bearer(answer["access_token"])).status_code == 401


def test_no_log_shows_a_token(friend: FlaskClient, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        answer = redeem(friend, code(friend)).json
    assert answer["access_token"] not in caplog.text
    assert logging.getLogger("authlib.oauth2.rfc6749").getEffectiveLevel() == logging.WARNING


def test_a_session_renewed_later_does_not_change_what_was_signed(friend: FlaskClient, clock: Clock, now: Any) -> None:
    bought = redeem(friend, code(friend)).json
    clock.advance(minutes=5)
    form = {"grant_type": "refresh_token", "refresh_token": bought["refresh_token"]}
    claims = claims_of(friend, friend.post("/oauth/token", data=form, headers=basic()).json["id_token"])
    assert claims["auth_time"] == int(now.timestamp())
    assert claims["iat"] == int((now + timedelta(minutes=5)).timestamp())


def test_a_client_may_have_its_answers_signed_and_encrypted(
    resident: FlaskClient, database: Database, world: Any, clock: Clock
) -> None:
    from joserfc import jwe
    from joserfc.jwk import RSAKey

    from tests.identity.oidc.making import agreed

    mine = RSAKey.generate_key(2048, {"use": "enc", "kid": "mine"})
    wrap = {f"{kind}_encrypted_response_alg": "RSA-OAEP-256" for kind in ("id_token", "userinfo")}
    said = {"jwks": {"keys": [mine.as_dict(private=False)]}, "userinfo_signed_response_alg": "PS256", **wrap}
    with database.transaction() as db:
        agreed(db, world.account, a_service(db, now=clock(), client_id="closed", **said), now=clock())
    bought = redeem(resident, code(resident, client_id="closed"), basic("closed")).json
    told = resident.get("/oauth/userinfo", headers=bearer(bought["access_token"]))
    assert told.mimetype == "application/jwt"
    keys, inside = KeySet.import_key_set(resident.get("/oauth/jwks").json), []
    for sealed in (bought["id_token"], told.text):
        opened = jwe.decrypt_compact(sealed, mine, algorithms=["RSA-OAEP-256", "A128CBC-HS256"])
        assert opened.plaintext is not None
        inside.append(jwt.decode(opened.plaintext, keys, ["ES256", "PS256"]).claims)
    assert inside[0]["sub"] == inside[1]["sub"]
    assert (inside[1]["iss"], inside[1]["aud"]) == ("http://localhost", "closed")


def test_a_code_that_came_twice_is_shown_to_the_person(friend: FlaskClient) -> None:
    """Somebody else may hold it: whoever the account belongs to reads that its access was ended."""
    code = sent_back(authorize(friend))["code"]
    redeem(friend, code)
    history = friend.get("/account/history", headers={"Accept-Language": "en"}).text
    assert "was repeated by somebody" not in history
    assert redeem(friend, code).json["error"] == "invalid_grant"
    history = friend.get("/account/history", headers={"Accept-Language": "en"}).text
    assert "A sign-in at an organisation was repeated by somebody; its access was ended" in history


@pytest.mark.any_engine
@pytest.mark.parametrize(
    "header",
    [b"[]", b"5", b"{}", b'{"alg":"ES256","kid":[]}', b'{"alg":"ES256","kid":{}}', b'{"alg":[],"kid":"x"}', b"\xff"],
)
def test_what_only_looks_like_a_token_is_unknown(client: FlaskClient, world: Any, header: bytes) -> None:
    """Its header is whatever its sender liked to write."""
    token = f"{base64.urlsafe_b64encode(header).decode().rstrip('=')}.e30.AA"
    asked = client.post("/oauth/introspect", data={"token": token}, headers=basic())
    assert (asked.status_code, asked.json) == (200, {"active": False})
    assert client.post("/oauth/revoke", data={"token": token}, headers=basic()).status_code == 200
    assert client.get("/oauth/userinfo", headers=bearer(token)).status_code == 401
    assert client.get("/oauth/end-session", query_string={"id_token_hint": token}).status_code == 400
