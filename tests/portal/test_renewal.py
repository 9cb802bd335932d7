"""New recovery codes and a new authenticator app: what works goes on working until the new was typed back."""

from __future__ import annotations

import re
from datetime import timedelta

import pyotp
import pytest

from identity.account import Account
from identity.credentials.recovery import codes_left, keep_codes, use_code
from identity.credentials.totp import check_totp
from identity.outbox import Channel, Lane, lease
from identity.session import find_session, open_session
from tests.identity.account_scene import LOGIN, make_account, make_person
from tests.portal.pdf import read

OLD = ["AAAA-BBBB-CCCC", "DDDD-EEEE-FFFF"]
TWO = ("pwd", "otp", "mfa")


@pytest.fixture
def account(database, now):
    with database.transaction() as db:
        made = make_account(db, now, person_id=make_person(db, now).id)
        keep_codes(db, made.id, OLD, now=now)
        return made


@pytest.fixture
def signed_in(client, database, account, now):
    with database.transaction() as db:
        client.set_cookie("eid_session", open_session(db, db.merge(account), TWO, 2, now=now).token)
    client.set_cookie("language", "en")
    return client


def shown_codes(client):
    return re.findall(r"<li>([0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4})</li>", client.get("/account/recovery-codes").text)


def is_good(database, account, code, now):
    with database.session(write=True) as db:
        return use_code(db, account.id, code, now=now)


def test_a_new_set_takes_the_old_ones_place_when_one_was_typed_back(signed_in, database, account, now):
    signed_in.post("/account/recovery-codes")
    codes = shown_codes(signed_in)
    assert len(codes) == 10
    assert is_good(database, account, OLD[0], now), "until then the old set works"
    answer = signed_in.post("/account/recovery-codes/confirm", data={"recovery": codes[3].lower()})
    assert "The new recovery codes count from now on." in signed_in.get(answer.location).text
    assert not is_good(database, account, OLD[0], now)
    assert is_good(database, account, codes[3], now), "typing one back does not use it up"
    assert shown_codes(signed_in) == [], "shown once"


def test_a_code_that_is_none_of_the_new_ones_changes_nothing(signed_in, database, account, now):
    signed_in.post("/account/recovery-codes")
    page = signed_in.post("/account/recovery-codes/confirm", data={"recovery": OLD[0]}).text
    assert "This is none of the codes on this page." in page
    assert len(re.findall(r"<li>[0-9A-Z-]{14}</li>", page)) == 10, "the new set is still to be seen"
    with database.session(write=False) as db:
        assert codes_left(db, account.id) == 2


def test_the_new_set_is_shown_in_the_browser_that_asked_only(signed_in, app, database, account, now):
    signed_in.post("/account/recovery-codes")
    elsewhere = app.test_client()
    with database.transaction() as db:
        elsewhere.set_cookie("eid_session", open_session(db, db.merge(account), TWO, 2, now=now).token)
    assert shown_codes(elsewhere) == []


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("vi", ("Mã dự phòng", "Tờ mới thay tờ này", "Cất tờ này cùng giấy tờ")),
        ("en", ("Recovery codes", "A new sheet makes this one worthless", "Keep this sheet with your documents")),
    ],
)
def test_the_new_set_comes_on_paper_with_every_code_and_no_name(signed_in, account, language, words):
    signed_in.set_cookie("language", language)
    signed_in.post("/account/recovery-codes")
    codes = shown_codes(signed_in)
    sheet = signed_in.get("/account/recovery-codes/paper")
    assert (sheet.mimetype, sheet.headers["Cache-Control"]) == ("application/pdf", "no-store")
    text = read(sheet.data)
    assert [code for code in codes if code not in text] == []
    assert "localhost/freeze/code" in text.replace(" ", "")
    assert all(word in text for word in words), text
    assert "Hoa" not in text and LOGIN not in text.replace(" ", "")


def test_without_a_new_set_there_is_no_sheet(signed_in):
    assert signed_in.get("/account/recovery-codes/paper").location == "/account/recovery-codes"


def test_the_ticket_of_somebody_else_shows_nothing(signed_in, app, database, now):
    signed_in.post("/account/recovery-codes")
    with database.transaction() as db:
        other = make_account(db, now, "001090000222")
        theirs = open_session(db, other, TWO, 2, now=now).token
    signed_in.set_cookie("eid_session", theirs)
    assert shown_codes(signed_in) == []


def new_secret(client):
    return re.search(r"secret=([A-Z2-7]+)", client.get("/account/authenticator").text)[1]


def test_a_new_app_takes_the_old_ones_place_and_other_browsers_are_signed_out(signed_in, database, account, now):
    with database.transaction() as db:
        elsewhere = open_session(db, db.merge(account), TWO, 2, now=now)
    signed_in.post("/account/authenticator")
    code = pyotp.TOTP(new_secret(signed_in)).at(int(now.timestamp()))
    answer = signed_in.post("/account/authenticator/confirm", data={"otp": code})
    assert "The new app counts from now on." in signed_in.get(answer.location).text
    with database.session(write=True) as db:
        assert find_session(db, elsewhere.token, now=now) is None
        assert not check_totp(db, account.id, code, now=now), "its step is used up"
        kept = db.get(Account, account.id)
        later = now + timedelta(minutes=1)
        assert check_totp(db, account.id, pyotp.TOTP(kept.totp_secret).at(int(later.timestamp())), now=later)


def test_a_wrong_code_keeps_the_old_app(signed_in, database, account, now):
    with database.session(write=False) as db:
        before = db.get(Account, account.id).totp_secret
    signed_in.post("/account/authenticator")
    page = signed_in.post("/account/authenticator/confirm", data={"otp": "000000"}).text
    assert "This code is not right." in page and "secret=" in page
    with database.session(write=True) as db:
        assert db.get(Account, account.id).totp_secret == before


def test_guessing_at_the_new_apps_code_has_an_end(signed_in):
    signed_in.post("/account/authenticator")
    pages = [signed_in.post("/account/authenticator/confirm", data={"otp": "000000"}).text for _ in range(11)]
    assert "Too many attempts." in pages[-1]


def test_who_did_not_do_it_hears_of_it_on_the_phone_and_in_the_history(signed_in, database, now):
    signed_in.post("/account/recovery-codes")
    signed_in.post("/account/recovery-codes/confirm", data={"recovery": shown_codes(signed_in)[0]})
    with database.session(write=True) as db:
        [message] = [one for one in lease(db, Lane.NOTICE, now=now, most=10) if one.channel is Channel.SMS]
    assert message.kind == "sign-in-way-changed"
    assert "New recovery codes were made" in signed_in.get("/account/history").text


@pytest.mark.parametrize("path", ["/account/recovery-codes", "/account/authenticator"])
def test_both_want_a_fresh_sign_in(signed_in, clock, path):
    clock.advance(minutes=11)
    assert signed_in.get(path).location.startswith("/sign-in?")
    assert signed_in.post(path).location.startswith("/sign-in?")


def test_a_set_that_nobody_confirmed_in_time_is_gone(signed_in, clock):
    signed_in.post("/account/recovery-codes")
    clock.advance(minutes=9)
    assert shown_codes(signed_in)
    clock.advance(minutes=2)
    assert shown_codes(signed_in) == []
