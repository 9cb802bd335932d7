"""A program that calls is answered in its own language, JSON, also when things go wrong on our side."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text
from sqlalchemy.exc import OperationalError
from structlog.testing import capture_logs

from portal.database import Database
from tests.identity.oidc.making import wish
from tests.portal.oidc.browsing import authorize, basic, sent_back

DOCUMENTS = ("/.well-known/openid-configuration", "/.well-known/oauth-authorization-server", "/oauth/jwks")
POSTED = ("/oauth/token", "/oauth/par", "/oauth/revoke", "/oauth/introspect")


@pytest.mark.parametrize(
    ("method", "path"),
    [*(("GET", path) for path in POSTED), *(("POST", path) for path in DOCUMENTS), ("DELETE", "/oauth/userinfo")],
)
def test_a_wrong_method_is_told_in_json(client: FlaskClient, method: str, path: str) -> None:
    answer = client.open(path, method=method, headers={"Accept": "text/html"})
    assert (answer.status_code, answer.json["error"]) == (405, "invalid_request")
    assert answer.json["error_description"].isascii()
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Allow"]


@pytest.mark.parametrize("path", ["/oauth/jwks", *POSTED, "/oauth/userinfo"])
def test_a_database_that_is_away_is_told_in_json(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    def away(*_: object, **__: object) -> None:
        raise OperationalError("SELECT 1", {}, Exception("away"))

    monkeypatch.setattr(Database, "session", away)
    app.testing = False
    method = "POST" if path in POSTED else "GET"
    headers = {"Authorization": "Bearer what"} if path == "/oauth/userinfo" else basic()
    form = {"grant_type": "client_credentials", "token": "what"} if method == "POST" else None
    answer = client.open(path, method=method, headers=headers, data=form)
    assert (answer.status_code, answer.json["error"]) == (503, "temporarily_unavailable")
    assert answer.headers["Cache-Control"] == "no-store"


def test_keys_that_cannot_be_opened_are_told_in_json(app: Flask, client: FlaskClient, database: Database) -> None:
    assert client.get("/oauth/jwks").status_code == 200
    with database.transaction() as db:
        db.execute(text("UPDATE signing_key SET private_sealed = :sealed"), {"sealed": b"\x01" + b"altered" * 9})
    app.extensions.pop("oidc")
    app.testing, app.config["PROPAGATE_EXCEPTIONS"] = False, False
    answer = client.get("/oauth/jwks")
    assert (answer.status_code, answer.json["error"]) == (500, "server_error")
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_person_still_reads_a_page(client: FlaskClient) -> None:
    answer = client.delete("/oauth/authorize")
    assert (answer.status_code, answer.mimetype) == (405, "text/html")


def test_an_integrator_finds_the_rule_by_the_id_of_the_request(client: FlaskClient, world: Any) -> None:
    with capture_logs() as log:
        answer = authorize(client, code_challenge_method="plain", login_hint="001158012345")
    found = [entry for entry in log if entry["event"] == "request-refused"]
    assert len(found) == 1
    assert (found[0]["client"], found[0]["error"]) == ("a-service", "invalid_request")
    assert "RFC 7636" in found[0]["rule"]
    assert found[0]["description"] == sent_back(answer)["error_description"]
    assert answer.headers["X-Request-Id"]
    assert "001158012345" not in str(log)


def test_a_refused_push_is_in_the_log_too(client: FlaskClient, world: Any) -> None:
    with capture_logs() as log:
        client.post("/oauth/par", data=wish(redirect_uri="https://evil.example/"), headers=basic())
    assert [entry["rule"] for entry in log if entry["event"] == "request-refused"] == ["RFC 9126 section 2"]


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", "You cannot sign in to this service now"), ("vi", "Chưa đăng nhập được vào dịch vụ này")],
)
def test_the_page_names_the_organisation_the_reason_and_the_reference(
    client: FlaskClient, world: Any, language: str, words: str
) -> None:
    client.set_cookie("language", language)
    answer = authorize(client, redirect_uri="https://evil.example/")
    text = unescape(answer.text)
    assert words in text
    assert "help@service.example" in text
    assert "address-not-registered" in text
    assert answer.headers["X-Request-Id"] in text
    assert "evil.example" not in re.sub("<[^>]*>", "", text)


A_CODE = {"grant_type": "authorization_code", "code": "a-lost-code", "redirect_uri": "https://service.example/cb"}
NOBODY = basic(secret="a wrong secret")


@pytest.mark.parametrize(
    ("path", "form", "headers", "error", "client_id"),
    [
        ("/oauth/token", A_CODE, NOBODY, "invalid_client", None),
        ("/oauth/token", A_CODE, basic(), "invalid_grant", "a-service"),
        ("/oauth/token", {"grant_type": "of a kind"}, basic(), "unsupported_grant_type", None),
        ("/oauth/introspect", {}, basic(), "invalid_request", "a-service"),
        ("/oauth/introspect", {"token": "a-lost-code"}, NOBODY, "invalid_client", None),
        ("/oauth/revoke", {}, basic(), "invalid_request", "a-service"),
    ],
)
def test_every_refusal_to_a_program_is_in_the_log_once(
    client: FlaskClient, world: Any, path: str, form: Any, headers: Any, error: str, client_id: str | None
) -> None:
    with capture_logs() as log:
        answer = client.post(path, data=form, headers=headers)
    assert answer.json["error"] == error
    (found,) = [entry for entry in log if entry["event"] == "request-refused"]
    assert (found["error"], found["client"]) == (error, client_id)
    assert found["description"] == answer.json["error_description"] != ""
    assert "a-lost-code" not in str(log) and "a wrong secret" not in str(log) and "of a kind" not in str(log)


def test_a_refused_registration_is_in_the_log_once(client: FlaskClient) -> None:
    with capture_logs() as log:
        bad = client.post("/oauth/register", json={"redirect_uris": "no list", "client_name": "Whoever"})
        client.get("/oauth/register/nobody", headers={"Authorization": "Bearer what"})
    found = [entry for entry in log if entry["event"] == "request-refused"]
    assert [entry["error"] for entry in found] == [bad.json["error"], "invalid_token"]
    assert found[0]["description"] == bad.json["error_description"] != ""
    assert "Whoever" not in str(log)


def test_the_page_speaks_the_language_that_the_service_asks_for(client: FlaskClient, world: Any) -> None:
    wrong = {"redirect_uri": "https://evil.example/"}
    assert "You cannot sign in to this service now" in authorize(client, ui_locales="en", **wrong).text
    client.set_cookie("language", "vi")
    assert "Chưa đăng nhập được vào dịch vụ này" in authorize(client, ui_locales="en", **wrong).text
