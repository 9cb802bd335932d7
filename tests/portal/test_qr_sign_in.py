"""Signing in on a computer with a phone, through the pages of both; and codes by SMS where they are allowed."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select

from identity.account import Account
from identity.credentials import qr, sms_factor
from identity.session import find_session, open_session
from portal.settings import Setting, Settings
from tests.identity.account_scene import LOGIN, PASSWORD, sent_otp
from tests.identity.oidc.making import a_service
from tests.identity.recovery_scene import make_owner

LOCK = ("hwk", "user", "mfa")


@pytest.fixture
def settings(tmp_path):
    return Settings(
        setting=Setting.TEST, issuer="http://localhost", secret_key="a secret key that only the tests use",
        var=tmp_path, rate_limits=False, sms_second_factor=True,
    )  # fmt: skip


@pytest.fixture
def owner(database, now):
    with database.transaction() as db:
        return make_owner(db, now)


@pytest.fixture
def phone(app, database, owner, now):
    browser = app.test_client()
    browser.set_cookie("language", "en")
    with database.transaction() as db:
        browser.set_cookie("eid_session", open_session(db, db.get(Account, owner.id), LOCK, 2, now=now).token)
    return browser


@pytest.fixture
def computer(client):
    client.set_cookie("language", "en")
    return client


def picture(database, now):
    """The address in the picture of the one computer that waits, its number and its id."""
    with database.session(write=False) as db:
        row = db.scalars(select(qr.QrSignIn)).one()
        return f"/qr/{qr.token(db, row, now=now)}", row.number, row.id


def answer(phone, address, given, qr_id):
    asked = re.search(r'name="asked" value="(\w+)"', phone.get(address).text).group(1)
    return phone.post(f"/qr/{qr_id}/answer", data={"asked": asked, "number": str(given)})


def test_a_phone_signs_a_computer_in_where_it_was_going(computer, phone, database, now):
    computer.post("/sign-in/qr", query_string={"next": "/account/history"})
    shown = computer.get("/sign-in/qr?next=/account/history").text
    address, number, qr_id = picture(database, now)
    assert str(number) in shown and computer.get("/sign-in/qr/state").json == {"state": "waiting"}
    page = phone.get(address).text
    assert "A computer asks to sign you in" in page and "127.0.0.1" in page
    assert "The computer is signed in" in phone.get(answer(phone, address, number, qr_id).location).text
    assert computer.get("/sign-in/qr/state").json == {"state": "approved"}
    done = computer.post("/sign-in/qr/finish?next=/account/history", data={"qr": str(qr_id)})
    assert done.location == "/account/history"
    with database.session(write=False) as db:
        token = computer.get_cookie("eid_session").value
        assert find_session(db, token, now=now).amr == ("hwk", "user", "mfa", "mca")


@pytest.mark.parametrize("path", ["sign-in-ways", "contact", "recover"])
def test_the_yes_of_a_phone_changes_no_way_to_sign_in(computer, phone, database, now, path):
    """Whoever was talked into a yes must not lose the account for good."""
    computer.post("/sign-in/qr")
    address, number, qr_id = picture(database, now)
    answer(phone, address, number, qr_id)
    computer.post("/sign-in/qr/finish", data={"qr": str(qr_id)})
    assert computer.get("/account").status_code == 200
    refused = computer.get(f"/account/{path}")
    assert refused.location == f"/sign-in?next=/account/{path}&again=1&lent=1"
    page = computer.get(refused.location).text
    assert "prove it here yourself" in page and 'id="begin-qr"' not in page
    assert phone.get(f"/account/{path}").status_code == 200


def test_no_is_as_easy_as_yes_and_nobody_is_signed_in(computer, phone, database, now):
    computer.post("/sign-in/qr")
    address, _number, qr_id = picture(database, now)
    assert "Nobody is signed in" in phone.get(answer(phone, address, "no", qr_id).location).text
    assert "Your phone said no" in computer.post("/sign-in/qr/finish", data={"qr": str(qr_id)}).text
    assert computer.get("/account").location.startswith("/sign-in")


@pytest.mark.parametrize("given", ["1", "x", "", "-5", "１２", "9" * 400])
def test_any_other_number_signs_nobody_in(computer, phone, database, now, given):
    computer.post("/sign-in/qr")
    address, _number, qr_id = picture(database, now)
    assert answer(phone, address, given, qr_id).location.endswith("answer=wrong")
    assert computer.get("/sign-in/qr/state").json == {"state": "refused"}


def test_an_old_picture_and_a_strangers_browser_are_refused(app, computer, phone, database, now, clock):
    computer.post("/sign-in/qr")
    address, number, qr_id = picture(database, now)
    answer(phone, address, number, qr_id)
    stranger = app.test_client()
    stranger.set_cookie("language", "en")
    page = stranger.post("/sign-in/qr/finish", data={"qr": str(qr_id)}).text
    assert "This was begun in another browser." in page
    clock.advance(seconds=61)
    assert "This picture is too old." in phone.get(address).text


def test_a_phone_that_is_not_signed_in_signs_in_first_and_comes_back(computer, app, database, now):
    computer.post("/sign-in/qr")
    address, *_rest = picture(database, now)
    assert app.test_client().get(address).location == f"/sign-in?next={address}"


def test_a_service_used_for_the_first_time_is_pointed_out(computer, phone, database, now):
    with database.transaction() as db:
        client_id = a_service(db, now=now).client_id
    computer.post("/sign-in/qr", query_string={"next": f"/authorize?client_id={client_id}"})
    address, *_rest = picture(database, now)
    assert "You have never used this service" in phone.get(address).text


def test_the_picture_is_only_for_the_browser_that_began(app, computer, database):
    computer.post("/sign-in/qr")
    assert len(computer.get("/sign-in/qr/picture").data) > 1000
    assert len(app.test_client().get("/sign-in/qr/picture").data) < 100


# codes by SMS


@pytest.fixture
def with_sms(database, owner, now):
    with database.transaction() as db:
        sms_factor.switch_on(db, db.get(Account, owner.id), now=now)


def password(computer):
    return computer.post("/sign-in", data={"login": LOGIN, "password": PASSWORD})


def test_a_code_by_sms_takes_the_apps_place_and_says_so(computer, database, with_sms, now):
    password(computer)
    assert "Send me a code by SMS instead" in computer.get("/sign-in/second").text
    step = computer.post("/sign-in/second/sms").location
    with database.session(write=False) as db:
        code = sent_otp(db)
    assert computer.post(step, data={"otp": "000000"}).status_code == 200
    assert computer.post(step, data={"otp": code}).location == "/account"
    with database.session(write=False) as db:
        held = find_session(db, computer.get_cookie("eid_session").value, now=now)
    assert (held.aal, held.amr) == (2, ("pwd", "sms", "mfa"))
    again = computer.get("/account/sign-in-ways").location
    assert again.startswith("/sign-in?next="), "a SIM changes no keys"
    page = computer.get(again).text
    assert "A code by SMS has opened this browser." in page and 'id="begin-qr"' not in page


def test_without_the_owners_wish_no_sms_is_offered_or_sent(computer, owner):
    password(computer)
    assert "SMS" not in computer.get("/sign-in/second").text
    step = computer.post("/sign-in/second/sms").location
    assert "does not take codes by SMS" in computer.post(step, data={"otp": "123456"}).text


def test_messages_have_an_end(computer, database, with_sms, clock):
    password(computer)
    problems = []
    for _ in range(7):
        problems.append("problem" in computer.post("/sign-in/second/sms").location)
        clock.advance(seconds=61)
    assert problems == [False] * 5 + [True] * 2


def test_the_owner_switches_it_on_and_off(phone, database, owner):
    assert "The weakest way" in phone.get("/account/sign-in-ways").text
    for state, wanted in (("on", True), ("off", False)):
        assert phone.post(f"/account/sms-codes/{state}").location.endswith(f"done=sms-{state}")
        with database.session(write=False) as db:
            assert sms_factor.is_on(db, owner.id) is wanted
