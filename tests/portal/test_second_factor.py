"""The lock of a device as second factor, through the pages: activating, signing in, changing, getting back in."""

from __future__ import annotations

import re

import pyotp
import pytest

from identity.account import get_account
from identity.credentials.passkey import Site, passkeys_of
from identity.credentials.passkeys import add_passkey, options_to_add
from identity.credentials.recovery import make_codes
from identity.session import open_session, sessions_of
from tests.identity.account_scene import LOGIN, PASSWORD, make_account, make_issued, sent_otp
from tests.identity.recovery_scene import NEW_PASSWORD, make_owner
from tests.passkey import Phone
from tests.portal.test_activation import app_code, shown_codes, walk

SITE = Site("localhost", "http://localhost", "e-ID")
WITH_DEVICE = ("hwk", "mfa", "pwd", "user")
TOKEN = re.compile(r'name="csrf_token"[^>]*>')


@pytest.fixture
def english(client):
    client.set_cookie("language", "en")
    return client


@pytest.fixture
def issued(database, now):
    with database.transaction() as db:
        return make_issued(db, now)


@pytest.fixture
def phone():
    return Phone()


@pytest.fixture
def owner(database, now, phone):
    """With a password and a phone's lock, and no app."""
    with database.transaction() as db:
        account = make_owner(db, now)
        add_passkey(db, SITE, account, phone.make(options_to_add(db, SITE, account, now=now)), "Máy của mẹ", now=now)
        account.totp_secret = None
    return account


def answer_for(client, phone):
    return phone.sign(client.get("/sign-in/passkey/options").text)


def to_the_second_step(client, login=LOGIN):
    assert client.post("/sign-in", data={"login": login, "password": PASSWORD}).location == "/sign-in/second"


def methods(database, account):
    with database.session(write=False) as db:
        return [tuple(sorted(row.amr.split())) for row in sessions_of(db, account.id) if row.ended_at is None]


def activate_with(client, database, issued, phone, now):
    assert walk(client, database, issued[1], now, until="app").location == "/activate/app"
    made = phone.make(client.get("/activate/app/device").text)
    assert client.post("/activate/app", data={"answer": made}).location == "/activate/recovery"
    return client.post("/activate/recovery", data={"recovery": shown_codes(client)[0]})


def test_the_whole_way_without_an_app(english, database, issued, phone, now):
    page = activate_with(english, database, issued, phone, now)
    assert page.location == "/account?done=activated"
    shown = english.get(page.location).text
    assert "Not set up; your device is enough" in shown and "1 device" in shown
    assert "Next time without a password" not in shown, "this very device opens it already"
    assert methods(database, issued[0]) == [WITH_DEVICE]
    assert "A device that opens with its lock was added" in english.get("/account/history").text


def test_the_page_offers_both_and_says_why_without_scripts(english, database, issued, now):
    walk(english, database, issued[1], now, until="app")
    page = english.get("/activate/app").text
    assert "With the lock of this device" in page and "With an authenticator app" in page
    assert re.search(r"<noscript>.*needs JavaScript, which is off.*</noscript>", page)
    assert page.index("With the lock of this device") < page.index("With an authenticator app")


def test_a_dialog_that_was_closed_says_what_helps_and_the_app_works(english, database, issued, now):
    walk(english, database, issued[1], now, until="app")
    page = english.post("/activate/app", data={"answer": ""}).text
    assert "This device was not added. Try again; nothing has changed." in page
    assert "Or take the app below" in page
    code = app_code(english, database, now)
    assert english.post("/activate/app", data={"otp": code}).location == "/activate/recovery"


def test_on_a_helpers_device_no_lock_is_offered_or_taken(english, database, issued, phone, now):
    english.set_cookie("eid_member_device", "1")
    walk(english, database, issued[1], now, until="app")
    page = english.get("/activate/app").text
    assert 'data-passkey="add"' not in page and "Connect an authenticator app" in page
    made = phone.make(english.get("/activate/app/device").text)
    assert english.post("/activate/app", data={"answer": made}).status_code == 409
    assert english.get("/activate/recovery").location == "/activate/app"


def test_the_options_are_for_whoever_stands_at_this_step(client, database, issued, now):
    assert client.get("/activate/app/device").location == "/activate?over=1"
    walk(client, database, issued[1], now, until="password")
    assert client.get("/activate/app/device").location == "/activate/password"


def test_password_and_device_sign_in_and_on_to_where_one_wanted(client, database, owner, phone, now):
    to_the_second_step(client)
    done = client.post("/sign-in/second/passkey", data={"answer": answer_for(client, phone), "next": "/account/inbox"})
    assert done.location == "/account/inbox"
    assert methods(database, owner) == [WITH_DEVICE]


def test_without_a_password_before_it_there_is_no_second_step(client, owner, phone):
    done = client.post("/sign-in/second/passkey", data={"answer": answer_for(client, phone)})
    assert done.location == "/sign-in" and not client.get_cookie("eid_session")


def test_a_strange_device_is_told_so_and_the_code_is_still_there(english, owner):
    to_the_second_step(english)
    page = english.post("/sign-in/second/passkey", data={"answer": answer_for(english, Phone())}).text
    assert "This device does not open an account here." in page and 'name="otp"' in page
    assert not english.get_cookie("eid_session")


def test_the_second_step_looks_the_same_whatever_somebody_has(app, database, owner, now):
    """Whoever has stolen a password must not learn what else it takes."""
    with database.transaction() as db:
        make_account(db, now, "001090000222")
        both = make_account(db, now, "001090000333")
        add_passkey(db, SITE, both, Phone().make(options_to_add(db, SITE, both, now=now)), "x", now=now)
    pages = set()
    for login in (LOGIN, "001090000222", "001090000333"):
        client = app.test_client()
        to_the_second_step(client, login)
        shown = client.get("/sign-in/second").text
        wrong = client.post("/sign-in/second", data={"otp": "AAAA-BBBB-CCCC"}).text
        options = client.get("/sign-in/passkey/options").json
        pages.add((TOKEN.sub("", shown), TOKEN.sub("", wrong), str(options.get("allowCredentials"))))
    assert len(pages) == 1


def test_a_recovery_code_signs_in_where_there_is_no_app(client, database, owner, now):
    with database.transaction() as db:
        code = make_codes(db, owner.id, now=now)[0]
    to_the_second_step(client)
    assert client.post("/sign-in/second", data={"otp": code}).location == "/account"


def signed_in(client, database, account, now, amr=("hwk", "user", "mfa")):
    with database.transaction() as db:
        opened = open_session(db, get_account(db, account.id), amr, 2, now=now)
    client.set_cookie("eid_session", opened.token)
    return client


def test_the_last_device_stays_and_the_page_says_what_to_do(english, database, owner, now):
    signed_in(english, database, owner, now)
    with database.session(write=False) as db:
        path = f"/account/sign-in-ways/{passkeys_of(db, owner.id)[0].id}/remove"
    page = english.get(path).text
    assert "This is your only second step" in page and 'id="remove"' not in page
    refused = english.post(path)
    assert refused.status_code == 409 and "This is the only second step beside the password" in refused.text


def test_an_app_is_added_later_and_removed_again(english, database, owner, clock):
    signed_in(english, database, owner, clock())
    assert 'id="remove-app"' not in english.get("/account/authenticator").text
    english.post("/account/authenticator")
    shown = re.search(r'class="code-block[^"]*"[^>]*>([^<]+)<', english.get("/account/authenticator").text)
    secret = re.sub(r"\s", "", shown[1])
    code = pyotp.TOTP(secret).at(int(clock().timestamp()))
    assert english.post("/account/authenticator/confirm", data={"otp": code}).location == "/account?done=authenticator"
    assert 'id="remove-app"' in english.get("/account/authenticator").text
    gone = english.post("/account/authenticator/remove")
    assert "The app is removed." in english.get(gone.location).text
    assert "The authenticator app was removed" in english.get("/account/history").text


def test_the_only_app_cannot_be_removed(english, database, owner, now):
    with database.transaction() as db:
        other = make_account(db, now, "001090000222")
    signed_in(english, database, other, now, ("pwd", "otp", "mfa"))
    assert "so it cannot be removed" in english.get("/account/authenticator").text
    assert english.post("/account/authenticator/remove").status_code == 409


def test_a_lost_phone_is_replaced_by_another_ones_lock(english, database, owner, now):
    with database.transaction() as db:
        code = make_codes(db, owner.id, now=now)[0]
    assert english.post("/recover/code", data={"login": LOGIN, "code": code}).location == "/recover/phone"
    with database.session(write=False) as db:
        otp = sent_otp(db)
    english.post("/recover/phone", data={"otp": otp})
    assert english.post("/recover/password", data={"password": NEW_PASSWORD}).location == "/recover/app"
    assert 'data-passkey="add"' in english.get("/recover/app").text
    failed = english.post("/recover/app", data={"answer": ""}).text
    assert "This device was not added." in failed and 'name="otp"' in failed
    made = Phone().make(english.get("/recover/app/device").text)
    assert english.post("/recover/app", data={"answer": made}).location == "/recover/sheet"
    codes = re.findall(r"<li>([0-9A-Z-]{14})</li>", english.get("/recover/sheet").text)
    done = english.post("/recover/sheet", data={"recovery": codes[0]})
    assert done.location == "/account?done=recovered"
    assert methods(database, owner) == [WITH_DEVICE]


def test_a_forgotten_password_is_replaced_and_the_device_goes_on(english, database, owner, now):
    signed_in(english, database, owner, now)
    english.post("/account/recover")
    english.post("/recover/password", data={"password": NEW_PASSWORD})
    assert "You need no app." in english.get("/recover/app").text
    assert english.post("/recover/app/keep").location == "/recover/sheet"
    codes = re.findall(r"<li>([0-9A-Z-]{14})</li>", english.get("/recover/sheet").text)
    assert english.post("/recover/sheet", data={"recovery": codes[0]}).location == "/account?done=recovered"
    assert methods(database, owner) == [("pwd",)], "here it was the password alone"


def test_on_a_helpers_device_nobody_recovers_with_its_lock(english, database, owner, now):
    signed_in(english, database, owner, now)
    english.post("/account/recover")
    english.post("/recover/password", data={"password": NEW_PASSWORD})
    english.set_cookie("eid_member_device", "1")
    made = Phone().make(english.get("/recover/app/device").text)
    assert english.post("/recover/app", data={"answer": made}).status_code == 409
