"""A new phone or mail address: both codes, word to both sides, and no way to a stranger's phone."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from identity import contact
from identity.credentials.otp import send_otp
from identity.outbox import Channel, Lane, lease
from identity.person import Person, find_person_by_phone
from identity.session import open_session
from tests.identity.account_scene import PHONE, make_account, make_person

NEW = "+84987654321"


@pytest.fixture
def person(database, now):
    with database.transaction() as db:
        made = make_person(db, now)
        made.email = "old@example.org"
        return made


@pytest.fixture
def signed_in(client, database, person, now):
    with database.transaction() as db:
        account = make_account(db, now, person_id=person.id)
        client.set_cookie("eid_session", open_session(db, account, ("pwd", "otp", "mfa"), 2, now=now).token)
    client.set_cookie("language", "en")
    return client


def codes(database, now):
    """By address, the code that was sent there last."""
    with database.transaction() as db:
        return {one.address: one.facts["code"] for one in lease(db, Lane.CODE, now=now, most=20)}


def begin(client, kind="phone", value="0987 654 321"):
    return client.post(f"/account/contact/{kind}", data={"value": value})


def finish(client, old, new):
    return client.post("/account/contact/confirm", data={"old_code": old, "new_code": new})


def kept(database, person):
    with database.session(write=False) as db:
        found = db.get(Person, person.id)
        return found.phone, found.email


def test_a_phone_changes_when_both_codes_are_typed(signed_in, database, person, now):
    assert begin(signed_in).location == "/account/contact/confirm"
    sent = codes(database, now)
    assert sent.keys() == {PHONE, NEW}
    page = signed_in.get("/account/contact/confirm").text
    assert NEW in page and PHONE not in page, "the old number stays masked"
    answer = finish(signed_in, sent[PHONE], sent[NEW])
    assert "The change counts from now on." in signed_in.get(answer.location).text
    assert kept(database, person)[0] == NEW
    with database.session(write=False) as db:
        assert find_person_by_phone(db, NEW).id == person.id
        assert find_person_by_phone(db, PHONE) is None
    assert "phone or mail address was changed" in signed_in.get("/account/history").text


def test_both_sides_are_told(signed_in, database, now):
    begin(signed_in)
    sent = codes(database, now)
    finish(signed_in, sent[PHONE], sent[NEW])
    with database.transaction() as db:
        told = {(one.channel, one.address) for one in lease(db, Lane.NOTICE, now=now, most=20)}
    assert told == {(Channel.SMS, PHONE), (Channel.SMS, NEW), (Channel.EMAIL, "old@example.org")}


def test_a_mail_address_changes_with_a_code_to_the_phone_and_one_to_the_address(signed_in, database, person, now):
    begin(signed_in, "email", "new@example.org")
    sent = codes(database, now)
    assert sent.keys() == {PHONE, "new@example.org"}
    finish(signed_in, sent[PHONE], sent["new@example.org"])
    assert kept(database, person) == (PHONE, "new@example.org")


@pytest.mark.parametrize("wrong", ["old", "new", "swapped"])
def test_one_code_is_not_enough(signed_in, database, person, now, wrong):
    begin(signed_in)
    sent = codes(database, now)
    old, new = {"old": ("000000", sent[NEW]), "new": (sent[PHONE], "000000"), "swapped": (sent[NEW], sent[PHONE])}[
        wrong
    ]
    assert "This code is not right." in finish(signed_in, old, new).text
    assert kept(database, person)[0] == PHONE


@pytest.mark.parametrize("first", [("old", "000000"), ("000000", "new"), ("000000", "000000")])
def test_who_mistypes_one_code_still_has_the_other(signed_in, database, person, now, first):
    begin(signed_in)
    sent = codes(database, now)
    right = {"old": sent[PHONE], "new": sent[NEW]}
    finish(signed_in, *(right.get(typed, typed) for typed in first))
    finish(signed_in, sent[PHONE], sent[NEW])
    assert kept(database, person)[0] == NEW


def test_a_wrong_code_is_counted_also_beside_a_right_one(signed_in, database, person, now):
    begin(signed_in)
    sent = codes(database, now)
    for _try in range(10):
        finish(signed_in, sent[PHONE], "000000")
    finish(signed_in, sent[PHONE], sent[NEW])
    assert kept(database, person)[0] == PHONE


def test_nobody_moves_to_a_phone_that_is_somebody_elses_and_learns_it_only_with_that_phone_in_hand(
    signed_in, database, person, now
):
    """Else whoever is signed in could ask of any number whether it has an account."""
    with database.transaction() as db:
        make_person(db, now, phone=NEW)
    assert begin(signed_in).location == "/account/contact/confirm"
    sent = codes(database, now)
    assert sent.keys() == {PHONE, NEW}
    assert "another person" not in finish(signed_in, sent[PHONE], "000000").text
    assert "belongs to another person" in finish(signed_in, sent[PHONE], sent[NEW]).text
    assert kept(database, person)[0] == PHONE


def test_a_phone_that_was_taken_meanwhile_is_refused_at_the_end(signed_in, database, person, now):
    begin(signed_in)
    sent = codes(database, now)
    with database.transaction() as db:
        make_person(db, now, phone=NEW)
    assert finish(signed_in, sent[PHONE], sent[NEW]).status_code in (200, 409)
    assert kept(database, person)[0] == PHONE


def test_whoever_types_a_strangers_number_as_their_own_does_not_use_up_the_strangers_messages(database, now):
    """Else an owner with a lost device gets no code, because somebody who is signed in wished so."""
    with database.transaction() as db:
        make_person(db, now, phone=NEW)
        for number in range(5):
            person = make_person(db, now, phone=f"+8490000010{number}")
            account = make_account(db, now, f"90100000010{number}", person_id=person.id)
            contact.begin(db, account, contact.Kind.PHONE, NEW, now=now - timedelta(minutes=50 - 5 * number))
        assert send_otp(db, NEW, "recovery", None, now=now)


def test_the_same_number_is_no_change(signed_in, database, now):
    assert "This is the one we have already." in begin(signed_in, value=PHONE).text
    assert codes(database, now) == {}


def test_a_change_waits_in_the_browser_that_asked_for_it_and_for_ten_minutes(signed_in, database, clock, now):
    begin(signed_in)
    sent = codes(database, now)
    signed_in.delete_cookie("eid_contact")
    assert "Begin again" in finish(signed_in, sent[PHONE], sent[NEW]).text


def test_a_fresh_sign_in_is_wanted(signed_in, clock):
    clock.advance(minutes=11)
    for path in ("/account/contact", "/account/contact/phone", "/account/contact/confirm"):
        assert signed_in.get(path).location.startswith("/sign-in?")


def test_neither_address_lies_in_clear(signed_in, database, now):
    begin(signed_in)
    with database.session(write=False) as db:
        for table in ("ticket", "one_time_code", "outbox_message"):
            rows = str(db.execute(sa.text(f"SELECT * FROM {table}")).all())
            assert NEW[3:] not in rows and PHONE[3:] not in rows


def test_the_mail_address_is_removed_with_the_code_of_the_phone(signed_in, database, person, now):
    assert "Remove the mail address" in signed_in.get("/account/contact").text
    assert signed_in.post("/account/contact/email/remove").location == "/account/contact/confirm"
    sent = codes(database, now)
    assert sent.keys() == {PHONE}
    page = signed_in.get("/account/contact/confirm").text
    assert "Remove the mail address" in page and 'name="new_code"' not in page
    signed_in.post("/account/contact/confirm", data={"old_code": "000000"})
    assert kept(database, person)[1] == "old@example.org"
    signed_in.post("/account/contact/confirm", data={"old_code": sent[PHONE]})
    assert kept(database, person)[1] is None
    with database.transaction() as db:
        told = {(one.channel, one.address) for one in lease(db, Lane.NOTICE, now=now, most=20)}
    assert told == {(Channel.SMS, PHONE), (Channel.EMAIL, "old@example.org")}
    assert "remove-email" not in signed_in.get("/account/contact").text
