"""Codes that buy once, and guesses that cannot outrun the count, with sixteen callers at once."""

from __future__ import annotations

from collections import Counter

import pytest

from identity.base import Refused
from identity.credentials.otp import check_otp, send_otp, why_not
from identity.credentials.recovery import make_codes, use_code
from identity.credentials.sign_in import Visit, first_step, look_up, second_step
from identity.credentials.throttle import Bucket, take_try
from identity.credentials.totp import check_totp
from identity.session import Opened
from tests.identity.account_scene import LOGIN, PASSWORD, PHONE, code_of, make_account, sent_otp
from tests.races.at_once import CALLERS, at_once


@pytest.fixture
def account(database, now):
    with database.transaction() as db:
        return make_account(db, now)


@pytest.fixture
def app_code(database, account, now):
    with database.session(write=False) as db:
        return code_of(db.merge(account), now)


def together(database, call):
    """Each caller in a transaction of its own."""

    def run():
        with database.transaction() as db:
            return call(db)

    return at_once(run)


def test_a_confirmation_code_is_right_once(database, now):
    with database.transaction() as db:
        challenge = send_otp(db, PHONE, "apply", None, now=now)
        code = sent_otp(db)
    assert together(database, lambda db: check_otp(db, challenge, code, now=now)).count(True) == 1


def test_sixteen_requests_for_a_code_at_once_send_one(database, now):
    def ask():
        try:
            with database.transaction() as db:
                return send_otp(db, PHONE, "apply", None, now=now) and "sent"
        except Refused as refusal:
            return refusal.code

    assert Counter(at_once(ask)) == {"sent": 1, "otp-wait": CALLERS - 1}


def test_wrong_confirmation_codes_are_all_counted(database, now):
    with database.transaction() as db:
        challenge = send_otp(db, PHONE, "apply", None, now=now)
    assert not any(together(database, lambda db: check_otp(db, challenge, "abcdef", now=now)))
    with database.session(write=False) as db:
        assert why_not(db, challenge, now=now).code == "otp-ended"


def test_a_code_of_the_app_is_right_once(database, account, app_code, now):
    assert together(database, lambda db: check_totp(db, account.id, app_code, now=now)).count(True) == 1


def test_a_recovery_code_is_good_once(database, account, now):
    with database.transaction() as db:
        code = make_codes(db, account.id, now=now)[0]
    assert together(database, lambda db: use_code(db, account.id, code, now=now)).count(True) == 1


def test_of_sixteen_wrong_passwords_five_are_answered_and_the_rest_wait(database, account, now):
    visit = Visit("203.0.113.5")
    with database.session(write=False) as db:
        found = look_up(db, LOGIN, visit, now=now)
    answers = together(database, lambda db: first_step(db, found, False, visit, now=now).code)
    assert Counter(answers) == {"sign-in-wrong": 5, "sign-in-wait": CALLERS - 5}


def test_one_bucket_is_made_once_and_counts_every_try(database, now):
    waits = together(database, lambda db: take_try(db, [Bucket("address", "203.0.113.5")], now=now))
    assert waits == [None] * CALLERS
    with database.transaction() as db:
        assert all(take_try(db, [Bucket("address", "203.0.113.5")], now=now) is None for _ in range(100 - CALLERS))
        assert take_try(db, [Bucket("address", "203.0.113.5")], now=now) is not None


def test_one_ticket_opens_one_session_even_with_a_code_that_repeats(database, account, now):
    visit = Visit("203.0.113.5")
    with database.transaction() as db:
        ticket = first_step(db, look_up(db, LOGIN, visit, now=now), True, visit, now=now).ticket
    outcomes = together(database, lambda db: second_step(db, ticket, "123456", visit, now=now, test_otp="123456"))
    assert sum(isinstance(outcome, Opened) for outcome in outcomes) == 1
    assert {outcome.code for outcome in outcomes if isinstance(outcome, Refused)} == {"second-step-over"}


def test_one_second_step_opens_one_session(app, client, database, account, app_code):
    answer = client.post("/sign-in", data={"login": LOGIN, "password": PASSWORD})
    assert answer.location == "/sign-in/second"
    ticket = client.get_cookie("eid_second").value

    def finish():
        browser = app.test_client()
        browser.set_cookie("eid_second", ticket)
        return browser.post("/sign-in/second", data={"otp": app_code}).status_code

    assert Counter(at_once(finish)) == {303: 1, 200: CALLERS - 1}
