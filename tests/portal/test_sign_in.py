"""Signing in through the pages: what a person sees, what the browser keeps."""

from __future__ import annotations

import pytest

from identity.account import Ground
from identity.audit import SYSTEM
from identity.credentials.recovery import make_codes
from identity.locks import lock
from identity.session import SignInSession, sessions_of
from tests.identity.account_scene import LOGIN, PASSWORD, code_of, make_account


@pytest.fixture
def account(database, now):
    with database.transaction() as db:
        return make_account(db, now)


@pytest.fixture
def english(client):
    client.set_cookie("language", "en")
    return client


def app_code(database, account, now):
    with database.session(write=False) as db:
        return code_of(db.merge(account), now)


def first(client, login=LOGIN, password=PASSWORD, **query):
    return client.post("/sign-in", query_string=query, data={"login": login, "password": password})


def both(client, database, account, now, **query):
    answer = first(client, **query)
    assert answer.status_code == 303, answer.text
    return client.post(answer.location, data={"otp": app_code(database, account, now)})


def test_two_steps_lead_to_the_account(english, database, account, now):
    answer = first(english)
    assert answer.location == "/sign-in/second"
    assert "authenticator app" in english.get(answer.location).text
    answer = both(english, database, account, now)
    assert answer.location == "/account"
    assert "Nguyễn Thị Hoa" in english.get("/account").text


def test_the_fields_have_the_ids_that_tools_rely_on(client, account):
    page = client.get("/sign-in").text
    assert all(f'id="{name}"' in page for name in ("login", "password", "submit"))
    first(client)
    second = client.get("/sign-in/second").text
    assert 'id="otp"' in second
    assert 'id="submit"' in second


def test_a_wrong_password_and_an_unknown_number_read_the_same(english, account):
    wrong = first(english, password="không phải mật khẩu").text
    unknown = first(english, login="999999999999").text
    sentence = "The number and the password do not match."
    assert sentence in wrong
    assert sentence in unknown
    assert "<title>Error:" in wrong


def test_the_number_typed_is_kept_and_the_password_is_not(english, account):
    page = first(english, password="không phải mật khẩu").text
    assert f'value="{LOGIN}"' in page
    assert "không phải mật khẩu" not in page


def test_a_wrong_password_is_counted_although_the_page_shows_an_error(english, account):
    for _ in range(5):
        first(english, password="không phải mật khẩu")
    assert "Too many attempts. Wait" in first(english).text


def test_an_empty_form_says_what_is_missing(english):
    page = first(english, login="", password="").text
    assert "Enter your personal number" in page
    assert "Enter your password" in page


def test_the_second_page_without_the_first_leads_to_the_start(client):
    assert client.get("/sign-in/second").location == "/sign-in"


def test_a_wrong_code_may_be_tried_again_on_the_same_page(english, database, account, now):
    first(english)
    page = english.post("/sign-in/second", data={"otp": "000 00x"})
    assert "This code is not right." in page.text
    answer = english.post("/sign-in/second", data={"otp": app_code(database, account, now)})
    assert answer.location == "/account"


def test_a_recovery_code_is_taken_in_the_same_field(client, database, account, now):
    with database.transaction() as db:
        code = make_codes(db, account.id, now=now)[0]
    first(client)
    assert client.post("/sign-in/second", data={"otp": code.lower()}).location == "/account"


def test_the_same_code_does_not_sign_in_twice(english, app, database, account, now):
    both(english, database, account, now)
    other = app.test_client()
    other.set_cookie("language", "en")
    assert "This code is not right." in both(other, database, account, now).text


def test_the_page_wanted_comes_after_both_steps(client, database, account, now):
    assert both(client, database, account, now, next="/account/history?x=1").location == "/account/history?x=1"


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)", "/a\nb"]
)
def test_nobody_is_sent_to_another_site(client, database, account, now, target):
    assert both(client, database, account, now, next=target).location == "/account"


def test_a_guarded_page_asks_to_sign_in_and_comes_back(client, database, account, now):
    asked = client.get("/account/sessions")
    assert asked.location == "/sign-in?next=/account/sessions"
    assert both(client, database, account, now, next="/account/sessions").location == "/account/sessions"


def test_who_is_signed_in_does_not_see_the_form_again(client, database, account, now):
    both(client, database, account, now)
    assert client.get("/sign-in?next=/account/history").location == "/account/history"


def test_signing_in_once_more_gives_a_fresh_time_in_the_same_session(english, database, account, clock):
    both(english, database, account, clock())
    later = clock.advance(minutes=10)
    assert "Confirm that it is you" in english.get("/sign-in?again=1&next=/account").text
    both(english, database, account, later, again="1", next="/account")
    with database.session(write=False) as db:
        (session,) = sessions_of(db, account.id)
    assert session.auth_time == later


def test_each_sign_in_has_a_new_token_so_none_can_be_fixed_beforehand(client, database, account, clock):
    client.set_cookie("eid_session", "chosen-by-an-attacker")
    both(client, database, account, clock())
    before = client.get_cookie("eid_session").value
    assert before != "chosen-by-an-attacker"
    both(client, database, account, clock.advance(minutes=2), again="1")
    assert client.get_cookie("eid_session").value != before


def test_signing_out_ends_the_session_and_not_only_the_cookie(client, database, account, now):
    both(client, database, account, now)
    token = client.get_cookie("eid_session").value
    assert client.post("/sign-out").location == "/"
    assert client.get_cookie("eid_session") is None
    client.set_cookie("eid_session", token)
    assert client.get("/account").location.startswith("/sign-in")


def test_a_link_to_sign_out_does_nothing(client, database, account, now):
    both(client, database, account, now)
    assert client.get("/sign-out").status_code == 405
    assert client.get("/account").status_code == 200


def test_a_locked_account_is_told_so_after_the_right_password(english, database, account, now):
    with database.transaction() as db:
        lock(db, db.merge(account), Ground.TERMS, "operator", SYSTEM, now=now)
    assert "This account is locked." in first(english).text
    assert "This account is locked." not in first(english, password="không phải mật khẩu").text


def test_reading_pages_writes_nothing_within_a_minute_and_little_after(client, database, account, clock):
    both(client, database, account, clock())

    def seen_at():
        with database.session(write=False) as db:
            return sessions_of(db, account.id)[0].seen_at

    before = seen_at()
    clock.advance(seconds=50)
    client.get("/account")
    assert seen_at() == before
    clock.advance(seconds=30)
    client.get("/account")
    assert seen_at() == clock()


def test_an_hour_without_a_page_ends_the_session(client, database, account, clock):
    both(client, database, account, clock())
    clock.advance(minutes=60)
    assert client.get("/account").location.startswith("/sign-in")


def test_the_cookies_are_closed_to_scripts_and_to_other_sites(client, database, account, now):
    answer = both(client, database, account, now)
    cookies = [value for name, value in answer.headers if name == "Set-Cookie"]
    session = next(value for value in cookies if value.startswith("eid_session="))
    assert "HttpOnly" in session
    assert "SameSite=Lax" in session
    assert "Max-Age" not in session


def test_a_helpers_phone_is_not_remembered(client, database, account, now):
    client.set_cookie("eid_member_device", "a-members-phone")
    both(client, database, account, now)
    assert client.get_cookie("eid_known") is None


def test_an_ordinary_browser_is_known_afterwards(client, database, account, now):
    both(client, database, account, now)
    assert client.get_cookie("eid_known") is not None


def test_a_session_of_level_1_rises_on_its_own_page(client, database, account, now):
    with database.transaction() as db:
        from identity.session import open_session

        opened = open_session(db, db.merge(account), ("pwd",), 1, now=now)
    client.set_cookie("eid_session", opened.token)
    page = client.get("/sign-in/raise?next=/account").text
    assert 'data-passkey="sign-in" data-offer' in page and 'autocomplete="one-time-code webauthn"' in page
    assert 'name="next" value="/account"' in page[page.index("data-passkey") :], "the device's lock leads on too"
    answer = client.post("/sign-in/raise?next=/account", data={"otp": app_code(database, account, now)})
    assert answer.location == "/account"
    with database.session(write=False) as db:
        assert db.get_one(SignInSession, opened.session_id).aal == 2


def test_the_ticket_of_the_first_step_lives_ten_minutes(english, database, account, clock):
    first(english)
    later = clock.advance(minutes=11)
    page = english.post("/sign-in/second", data={"otp": app_code(database, account, later)})
    assert "Start again with your password." in page.text


def test_staff_come_to_the_page_of_their_role(client, database, now):
    from sqlalchemy import select

    from identity.credentials.totp import new_secret
    from identity.places import Unit
    from identity.staff import give_role, hire
    from tests.identity.account_scene import hashed

    with database.transaction() as db:
        officer = hire(db, "canbo.lan", "Ngô Thị Lan", now=now)
        officer.password_hash, officer.totp_secret = hashed(PASSWORD), new_secret()
        db.flush()
        unit = db.scalars(select(Unit).where(Unit.kind == "commune").limit(1)).one()
        give_role(db, officer.id, "receiving_officer", unit.id, SYSTEM, now=now)
    answer = first(client, login="canbo.lan")
    answer = client.post(answer.location, data={"otp": app_code(database, officer, now)})
    assert answer.location == "/office/queue"
