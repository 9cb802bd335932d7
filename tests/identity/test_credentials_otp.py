"""Confirmation codes: one winner, ten tries, minutes to live, a pause between messages."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from identity.base import Refused, new_id
from identity.credentials.codes import clean_code, clean_digits, new_code
from identity.credentials.otp import OneTimeCode, check_otp, find_open_otp, seconds_to_wait, send_otp, why_not
from identity.outbox import Lane, OutboxMessage, lease
from tests.identity.account_scene import PHONE, sent_otp


@pytest.fixture
def challenge(db, now):
    return send_otp(db, PHONE, "apply", None, now=now)


def wrong_for(db):
    return f"{(int(sent_otp(db)) + 1) % 10**6:06}"


def test_the_code_that_was_sent_is_right_once(db, challenge, now):
    code = sent_otp(db)
    assert check_otp(db, challenge, code, now=now)
    assert not check_otp(db, challenge, code, now=now)
    assert why_not(db, challenge, now=now).code == "otp-used"


def test_spaces_hyphens_and_wide_digits_do_not_matter(db, challenge, now):
    code = sent_otp(db)
    wide = "".join(chr(ord(digit) + 0xFEE0) for digit in code[3:])
    assert check_otp(db, challenge, f" {code[:3]}-{wide} ", now=now)


def test_a_wrong_code_is_counted_and_the_person_learns_what_is_left(db, challenge, now):
    assert not check_otp(db, challenge, wrong_for(db), now=now)
    refusal = why_not(db, challenge, now=now)
    assert (refusal.code, refusal.facts["left"]) == ("otp-wrong", 9)


def test_after_ten_wrong_tries_the_right_code_is_worthless(db, challenge, now):
    for _ in range(10):
        check_otp(db, challenge, wrong_for(db), now=now)
    assert not check_otp(db, challenge, sent_otp(db), now=now)
    assert why_not(db, challenge, now=now).code == "otp-ended"


def test_the_tenth_try_may_still_be_right(db, challenge, now):
    for _ in range(9):
        check_otp(db, challenge, wrong_for(db), now=now)
    assert check_otp(db, challenge, sent_otp(db), now=now)


def test_a_code_lives_five_minutes(db, challenge, now):
    late = now + timedelta(minutes=5)
    assert not check_otp(db, challenge, sent_otp(db), now=late)
    assert why_not(db, challenge, now=late).code == "otp-expired"
    assert check_otp(db, challenge, sent_otp(db), now=late - timedelta(seconds=1))


def test_the_message_goes_by_the_lane_of_codes_and_is_never_sent_late(db, challenge, now):
    db.flush()
    message = db.scalars(select(OutboxMessage)).one()
    assert (message.lane, message.expires_at) == (Lane.CODE, now + timedelta(minutes=5))
    assert lease(db, Lane.CODE, now=now + timedelta(minutes=5)) == []


def test_the_next_message_waits_a_minute(db, challenge, now):
    with pytest.raises(Refused) as caught:
        send_otp(db, PHONE, "apply", None, now=now + timedelta(seconds=20))
    assert (caught.value.code, caught.value.facts["seconds"]) == ("otp-wait", 40)
    assert send_otp(db, PHONE, "apply", None, now=now + timedelta(seconds=60))


@pytest.mark.parametrize(("later", "left"), [(0, 60), (20, 40), (59.5, 1), (60, 0), (3600, 0)])
def test_who_waits_for_a_message_learns_how_long(db, challenge, now, later, left):
    at = now + timedelta(seconds=later)
    assert seconds_to_wait(db, PHONE, "apply", now=at) == left
    assert seconds_to_wait(db, PHONE, "activation", now=at) == 0  # those to applicants count apart
    assert seconds_to_wait(db, "+84900000009", "apply", now=at) == 0


def test_five_messages_an_hour_whatever_for(db, now):
    for minute in range(5):
        send_otp(db, PHONE, f"purpose-{minute}", None, now=now + timedelta(minutes=2 * minute))
    with pytest.raises(Refused, match="otp-too-many"):
        send_otp(db, PHONE, "another", None, now=now + timedelta(minutes=20))
    assert send_otp(db, "+84987654321", "another", None, now=now + timedelta(minutes=20))
    assert send_otp(db, PHONE, "another", None, now=now + timedelta(minutes=61))


def test_fifteen_messages_a_day(db, now):
    for number in range(15):
        send_otp(db, PHONE, "apply", None, now=now + timedelta(minutes=20 * number))
    with pytest.raises(Refused, match="otp-too-many-today"):
        send_otp(db, PHONE, "apply", None, now=now + timedelta(hours=23))
    assert send_otp(db, PHONE, "status", None, now=now + timedelta(hours=23)), "its owner is not held up"
    assert send_otp(db, PHONE, "apply", None, now=now + timedelta(hours=24, minutes=1))


def test_strangers_who_type_a_phone_when_applying_do_not_hold_up_its_owner(db, now):
    for minute in range(5):
        send_otp(db, PHONE, "apply", new_id(), now=now + timedelta(minutes=minute))
    later = now + timedelta(minutes=4, seconds=5)
    assert send_otp(db, PHONE, "status", new_id(), now=later)
    assert send_otp(db, PHONE, "activation", new_id(), now=later + timedelta(minutes=1))


def test_strangers_send_one_phone_five_messages_an_hour_however_many_drafts_they_begin(db, now):
    send_otp(db, PHONE, "status", new_id(), now=now)
    for minute in range(5):
        send_otp(db, PHONE, "apply", new_id(), now=now + timedelta(minutes=minute))
    with pytest.raises(Refused, match="otp-too-many"):
        send_otp(db, PHONE, "apply", new_id(), now=now + timedelta(minutes=10))


def test_a_new_code_replaces_the_one_before(db, challenge, now):
    old, later = sent_otp(db), now + timedelta(minutes=1)
    send_otp(db, PHONE, "apply", None, now=later)
    assert not check_otp(db, challenge, old, now=later)


def test_a_code_does_not_serve_another_purpose_or_subject(db, now):
    mine, other = new_id(), new_id()
    first = send_otp(db, PHONE, "activation", mine, now=now)
    code = sent_otp(db)
    second = send_otp(db, PHONE, "activation", other, now=now + timedelta(minutes=1), test_otp="000000")
    assert not check_otp(db, second, "111111", now=now + timedelta(minutes=1))
    assert check_otp(db, first, code, now=now + timedelta(minutes=1))


def test_an_open_challenge_is_found_until_it_is_used(db, now):
    subject = new_id()
    challenge = send_otp(db, PHONE, "activation", subject, now=now)
    assert find_open_otp(db, "activation", subject, now=now) == challenge
    check_otp(db, challenge, sent_otp(db), now=now)
    assert find_open_otp(db, "activation", subject, now=now) is None


def test_the_demonstrations_fixed_code_repeats(db, now):
    for minute in range(3):
        moment = now + timedelta(minutes=minute)
        challenge = send_otp(db, PHONE, "apply", None, now=moment, test_otp="123456")
        assert check_otp(db, challenge, "123456", now=moment)


def test_neither_code_nor_phone_is_in_the_row(db, challenge, now):
    row = db.get_one(OneTimeCode, challenge)
    assert sent_otp(db).encode() not in row.code_digest
    assert PHONE.encode() not in row.phone_index


@given(st.text(max_size=40))
def test_any_typing_is_understood_without_an_error(typed):
    assert clean_digits(typed) == "" or (clean_digits(typed).isdecimal() and clean_digits(typed).isascii())
    assert clean_code(clean_code(typed)) == clean_code(typed)


@given(st.integers(1, 5))
def test_a_made_code_survives_being_read_aloud_and_typed(groups):
    code = new_code(groups)
    assert clean_code(code.lower().replace("-", " ")) == clean_code(code)
    assert clean_code(code.replace("0", "o").replace("1", "l")) == clean_code(code)
