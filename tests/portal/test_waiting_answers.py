"""The answer to a form waits for one look of the browser that sent it (`portal.answers`)."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, text

from identity.once import Ticket
from identity.session import open_session
from portal.answers import COOKIE, PURPOSE
from portal.database import Database
from portal.form_place import PLACE, place_of_form
from portal.security.cookies import SESSION
from tests.fakes import Clock
from tests.identity.oidc.making import a_resident

NAVIGATE = {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Site": "same-origin"}
WRONG = "ZZ9-NOT-A-CODE"


def send(client: FlaskClient, headers: dict[str, str] = NAVIGATE, path: str = "/status", **fields: str) -> Any:
    return client.post(path, data=fields or {"code": WRONG}, headers=headers)


def look(client: FlaskClient, path: str = "/status") -> str:
    answer: str = client.get(path, headers=NAVIGATE).text
    return answer


def test_the_answer_is_shown_once_where_the_form_stands(client: FlaskClient) -> None:
    answer = send(client)
    assert (answer.status_code, answer.headers["Location"], answer.data) == (303, "/status", b"")
    assert WRONG not in look(client, "/"), "another page takes nothing away"
    shown = client.get("/status", headers=NAVIGATE)
    assert WRONG in shown.text and "error-summary" in shown.text
    assert shown.headers["Cache-Control"] == "no-store"
    assert "Content-Security-Policy" in shown.headers
    assert WRONG not in look(client)


@pytest.mark.parametrize("missing", ["Sec-Fetch-Mode", "Sec-Fetch-Site"])
def test_programs_and_old_browsers_are_answered_at_once(client: FlaskClient, missing: str) -> None:
    answer = send(client, {name: value for name, value in NAVIGATE.items() if name != missing})
    assert answer.status_code != 303 and WRONG in answer.text
    assert 'data-answered-at="/status"' in answer.text, "the house script goes there"


@pytest.mark.parametrize(("mode", "sees"), [("same-origin", True), ("cors", False), ("no-cors", False)])
def test_a_worker_of_ours_looks_for_the_browser_and_a_script_does_not(
    client: FlaskClient, mode: str, sees: bool
) -> None:
    send(client)
    assert (WRONG in client.get("/status", headers={"Sec-Fetch-Mode": mode}).text) is sees


def test_nobody_else_sees_it_and_nobody_later(app: Flask, client: FlaskClient, clock: Clock) -> None:
    send(client)
    assert WRONG not in look(app.test_client())
    clock.advance(seconds=61)
    assert WRONG not in look(client)


def test_another_session_of_the_browser_is_not_shown_it(client: FlaskClient, database: Database, clock: Clock) -> None:
    send(client)
    with database.transaction() as db:
        resident = a_resident(db, now=clock())
        token = open_session(db, resident, ("pwd",), 1, now=clock()).token
    client.set_cookie(SESSION, token)
    assert WRONG not in look(client)


def test_what_waits_is_sealed_and_holds_neither_password_nor_code(client: FlaskClient, database: Database) -> None:
    send(client, path="/sign-in", login="001300000000", password="a-secret-of-mine")
    page = client.get("/sign-in", headers=NAVIGATE).text
    assert "001300000000" in page and "a-secret-of-mine" not in page
    send(client)
    with database.session(write=False) as db:
        tickets = db.scalars(select(Ticket).where(Ticket.purpose == PURPOSE)).all()
        raw = db.execute(text("SELECT * FROM ticket")).all()
    assert len(tickets) == 2 and WRONG not in str(raw) and "001300000000" not in str(raw)


@pytest.mark.parametrize(
    ("named", "place"),
    [
        ("/office/queue?page=2", "/office/queue?page=2"),
        ("/sign-out", None),
        ("//example.org/", None),
        ("/\\example.org", None),
        ("https://example.org/", None),
        ("/no/such/page", None),
        ("/help\r\nX: y", None),
        ("", None),
    ],
)
def test_a_form_of_another_address_is_answered_on_a_page_of_ours(app: Flask, named: str, place: str | None) -> None:
    with app.test_request_context("/sign-out", method="POST", data={PLACE: named}):
        assert place_of_form() == place
    with app.test_request_context("/status?a=1", method="POST", data={PLACE: named}):
        assert place_of_form() == "/status?a=1"


def test_the_cookie_goes_with_the_look(client: FlaskClient) -> None:
    send(client)
    assert client.get_cookie(COOKIE) is not None
    look(client)
    assert client.get_cookie(COOKIE) is None


def test_whoever_must_sign_in_first_comes_back_to_the_page_of_the_form(client: FlaskClient) -> None:
    """And not to the address of an act, which answers nobody who looks."""
    place = {PLACE: "/office/queue?filtered=1&who=mine"}
    assert (
        client.post("/office/queue/next", data=place).location
        == "/sign-in?next=/office/queue?filtered%3D1%26who%3Dmine"
    )
    for elsewhere in ({}, {PLACE: "https://elsewhere.example/"}, {PLACE: "/office/queue/next"}):
        assert client.post("/office/queue/next", data=elsewhere).location == "/sign-in?next=/"
    assert client.post("/office/break-glass", data=place).location == "/sign-in?next=/office/break-glass"
