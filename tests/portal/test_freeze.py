"""The pages of freezing and pausing."""

from __future__ import annotations

import pytest

from identity.account import find_account
from identity.audit import VISITOR
from identity.credentials.recovery import Sheet, keep_sheet
from identity.freeze import ANYBODY, pause_once, paused_until
from identity.pausing import pause_some
from identity.session import open_session
from tests.identity.account_scene import LOGIN, PASSWORD, make_account, make_person


@pytest.fixture
def account(database, now):
    with database.transaction() as db:
        return make_account(db, now, person_id=make_person(db, now).id)


@pytest.fixture
def sheet(database, account, now):
    drawn = Sheet.draw(now)
    with database.transaction() as db:
        keep_sheet(db, account.id, drawn, now=now)
    return drawn


@pytest.fixture
def reader(client):
    client.set_cookie("language", "en")
    return client


@pytest.fixture
def signed_in(reader, database, account, now):
    with database.transaction() as db:
        reader.set_cookie("eid_session", open_session(db, db.merge(account), ("pwd",), 1, now=now).token)
    return reader


def test_every_way_is_one_page_away_from_help_and_sign_in(reader):
    for start in ("/help", "/sign-in"):
        assert 'href="/freeze"' in reader.get(start).text
    page = reader.get("/freeze").text
    assert all(f'href="{path}"' in page for path in ("/freeze/code", "/account/freeze", "/freeze/pause"))


def test_the_sheets_code_freezes_and_says_what_comes_next(reader, sheet):
    answer = reader.post("/freeze/code", data={"login": LOGIN, "code": sheet.freeze})
    assert "Nobody can use it now." in reader.get(answer.location).text
    refused = reader.post("/sign-in", data={"login": LOGIN, "password": PASSWORD})
    assert "Any office opens it again" in refused.text, "and not only the one that issued it"


def test_a_wrong_code_keeps_the_number_that_was_typed(reader, sheet):
    page = reader.post("/freeze/code", data={"login": LOGIN, "code": "AAAA-BBBB-CCCC"}).text
    assert "The number and the freeze code do not match." in page and f'value="{LOGIN}"' in page


def test_a_signed_in_device_freezes_and_is_signed_out_itself(signed_in):
    assert "also here" in signed_in.get("/account/freeze").text
    answer = signed_in.post("/account/freeze")
    assert answer.location == "/freeze/frozen"
    assert signed_in.get("/account").location.startswith("/sign-in")


def test_what_was_asked_for_on_the_page_happens(reader, database, account, now):
    reader.post("/freeze/pause", data={"login": LOGIN})
    with database.transaction() as db:
        assert paused_until(db, account.id, now=now) is None
        pause_some(db, None, now=now)
    with database.transaction() as db:
        assert paused_until(db, account.id, now=now) is not None


@pytest.mark.parametrize("login", [LOGIN, "999999999999"])
def test_a_pause_says_the_same_about_every_number(reader, account, login):
    answer = reader.post("/freeze/pause", data={"login": login})
    assert answer.location == "/freeze/paused"
    assert "If there is an account with this number" in reader.get(answer.location).text


def test_who_signs_in_during_a_pause_is_told_why_not(reader, database, account, now):
    with database.transaction() as db:
        pause_once(db, find_account(db, LOGIN), ANYBODY, VISITOR, now=now)
    page = reader.post("/sign-in", data={"login": LOGIN, "password": PASSWORD}).text
    assert "Somebody asked to stop new sign-ins" in page
    assert "Somebody asked" not in reader.post("/sign-in", data={"login": LOGIN, "password": "x"}).text


def test_the_owner_sees_the_pause_and_ends_it(signed_in, database, now):
    with database.transaction() as db:
        pause_once(db, find_account(db, LOGIN), ANYBODY, VISITOR, now=now)
    assert "New sign-ins are stopped until" in signed_in.get("/account").text
    answer = signed_in.post("/account/pause/end")
    page = signed_in.get(answer.location).text
    assert "possible again" in page and "New sign-ins are stopped until" not in page


def test_nobody_ends_the_pause_of_another_without_signing_in(reader, database, account, now):
    with database.transaction() as db:
        pause_once(db, find_account(db, LOGIN), ANYBODY, VISITOR, now=now)
    assert reader.post("/account/pause/end").location.startswith("/sign-in")
