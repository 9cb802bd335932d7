"""Who was on the way to a service and had to do something else first finds the way on at the end of that."""

from __future__ import annotations

import re
from html import unescape
from typing import Any
from urllib.parse import urlencode

import pytest
from flask.testing import FlaskClient

from identity.oidc.clients import close
from portal.database import Database
from tests.fakes import Clock
from tests.identity.oidc.making import signed_in, wish
from tests.portal.oidc.browsing import authorize, basic, sent_back

WAYS_OUT = ("/recover", "/activate", "/apply")
ENDS = ("/recover/done", "/activate/done")


def leave(client: FlaskClient, path: str, target: str | None = None) -> None:
    """From the sign-in page to another one, as its links lead."""
    if target is None:
        page = client.get(authorize(client).headers["Location"]).text
        link = re.findall(rf'href="({path}\?next=[^"]+)"', page)[0]
    else:
        link = f"{path}?{urlencode({'next': target})}"
    assert client.get(unescape(link)).status_code == 200


def way_on(client: FlaskClient, path: str) -> str | None:
    page = client.get(path)
    assert page.status_code == 200
    found = re.findall(r'href="([^"]+)" id="go-on"', page.text)
    return unescape(found[0]) if found else None


def come_in(client: FlaskClient, database: Database, world: Any, now: Any) -> None:
    with database.transaction() as db:
        client.set_cookie("eid_session", signed_in(db, world.account, now=now).token)


@pytest.mark.parametrize("path", WAYS_OUT)
def test_the_account_leads_on_to_the_service(
    client: FlaskClient, database: Database, world: Any, clock: Clock, path: str
) -> None:
    leave(client, path)
    come_in(client, database, world, clock())
    client.set_cookie("language", "en")
    assert "You were on the way to A test service" in client.get("/account").text
    back = way_on(client, "/account")
    assert back is not None
    assert 'id="approve"' in client.get(back).text
    assert way_on(client, "/account") is None, "on the way again, so it is over"


@pytest.mark.parametrize("path", ENDS)
def test_so_does_the_end_on_a_phone_where_nothing_stays(client: FlaskClient, world: Any, path: str) -> None:
    assert way_on(client, path) is None
    leave(client, "/recover")
    back = way_on(client, path)
    assert back is not None
    assert client.get(back).headers["Location"].startswith("/sign-in")


def test_a_pushed_request_is_offered_as_long_as_it_stands(client: FlaskClient, world: Any, clock: Clock) -> None:
    pushed = client.post("/oauth/par", data=wish(), headers=basic()).json["request_uri"]
    opened = client.get("/oauth/authorize", query_string={"client_id": "a-service", "request_uri": pushed})
    leave(client, "/recover", re.findall("next=([^&]+)", opened.headers["Location"])[0].replace("%2F", "/"))


def test_after_two_hours_nothing_is_offered(client: FlaskClient, world: Any, clock: Clock) -> None:
    leave(client, "/recover")
    clock.advance(minutes=119)
    assert way_on(client, "/recover/done") is not None
    clock.advance(minutes=2)
    assert way_on(client, "/recover/done") is None


def test_a_service_that_was_closed_is_not_offered(
    app: Any, client: FlaskClient, database: Database, world: Any, clock: Clock
) -> None:
    leave(client, "/recover")
    with database.transaction() as db:
        close(db, "a-service", now=clock())
    app.extensions["oidc"].clients.forget("a-service")
    assert way_on(client, "/recover/done") is None


def test_nothing_else_is_kept(client: FlaskClient, world: Any) -> None:
    for target in (
        "https://evil.example/oauth/authorize?client_id=a-service",
        "//evil.example/oauth/authorize",
        "/account/consents",
        "/oauth/authorize",
        "/oauth/authorize?" + urlencode(wish(client_id="nobody")),
        "/oauth/authorize?" + urlencode(wish(redirect_uri="https://evil.example/cb")),
        "/oauth/authorize?" + urlencode(wish(state="s" * 3_000)),
        "/oauth/authorize?" + urlencode({"client_id": "a-service", "request_uri": "urn:x"}),
    ):
        leave(client, "/recover", target)
        assert client.get_cookie("eid_onward") is None, target


def test_a_way_that_we_did_not_write_is_not_offered(client: FlaskClient, world: Any) -> None:
    leave(client, "/recover")
    cookie = client.get_cookie("eid_onward")
    assert cookie is not None
    _until, seal, target = cookie.value.split(".")
    later = f"99999999999.{seal}.{target}"
    for kept in (cookie.value[:-4] + "AAAA", "9" + cookie.value, f"{seal}.{target}", later, "a.b.c", "1..é", ""):
        client.set_cookie("eid_onward", kept)
        assert way_on(client, "/recover/done") is None, kept
    client.set_cookie("eid_onward", cookie.value)
    assert way_on(client, "/recover/done") is not None


def test_the_person_who_agreed_before_is_back_at_once(
    friend: FlaskClient, database: Database, world: Any, clock: Clock
) -> None:
    friend.delete_cookie("eid_session")
    leave(friend, "/recover")
    come_in(friend, database, world, clock())
    assert "code" in sent_back(friend.get(way_on(friend, "/account") or ""))
