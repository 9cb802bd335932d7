"""The pages of devices that open with their lock."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from identity.credentials.passkeys import Site, add_passkey, options_to_add, passkeys_of
from identity.session import open_session
from tests.identity.account_scene import make_account
from tests.passkey import Phone

SITE = Site("localhost", "http://localhost", "e-ID")


@pytest.fixture
def account(database, now):
    with database.transaction() as db:
        return make_account(db, now)


@pytest.fixture
def phone(database, account, now):
    device = Phone()
    with database.transaction() as db:
        holder = db.merge(account)
        made = device.make(options_to_add(db, SITE, holder, now=now))
        add_passkey(db, SITE, holder, made, "Điện thoại của mẹ", now=now)
    return device


@pytest.fixture
def signed_in(client, database, account, now):
    with database.transaction() as db:
        opened = open_session(db, db.merge(account), ("pwd", "otp", "mfa"), 2, now=now)
    client.set_cookie("eid_session", opened.token)
    client.set_cookie("language", "en")
    return client


def post(client, path, **fields):
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/sign-in?again=1").text)
    return client.post(path, data={"csrf_token": token[1], **fields})


def test_a_device_signs_its_holder_in_and_on_to_where_they_wanted(client, phone):
    answer = phone.sign(client.get("/sign-in/passkey/options").text)
    response = post(client, "/sign-in/passkey", answer=answer, next="/account/sessions")
    assert (response.status_code, response.location) == (303, "/account/sessions")
    assert "This browser" in client.get("/account/sessions", headers={"Accept-Language": "en"}).text


def test_a_device_that_is_not_known_is_told_so_on_the_sign_in_page(client):
    client.set_cookie("language", "en")
    response = post(client, "/sign-in/passkey", answer=Phone().sign(client.get("/sign-in/passkey/options").text))
    assert "This device does not open an account here." in response.text
    assert 'name="login"' in response.text
    assert not client.get_cookie("eid_session")


def test_the_options_name_nobody(client, phone):
    assert client.get("/sign-in/passkey/options").json.get("allowCredentials", []) == []


def test_a_page_too_old_signs_nobody_in(app, client, phone):
    app.config["WTF_CSRF_ENABLED"] = True
    answer = phone.sign(client.get("/sign-in/passkey/options").text)
    assert client.post("/sign-in/passkey", data={"answer": answer}).status_code == 200
    assert not client.get_cookie("eid_session")


def test_a_device_is_added_named_renamed_and_removed(signed_in, database, account):
    device = Phone()
    made = device.make(signed_in.get("/account/sign-in-ways/options").text)
    added = post(signed_in, "/account/sign-in-ways", answer=made, name="Máy ở nhà")
    page = signed_in.get(added.location).text
    assert "Máy ở nhà" in page and "not used yet" in page
    path = re.search(r'href="(/account/sign-in-ways/[0-9a-f-]{36})"', page)[1]
    post(signed_in, path, name="Máy ở cơ quan")
    assert "Máy ở cơ quan" in signed_in.get("/account/sign-in-ways").text
    assert "Remove Máy ở cơ quan?" in signed_in.get(f"{path}/remove").text
    gone = post(signed_in, f"{path}/remove")
    assert "The device opens nothing here any more. Other browsers are signed out." in signed_in.get(gone.location).text
    with database.session(write=False) as db:
        assert passkeys_of(db, account.id) == []
    assert "lock was removed" in signed_in.get("/account/history").text


def test_a_device_without_a_name_keeps_the_page_and_says_what_is_missing(signed_in):
    response = post(signed_in, "/account/sign-in-ways", answer="{}", name="")
    assert "Enter a name for this device" in response.text


def test_an_answer_that_is_none_is_refused_on_the_page(signed_in):
    assert "This device was not added." in post(signed_in, "/account/sign-in-ways", answer="{}", name="x").text


def test_ways_to_sign_in_are_changed_only_right_after_signing_in(signed_in, clock):
    clock.advance(minutes=11)
    assert signed_in.get("/account/sign-in-ways").location == "/sign-in?next=/account/sign-in-ways&again=1"


def test_one_factor_is_not_enough_to_change_them(client, database, account, now):
    with database.transaction() as db:
        client.set_cookie("eid_session", open_session(db, db.merge(account), ("pwd",), 1, now=now).token)
    assert client.get("/account/sign-in-ways").location.startswith("/sign-in?")


def test_on_a_helpers_device_none_is_offered_or_added(signed_in):
    signed_in.set_cookie("eid_member_device", "1")
    page = signed_in.get("/account/sign-in-ways").text
    assert "This is the device of a helper" in page and 'data-passkey="add"' not in page
    made = Phone().make(signed_in.get("/account/sign-in-ways/options").text)
    assert post(signed_in, "/account/sign-in-ways", answer=made, name="x").status_code == 409


def test_the_device_of_somebody_else_is_not_found(client, database, phone, account, now):
    with database.transaction() as db:
        [theirs] = passkeys_of(db, account.id)
        other = make_account(db, now, "001090000222")
        client.set_cookie("eid_session", open_session(db, other, ("pwd", "otp"), 2, now=now + timedelta(0)).token)
    for path in (f"/account/sign-in-ways/{theirs.id}", f"/account/sign-in-ways/{theirs.id}/remove"):
        assert client.get(path).status_code == 404
        assert post(client, path, name="x").status_code == 404
