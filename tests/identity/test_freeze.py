"""Freezing with a proof, pausing without one: the owner is safe, and nobody is shut out for long by a stranger."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest
from sqlalchemy import select

from identity.account import Act, Ground, check_may
from identity.audit import SYSTEM, Actor, Event, events_about
from identity.base import Refused
from identity.credentials.change import change_password
from identity.credentials.recovery import Sheet, keep_sheet
from identity.freeze import OWNER, freeze, freeze_with_code, lift, paused_until
from identity.freeze_message import freeze_by_message
from identity.locks import grounds_of, lock, unlock
from identity.outbox import Lane, lease
from identity.pausing import PauseWish, pause_some
from identity.pausing import pause as ask_for_pause
from identity.session import find_session, open_session
from tests.identity.account_scene import LOGIN, PHONE, make_account, make_person
from tests.races.at_once import CALLERS, at_once
from tests.statements import heard

ADDRESS = "203.0.113.7"
TWO = ("pwd", "otp", "mfa")


@pytest.fixture
def account(db, now):
    return make_account(db, now, person_id=make_person(db, now).id)


@pytest.fixture
def sheet(db, account, now):
    drawn = Sheet.draw(now)
    keep_sheet(db, account.id, drawn, now=now)
    return drawn


def pause(db, login, address, *, now):
    """As a visitor asks, and what the worker does then."""
    answer = ask_for_pause(db, login, address, now=now)
    db.flush()
    pause_some(db, None, now=now)
    return answer


def refusal(db, account, act, now):
    db.flush()
    try:
        check_may(db, account.id, act, now=now)
    except Refused as refused:
        return refused.code
    return None


def test_the_sheets_code_shuts_everything_at_once(db, account, sheet, now):
    session = open_session(db, account, TWO, 2, now=now)
    assert freeze_with_code(db, LOGIN, sheet.freeze.lower().replace("-", " "), ADDRESS, now=now) is None
    assert {refusal(db, account, act, now) for act in Act} == {"account-locked"}
    assert find_session(db, session.token, now=now) is None
    assert [(one.ground, one.source) for one in grounds_of(db, account, now=now)] == [("own-request", "owner")]


def test_it_is_the_office_that_opens_it_again(db, account, now):
    freeze(db, account, Actor(account.id, "resident"), now=now)
    db.flush()
    assert unlock(db, account, Ground.OWN_REQUEST, "owner", SYSTEM, now=now + timedelta(days=1))
    assert refusal(db, account, Act.SIGN_IN, now + timedelta(days=1)) is None


def test_a_wrong_code_and_an_unknown_number_are_answered_alike(db, account, sheet, now):
    for login, code in ((LOGIN, sheet.codes[0]), (LOGIN, ""), ("999999999999", sheet.freeze)):
        assert freeze_with_code(db, login, code, ADDRESS, now=now).code == "freeze-wrong"
    assert refusal(db, account, Act.SIGN_IN, now) is None


def test_an_account_without_a_sheet_is_frozen_by_no_code(db, account, now):
    for code in ("", "0", "AAAA-AAAA-AAAA"):
        assert freeze_with_code(db, LOGIN, code, ADDRESS, now=now).code == "freeze-wrong"


def test_guessing_at_the_freeze_code_has_an_end_and_never_holds_up_the_sheet(db, account, sheet, now):
    answers = [freeze_with_code(db, LOGIN, "AAAA-AAAA-AAAA", ADDRESS, now=now).code for _ in range(6)]
    assert answers[-1] == "sign-in-wait"
    for number in range(30):
        freeze_with_code(db, LOGIN, "AAAA-AAAA-AAAA", f"198.51.100.{number}", now=now)
    assert freeze_with_code(db, LOGIN, sheet.freeze, "192.0.2.4", now=now) is None


def test_a_new_sheet_makes_the_old_freeze_code_worthless(db, account, sheet, now):
    keep_sheet(db, account.id, Sheet.draw(now), now=now)
    assert freeze_with_code(db, LOGIN, sheet.freeze, ADDRESS, now=now).code == "freeze-wrong"


def test_a_pause_stops_new_sign_ins_and_changes_and_nothing_else(db, account, now):
    session = open_session(db, account, TWO, 2, now=now)
    assert pause(db, LOGIN, ADDRESS, now=now) is None
    assert {act for act in Act if refusal(db, account, act, now) == "account-paused"} == {Act.SIGN_IN, Act.CHANGE}
    assert find_session(db, session.token, now=now) is not None
    with pytest.raises(Refused, match="account-paused"):
        change_password(db, account, account.password_hash, True, "x", session.session_id, now=now)


def test_a_pause_ends_after_a_day(db, account, now):
    pause(db, LOGIN, ADDRESS, now=now)
    db.flush()
    ends = paused_until(db, account.id, now=now)
    assert ends == now + timedelta(hours=24)
    assert refusal(db, account, Act.SIGN_IN, ends - timedelta(seconds=1)) == "account-paused"
    assert refusal(db, account, Act.SIGN_IN, ends) is None


def test_a_stranger_pauses_an_account_once_a_week(db, account, now):
    pause(db, LOGIN, ADDRESS, now=now)
    db.flush()
    later = now + timedelta(days=6, hours=23)
    assert pause(db, LOGIN, ADDRESS, now=later) is None, "the answer is the same"
    assert refusal(db, account, Act.SIGN_IN, later) is None
    pause(db, LOGIN, ADDRESS, now=now + timedelta(days=7))
    assert refusal(db, account, Act.SIGN_IN, now + timedelta(days=7)) == "account-paused"


def test_a_signed_in_device_lifts_a_pause_and_it_cannot_be_asked_again_at_once(db, account, now):
    pause(db, LOGIN, ADDRESS, now=now)
    db.flush()
    assert lift(db, account.id, Actor(account.id, "resident"), now=now)
    assert refusal(db, account, Act.SIGN_IN, now) is None
    assert not lift(db, account.id, Actor(account.id, "resident"), now=now)
    pause(db, LOGIN, ADDRESS, now=now)
    assert refusal(db, account, Act.SIGN_IN, now) is None


def test_a_pause_hides_no_lock(db, account, now):
    pause(db, LOGIN, ADDRESS, now=now)
    lock(db, account, Ground.TERMS, "operator", SYSTEM, now=now + timedelta(minutes=1))
    assert refusal(db, account, Act.TOKEN, now + timedelta(minutes=1)) == "account-locked"


def test_an_unknown_number_is_answered_like_a_known_one(db, account, now):
    assert pause(db, "999999999999", ADDRESS, now=now) is None
    assert db.scalar(select(PauseWish.id)) is None, "what was seen goes"


def test_asking_about_a_known_and_an_unknown_number_costs_the_same(database, now):
    with database.transaction() as db:
        make_account(db, now, person_id=make_person(db, now).id)
    costs = {}
    for login in (LOGIN, "999999999999"):
        with heard(database) as statements, database.transaction() as db:
            assert ask_for_pause(db, login, f"198.51.100.{len(costs)}", now=now) is None
        costs[login] = [statement.split()[:3] for statement in statements]
    assert costs[LOGIN] == costs["999999999999"]


def test_one_address_does_not_pause_many(db, account, now):
    answers = [pause(db, f"99999999{n:04}", ADDRESS, now=now) for n in range(6)]
    assert answers[:5] == [None] * 5 and answers[5].code == "sign-in-wait"


def test_the_owner_hears_of_both(db, account, now):
    pause(db, LOGIN, ADDRESS, now=now)
    freeze(db, account, Actor(account.id, "resident"), now=now)
    db.flush()
    assert {one.kind for one in lease(db, Lane.NOTICE, now=now, most=10)} == {"account-paused", "account-frozen"}
    names = [event.name for event in events_about(db, ("account", account.id))]
    assert names.count(Event.ACCOUNT_LOCKED) == 2


def test_sixteen_strangers_at_once_make_one_pause(database, now):
    with database.transaction() as db:
        account = make_account(db, now, person_id=make_person(db, now).id)

    def ask() -> str:
        with database.transaction() as db:
            refused = ask_for_pause(db, LOGIN, ADDRESS, now=now)
        with database.transaction() as db:
            pause_some(db, None, now=now)
            return refused.code if refused else "answered"

    assert Counter(at_once(ask))["answered"] <= CALLERS
    with database.session(write=False) as db:
        names = [event.name for event in events_about(db, ("account", account.id))]
    assert names.count(Event.ACCOUNT_LOCKED) == 1


@pytest.mark.parametrize("text", ["KHOA", "khoá", " Khoa tài khoản", "Freeze"])
def test_the_word_from_the_phone_on_file_shuts_everything(db, account, now, text):
    session = open_session(db, account, TWO, 2, now=now)
    assert freeze_by_message(db, "m-1", PHONE, text, now=now)
    assert refusal(db, account, Act.SIGN_IN, now) == "account-locked"
    assert find_session(db, session.token, now=now) is None


@pytest.mark.parametrize(
    ("sender", "text"),
    [(PHONE, "hello"), (PHONE, ""), (PHONE, "đừng khoá"), ("+84900000999", "KHOA"), ("nobody", "KHOA"), ("", "KHOA")],
)
def test_any_other_message_and_any_other_phone_do_nothing(db, account, now, sender, text):
    assert not freeze_by_message(db, "m-1", sender, text, now=now)
    assert refusal(db, account, Act.SIGN_IN, now) is None


def test_whoever_forges_a_sender_shuts_an_account_once_a_week_and_no_message_counts_twice(db, account, now):
    assert freeze_by_message(db, "m-1", PHONE, "KHOA", now=now)
    unlock(db, account, Ground.OWN_REQUEST, OWNER, SYSTEM, now=now)
    for days in range(1, 7):  # whatever day of the week it began on
        assert not freeze_by_message(db, f"m-2-{days}", PHONE, "KHOA", now=now + timedelta(days=days))
    assert not freeze_by_message(db, "m-1", PHONE, "KHOA", now=now + timedelta(days=8))
    assert refusal(db, account, Act.SIGN_IN, now) is None
    assert freeze_by_message(db, "m-3", PHONE, "KHOA", now=now + timedelta(days=8))


def test_a_message_that_comes_sixteen_times_is_told_once(database, now):
    with database.transaction() as db:
        make_account(db, now, person_id=make_person(db, now).id)

    def send():
        with database.transaction() as db:
            return freeze_by_message(db, "m-1", PHONE, "KHOA", now=now)

    assert Counter(at_once(send)) == {True: 1, False: CALLERS - 1}
