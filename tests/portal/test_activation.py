"""Activating through the pages: every step, left and taken up again, with a helper beside."""

from __future__ import annotations

import re
from datetime import timedelta

import pyotp
import pytest
from sqlalchemy import select

from identity.account import AccountState, Ground, get_account
from identity.activation import find_journey
from identity.audit import SYSTEM, AuditEvent, Event
from identity.credentials.known_browser import is_known
from identity.credentials.otp import send_otp
from identity.locks import lock, note_paper
from identity.session import sessions_of
from tests.identity.account_scene import PASSPORT, PASSWORD, PHONE, make_issued, sent_otp
from tests.portal.pdf import read


@pytest.fixture
def issued(database, now):
    with database.transaction() as db:
        account, code = make_issued(db, now)
    return account, code


@pytest.fixture
def english(client):
    client.set_cookie("language", "en")
    return client


def message_code(database):
    with database.session(write=False) as db:
        return sent_otp(db)


def app_code(client, database, now):
    with database.session(write=False) as db:
        journey = find_journey(db, client.get_cookie("eid_activation").value, now=now)
        return pyotp.TOTP(journey.activation.totp_secret).at(int(now.timestamp()))


def walk(client, database, code, now, until="active"):
    """Through the steps until the page named; returns the last answer."""
    answer = client.post("/activate", data={"code": code})
    while answer.status_code == 303 and not answer.location.endswith(until):
        here = answer.location
        data = {
            "/activate/phone": lambda: {"otp": message_code(database)},
            "/activate/proof": lambda: {"kind": "passport", "proof": PASSPORT[-6:]},
            "/activate/password": lambda: {"password": PASSWORD},
            "/activate/app": lambda: {"otp": app_code(client, database, now)},
            "/activate/recovery": lambda: {"recovery": shown_codes(client)[0]},
        }
        if here not in data:
            return answer
        answer = client.post(here, data=data[here]())
    return answer


def shown_codes(client):
    return re.findall(r"<li>([0-9A-Z-]{14})</li>", client.get("/activate/recovery").text)


def state_of(database, account):
    with database.session(write=False) as db:
        return get_account(db, account.id).state


def test_the_whole_way_ends_signed_in_on_ones_own_account(english, database, issued, now):
    answer = walk(english, database, issued[1], now)
    assert answer.location == "/account?done=activated"
    page = english.get(answer.location).text
    assert "Your account is active." in page
    assert "Marie Durand" in page
    assert "Signed in" in english.get("/account/history").text
    assert state_of(database, issued[0]) == AccountState.ACTIVE


def test_the_session_that_the_activation_opens_begins_with_it(english, database, issued, clock, now, monkeypatch):
    def ticking(self):
        return self.advance(milliseconds=1)

    monkeypatch.setattr(type(clock), "__call__", ticking)
    walk(english, database, issued[1], now)
    with database.session(write=False) as db:
        account = get_account(db, issued[0].id)
        begun = [one.created_at for one in sessions_of(db, account.id)]
        assert begun == [account.activated_at], "whoever helped would see it as a use of the account"


def test_going_back_after_the_end_leads_to_the_account_until_the_next_sitting(english, database, issued, clock, now):
    walk(english, database, issued[1], now)
    for step in ("phone", "proof", "password", "app", "recovery"):
        for answer in (english.get(f"/activate/{step}"), english.post(f"/activate/{step}", data={"otp": "1"})):
            assert answer.location == "/account"
    clock.advance(hours=2)  # signed in still, and another sitting has lapsed
    assert english.get("/activate/proof").location == "/activate?over=1"


def test_afterwards_the_password_and_the_app_sign_in(client, database, issued, clock):
    walk(client, database, issued[1], clock())
    with database.session(write=False) as db:
        secret = get_account(db, issued[0].id).totp_secret
    client.post("/sign-out")
    later = clock.advance(minutes=1)
    client.post("/sign-in", data={"login": "901 234 567 890", "password": PASSWORD})
    answer = client.post("/sign-in/second", data={"otp": pyotp.TOTP(secret).at(int(later.timestamp()))})
    assert answer.location == "/account"


def test_a_link_from_the_notice_shows_the_code_and_changes_nothing(english, database, issued):
    page = english.get(f"/activate?code={issued[1]}")
    assert f'value="{issued[1]}"' in page.text
    assert english.get_cookie("eid_activation") is None


def test_a_wrong_code_keeps_what_was_typed_and_says_what_helps(english, issued):
    page = english.post("/activate", data={"code": "AAAA BBBB CCCC"}).text
    assert "We do not know this code." in page
    assert 'value="AAAA BBBB CCCC"' in page
    assert "What helps" in page


def test_after_ten_wrong_codes_there_is_a_wait(english, issued):
    for _ in range(10):
        english.post("/activate", data={"code": "AAAA-BBBB-CCCC"})
    page = english.post("/activate", data={"code": issued[1]}).text
    assert "Too many wrong codes. Wait" in page


def test_past_the_seven_days_the_page_says_that_the_account_is_kept(english, issued, clock):
    clock.advance(days=8)
    page = english.post("/activate", data={"code": issued[1]}).text
    assert "The 7 days to activate are over. Your account is kept" in page
    assert "you need no new application" in page


def test_a_locked_account_is_refused(english, database, issued, now):
    with database.transaction() as db:
        lock(db, db.merge(issued[0]), Ground.AUTHORITY, "police", SYSTEM, now=now)
    assert "This account is locked." in english.post("/activate", data={"code": issued[1]}).text


def test_an_active_account_is_sent_to_sign_in(english, database, issued, now):
    walk(english, database, issued[1], now)
    assert "This account is active already." in english.post("/activate", data={"code": issued[1]}).text


def test_the_phone_is_shown_masked(english, database, issued, now):
    walk(english, database, issued[1], now, until="/phone")
    page = english.get("/activate/phone").text
    assert "09•• ••• 678" in page
    assert "912345678" not in page


def test_a_new_code_too_soon_is_explained_and_the_first_stays_good(english, database, issued, now):
    walk(english, database, issued[1], now, until="/phone")
    assert english.post("/activate/phone/again").location == "/activate/phone"
    assert "you can ask for another in 60 seconds" in english.get("/activate/phone").text
    answer = english.post("/activate/phone", data={"otp": message_code(database)})
    assert answer.location == "/activate/proof"


def test_a_minute_later_a_new_code_replaces_the_first(client, database, issued, clock):
    walk(client, database, issued[1], clock(), until="/phone")
    first = message_code(database)
    clock.advance(seconds=61)
    assert client.post("/activate/phone/again").location == "/activate/phone"
    assert client.post("/activate/phone", data={"otp": first}).status_code == 200
    assert client.post("/activate/phone", data={"otp": message_code(database)}).status_code == 303


def test_wrong_confirmation_codes_are_counted_down(english, database, issued, now):
    walk(english, database, issued[1], now, until="/phone")
    wrong = f"{(int(message_code(database)) + 1) % 10**6:06}"
    assert "Tries left: 9." in english.post("/activate/phone", data={"otp": wrong}).text
    assert "Tries left: 8." in english.post("/activate/phone", data={"otp": wrong}).text


def test_only_what_the_person_holds_can_be_chosen_as_proof(english, database, issued, now):
    walk(english, database, issued[1], now, until="/proof")
    page = english.get("/activate/proof").text
    assert "My passport" in page
    assert "My identity card" not in page
    assert "The slip from the counter" not in page


def test_five_wrong_proofs_close_the_page_and_name_the_office(english, database, issued, now):
    walk(english, database, issued[1], now, until="/proof")
    pages = [english.post("/activate/proof", data={"kind": "passport", "proof": "000000"}).text for _ in range(5)]
    assert "Tries left: 4." in pages[0]
    assert "5 wrong tries." in pages[4]
    assert "The office has to help here." in english.get("/activate/proof").text
    assert english.post("/activate/proof", data={"kind": "passport", "proof": PASSPORT}).status_code == 200


def test_a_weak_password_is_refused_with_the_number_of_characters_and_is_on_record(english, database, issued, now):
    walk(english, database, issued[1], now, until="/password")
    assert "Only 4 characters." in english.post("/activate/password", data={"password": "ngắn"}).text
    page = english.post("/activate/password", data={"password": "Matkhau@123456"}).text
    assert "Many people use this" in page and "Three or four words" in page
    with database.session(write=False) as db:
        failed = db.scalars(select(AuditEvent).where(AuditEvent.name == Event.ACTIVATION_STEP_FAILED.value))
        assert [(one.facts["step"], one.facts["reason"]) for one in failed] == [
            ("password", "password-too-short"),
            ("password", "password-common"),
        ]


def test_the_key_for_the_app_is_a_picture_and_a_text(english, database, issued, now):
    walk(english, database, issued[1], now, until="/app")
    page = english.get("/activate/app").text
    with database.session(write=False) as db:
        journey = find_journey(db, english.get_cookie("eid_activation").value, now=now)
        secret = journey.activation.totp_secret
    assert "<svg" in page
    assert secret in page
    assert "style=" not in page


def test_a_wrong_code_of_the_app_says_what_helps(english, database, issued, now):
    walk(english, database, issued[1], now, until="/app")
    page = english.post("/activate/app", data={"otp": "000000"}).text
    assert "date and time to automatic" in page


def test_recovery_codes_must_be_typed_back(english, database, issued, now):
    walk(english, database, issued[1], now, until="/recovery")
    codes = shown_codes(english)
    assert len(codes) == 10
    page = english.post("/activate/recovery", data={"recovery": "AAAA-AAAA-AAAA"}).text
    assert "This is none of the codes on this page." in page
    assert state_of(database, issued[0]) == AccountState.ISSUED
    assert english.post("/activate/recovery", data={"recovery": codes[0].lower()}).status_code == 303


def test_the_sheet_comes_on_paper_but_never_on_a_helpers_phone(english, database, issued, now):
    walk(english, database, issued[1], now, until="/recovery")
    assert 'href="/activate/recovery/paper"' in english.get("/activate/recovery").text
    sheet = english.get("/activate/recovery/paper")
    assert sheet.headers["Cache-Control"] == "no-store"
    text = read(sheet.data)
    assert [code for code in shown_codes(english) if code not in text] == []
    english.set_cookie("eid_member_device", "a-members-phone")
    assert "/activate/recovery/paper" not in english.get("/activate/recovery").text
    assert english.get("/activate/recovery/paper").location == "/activate/recovery"


def test_the_back_button_and_a_second_click_lead_to_the_step_that_comes_now(client, database, issued, now):
    walk(client, database, issued[1], now, until="/password")
    assert client.get("/activate/phone").location == "/activate/password"
    assert client.post("/activate/proof", data={"kind": "passport", "proof": "x"}).location == "/activate/password"
    assert client.get("/activate/recovery").location == "/activate/password"


def test_without_the_code_every_step_leads_to_the_start(client):
    for step in ("phone", "proof", "password", "app", "recovery"):
        assert client.get(f"/activate/{step}").location == "/activate?over=1"
        assert client.post(f"/activate/{step}").location == "/activate?over=1"


def test_another_device_goes_on_and_the_first_one_is_out(app, client, database, issued, clock):
    walk(client, database, issued[1], clock(), until="/app")
    later = clock.advance(minutes=2)
    other = app.test_client()
    assert walk(other, database, issued[1], later, until="/app").location == "/activate/app"
    assert client.get("/activate/app").location == "/activate?over=1"
    assert walk(other, database, issued[1], clock.advance(minutes=2)).location == "/account?done=activated"


@pytest.mark.parametrize(
    ("ground", "says"),
    [
        (Ground.DOCUMENT_EXPIRED, "because a document has expired. Renew it, then apply online with the new one"),
        (Ground.RESIDENCE_EXPIRED, "because the residence card has expired. Have it renewed, then apply online"),
        (Ground.HAND_OVER, "Its holder applies once, with a phone of their own, and takes the account over"),
        (Ground.AUTHORITY, "The office that issued it tells you why"),
    ],
)
def test_a_lock_that_the_holder_can_end_says_how(english, database, issued, now, ground, says):
    account, code = issued
    with database.transaction() as db:
        mine, yesterday = get_account(db, account.id), (now - timedelta(days=1)).date()
        if ground is Ground.AUTHORITY:
            lock(db, mine, ground, "TK03-1", SYSTEM, now=now)
        else:
            note_paper(db, mine, "passport", ground, yesterday, now=now)
    assert says in english.post("/activate", data={"code": code}).text


def test_the_browser_of_the_activation_is_no_stranger_at_the_next_sign_in(english, database, issued, now):
    walk(english, database, issued[1], now)
    with database.session(write=False) as db:
        account = get_account(db, issued[0].id)
        assert is_known(db, english.get_cookie("eid_known").value, account.id, account.password_hash)


def test_on_a_helpers_phone_nobody_is_signed_in_and_nothing_stays(english, database, issued, now):
    english.set_cookie("eid_member_device", "a-members-phone")
    assert "A helper may sit beside you" in english.get("/activate").text
    answer = walk(english, database, issued[1], now)
    assert answer.location == "/activate/done"
    assert "Nothing of yours stays on this phone." in english.get(answer.location).text
    for cookie in ("eid_session", "eid_activation", "eid_known"):
        assert english.get_cookie(cookie) is None
    with database.session(write=False) as db:
        assert sessions_of(db, issued[0].id) == []
    assert state_of(database, issued[0]) == AccountState.ACTIVE


@pytest.mark.parametrize("step", ["phone", "proof", "password", "app", "recovery"])
def test_stopping_at_any_step_leaves_nothing_in_this_browser(english, database, issued, now, step):
    english.set_cookie("eid_member_device", "a-members-phone")
    walk(english, database, issued[1], now, until=f"/{step}")
    token = english.get_cookie("eid_activation").value
    assert "Stop here" in english.get(f"/activate/{step}").text
    assert english.post("/activate/leave").location == "/"
    assert english.get_cookie("eid_activation") is None
    english.set_cookie("eid_activation", token)
    assert english.get(f"/activate/{step}").location == "/activate?over=1"


def test_a_sitting_ends_after_an_hour_and_what_was_done_is_kept(english, database, issued, clock):
    walk(english, database, issued[1], clock(), until="/app")
    clock.advance(minutes=61)
    answer = english.get("/activate/app")
    assert "Otherwise enter the code again; what you did before is kept." in english.get(answer.location).text
    assert walk(english, database, issued[1], clock(), until="/app").location == "/activate/app"


def test_after_another_message_the_page_waits_without_an_error(english, database, clock):
    with database.transaction() as db:
        _account, code = make_issued(db, clock())
        send_otp(db, PHONE, "status", None, now=clock())  # the same phone, a moment ago, for something else
    clock.advance(seconds=17)
    assert english.post("/activate", data={"code": code}).location == "/activate/phone"
    body = english.get("/activate/phone").text
    assert "Another message has just left for this phone. You can ask for your code in 43 seconds." in body
    assert "We sent a code" not in body and "<title>Error" not in body and 'name="otp"' not in body
    assert english.post("/activate/phone/again").location == "/activate/phone"
    clock.advance(seconds=44)
    assert english.post("/activate/phone/again").status_code == 303
    assert "We sent a code" in english.get("/activate/phone").text
    assert english.post("/activate/phone", data={"otp": message_code(database)}).location == "/activate/proof"


def test_who_comes_back_within_the_minute_reads_that_the_code_is_on_its_way_and_it_is_good(
    app, english, database, issued, clock
):
    english.post("/activate", data={"code": issued[1]})
    first = message_code(database)
    clock.advance(seconds=20)
    other = app.test_client()
    other.set_cookie("language", "en")
    for answer in (other.post("/activate", data={"code": issued[1]}), other.post("/activate/phone/again")):
        assert answer.location == "/activate/phone"
        body = other.get("/activate/phone").text
        assert "The code is on its way." in body and "ask for another in 40 seconds" in body
        assert "<title>Error" not in body
    assert message_code(database) == first
    assert other.post("/activate/phone", data={"otp": first}).location == "/activate/proof"


def test_a_code_that_was_tried_too_often_is_not_said_to_be_on_its_way(english, database, issued):
    english.post("/activate", data={"code": issued[1]})
    wrong = "000000" if message_code(database) != "000000" else "111111"
    for _try in range(10):
        english.post("/activate/phone", data={"otp": wrong})
    answer = english.post("/activate/phone/again")
    assert "A code was just sent. Wait 60 seconds" in answer.text and "on its way" not in answer.text
    assert "on its way" not in english.get("/activate/phone").text
