"""A program that calls is answered in its own language, JSON, also when things go wrong on our side."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from portal.database import Database
from tests.portal.oidc.browsing import basic

DOCUMENTS = ("/.well-known/openid-configuration", "/.well-known/oauth-authorization-server", "/oauth/jwks")
POSTED = ("/oauth/token", "/oauth/revoke", "/oauth/introspect")


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
