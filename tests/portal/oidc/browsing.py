"""A browser of a resident and the back channel of a service, over the portal's test client."""

from __future__ import annotations

import base64
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from flask import Flask
from flask.testing import FlaskClient

from portal.database import Database
from tests.identity.oidc.making import CALLBACK, SECRET, VERIFIER, signed_in, wish


def browser(app: Flask, database: Database, account: Any, now: Any, *, aal: int = 2) -> FlaskClient:
    """A browser in which this account has just signed in."""
    with database.transaction() as db:
        opened = signed_in(db, account, now=now, aal=aal)
    client = app.test_client()
    client.set_cookie("eid_session", opened.token)
    return client


def authorize(client: FlaskClient, **changes: str) -> Any:
    return client.get("/oauth/authorize?" + urlencode(wish(**changes)))


def sent_back(response: Any) -> dict[str, str]:
    """The parameters of an answer that went back to the service."""
    assert response.status_code == 303, response.text
    address = response.headers["Location"]
    assert address.startswith(CALLBACK + "?"), address
    return dict(parse_qsl(urlsplit(address).query))


def basic(client_id: str = "a-service", secret: str = SECRET) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"{client_id}:{secret}".encode()).decode()}


def redeem(client: FlaskClient, code: str, headers: dict[str, str] | None = None, **changes: str) -> Any:
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": CALLBACK,
        "code_verifier": VERIFIER,
        **changes,
    }
    sent = {name: value for name, value in form.items() if value}
    return client.post("/oauth/token", data=sent, headers=basic() if headers is None else headers)


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}
