"""Signing in: password, second step, waits that slow guesses down and do not lock the owner out."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import event

from identity.account import Ground, LockGround
from identity.audit import SYSTEM, Event, events_about
from identity.base import Refused
from identity.credentials.change import change_password
from identity.credentials.known_browser import introduce, is_known
from identity.credentials.recovery import make_codes
from identity.credentials.sign_in import SecondNeeded, Visit, first_step, look_up, raise_level, second_step, sign_out
from identity.locks import lock
from identity.sealed import add
from identity.session import Opened, find_session, open_session
from tests.identity.account_scene import LOGIN, PASSWORD, code_of, hashed, make_account

HOME = Visit("203.0.113.5", "Firefox/140")


def attempt(db, login, right, now, visit=HOME):
    """One answer to the first page; `right` stands for the slow comparison."""
    found = look_up(db, login, visit, now=now)
    return first_step(db, found, right and found.account_id is not None, visit, now=now)


def fail(db, times, now, visit=HOME, login=LOGIN):
    return [attempt(db, login, False, now, visit) for _ in range(times)][-1]


def sign_in(db, account, now, visit=HOME):
    needed = attempt(db, LOGIN, True, now, visit)
    return second_step(db, needed.ticket, code_of(account, now), visit, now=now)


@pytest.fixture
def account(db, now):
    return make_account(db, now)


def test_password_and_app_open_a_session_of_level_2(db, account, now):
    opened = sign_in(db, account, now)
    held = find_session(db, opened.token, now=now)
    assert (held.aal, held.amr, held.auth_time) == (2, ("pwd", "otp", "mfa"), now)


def test_a_resident_without_a_second_factor_gets_level_1(db, now):
    make_account(db, now, totp=False)
    held = find_session(db, attempt(db, LOGIN, True, now).token, now=now)
    assert (held.aal, held.amr) == (1, ("pwd",))


def test_staff_never_get_in_without_a_second_factor(db, now):
    make_account(db, now, "canbo.lan", kind="staff", totp=False)
    assert attempt(db, "canbo.lan", True, now).code == "second-factor-missing"


def test_a_wrong_password_and_an_unknown_login_get_the_same_answer(db, account, now):
    wrong, unknown = fail(db, 1, now), fail(db, 1, now, login="999999999999")
    assert (wrong.code, wrong.field, wrong.facts) == (unknown.code, unknown.field, unknown.facts)


def test_an_unknown_login_waits_like_a_known_one(db, account, now):
    known = fail(db, 6, now)
    unknown = fail(db, 6, now, replace(HOME, address="203.0.113.6"), login="999999999999")
    assert (known.code, known.facts) == (unknown.code, unknown.facts) == ("sign-in-wait", known.facts)


def test_an_unknown_login_costs_the_same_statements_as_a_known_one(db, account, now):
    def statements(login, address):
        seen = []
        listener = lambda *arguments: seen.append(arguments[2].split()[:3])  # noqa: E731 - removed by identity below
        event.listen(db.get_bind(), "before_cursor_execute", listener)
        fail(db, 1, now, Visit(address), login)
        event.remove(db.get_bind(), "before_cursor_execute", listener)
        return seen

    assert statements(LOGIN, "198.51.100.1") == statements("999999999999", "198.51.100.2")


def test_each_further_failure_doubles_the_wait_up_to_the_longest(db, account, now):
    waits, moment = [], now
    for _ in range(12):
        refusal = attempt(db, LOGIN, False, moment)
        if refusal.code == "sign-in-wait":
            waits.append(refusal.facts["seconds"])
            moment += timedelta(seconds=waits[-1])
            attempt(db, LOGIN, False, moment)
    assert waits[:4] == [30, 60, 120, 240]
    assert max(waits) <= 900


def test_during_a_wait_the_right_password_is_not_answered(db, account, now):
    fail(db, 5, now)
    assert look_up(db, LOGIN, HOME, now=now).waits
    assert attempt(db, LOGIN, True, now).code == "sign-in-wait"
    assert isinstance(attempt(db, LOGIN, True, now + timedelta(seconds=31)), SecondNeeded)


def test_failures_from_elsewhere_do_not_hold_up_the_owners_browser(db, account, now):
    mine = replace(HOME, known_browser=introduce(db, account.id, account.password_hash))
    for number in range(30):
        fail(db, 1, now, Visit(f"198.51.100.{number}"))
    assert attempt(db, LOGIN, True, now).code == "sign-in-wait"
    assert isinstance(attempt(db, LOGIN, True, now, mine), SecondNeeded)


def test_a_known_browser_is_known_to_one_account_only(db, account, now):
    other = make_account(db, now, "001158000001")
    cookie = introduce(db, account.id, account.password_hash)
    assert is_known(db, cookie, account.id, account.password_hash)
    assert not is_known(db, cookie, other.id, account.password_hash)
    assert not is_known(db, "made.up", account.id, account.password_hash)
    assert not is_known(db, None, None, None)


def test_a_household_that_shares_a_phone_is_announced_to_nobody(db, account, now):
    people = [account, *(make_account(db, now, f"00115800000{number}") for number in range(5))]
    cookie = None
    for one in people:
        cookie = introduce(db, one.id, one.password_hash, cookie)
    assert [is_known(db, cookie, one.id, one.password_hash) for one in people] == [False, *[True] * 5]
    again = introduce(db, people[1].id, people[1].password_hash, cookie)
    assert len(again) == len(cookie) and is_known(db, again, people[2].id, people[2].password_hash), "once each"


def test_a_known_browser_changes_its_cookie_and_guesses_no_further(db, account, now):
    cookie = introduce(db, account.id, account.password_hash)
    answers = [fail(db, 1, now, replace(HOME, known_browser=f"junk.{number}~{cookie}")) for number in range(11)]
    assert answers[-1].code == "sign-in-wait"


def test_whoever_was_thrown_out_with_the_old_password_comes_back_as_a_stranger(db, account, now):
    cookie = introduce(db, account.id, account.password_hash)
    account.password_hash = hashed("con mèo trèo cây cau")
    assert not is_known(db, cookie, account.id, account.password_hash)


def test_a_known_browser_that_guesses_has_to_wait_too(db, account, now):
    mine = replace(HOME, known_browser=introduce(db, account.id, account.password_hash))
    assert fail(db, 11, now, mine).code == "sign-in-wait"


def test_one_address_that_tries_many_accounts_has_to_wait(db, now):
    for number in range(100):
        fail(db, 1, now, login=f"0011580{number:05}")
    assert fail(db, 1, now, login="001158099999").code == "sign-in-wait"
    assert fail(db, 1, now, Visit("198.51.100.7"), login="001158099999").code == "sign-in-wrong"


def test_behind_a_shared_address_those_who_get_in_make_up_for_those_who_mistype(db, account, now):
    for number in range(99):
        fail(db, 1, now, login=f"0011580{number:05}")
    assert isinstance(attempt(db, LOGIN, True, now), SecondNeeded)
    assert [fail(db, 1, now, login=f"0011570{number:05}").code for number in range(4)] == ["sign-in-wrong"] * 3 + [
        "sign-in-wait"
    ]


def test_a_known_browser_is_not_held_up_by_its_neighbours_on_the_same_address(db, account, now):
    mine = replace(HOME, known_browser=introduce(db, account.id, account.password_hash))
    for number in range(100):
        fail(db, 1, now, login=f"0011580{number:05}")
    assert attempt(db, LOGIN, True, now).code == "sign-in-wait"
    assert isinstance(attempt(db, LOGIN, True, now, mine), SecondNeeded)


def test_addresses_of_one_ipv6_network_count_as_one(db, now):
    for number in range(100):
        fail(db, 1, now, Visit(f"2001:db8::{number:x}"), login=f"0011580{number:05}")
    assert fail(db, 1, now, Visit("2001:db8::ffff"), login="001158099999").code == "sign-in-wait"


def test_failures_are_forgotten_after_an_hour(db, account, now):
    fail(db, 4, now)
    later = now + timedelta(minutes=61)
    assert fail(db, 4, later).code == "sign-in-wrong"


def test_a_success_empties_the_count(db, account, now):
    fail(db, 4, now)
    sign_in(db, account, now)
    assert fail(db, 4, now).code == "sign-in-wrong"


def test_a_lock_is_told_to_who_knows_the_password_and_to_nobody_else(db, account, now):
    lock(db, account, Ground.TERMS, "operator", SYSTEM, now=now)
    db.flush()
    assert attempt(db, LOGIN, False, now).code == "sign-in-wrong"
    assert attempt(db, LOGIN, True, now).code == "account-locked"


def test_a_lock_between_the_steps_stops_the_second(db, account, now):
    ticket = attempt(db, LOGIN, True, now).ticket
    lock(db, account, Ground.TERMS, "operator", SYSTEM, now=now)
    db.flush()
    assert second_step(db, ticket, code_of(account, now), HOME, now=now).code == "second-step-over"
    assert attempt(db, LOGIN, True, now).code == "account-locked"  # who starts again is told


def test_a_pause_between_the_steps_stops_the_second(db, account, now):
    """A pause takes nothing away, so the ticket stands: it is the gate that stops it."""
    ticket = attempt(db, LOGIN, True, now).ticket
    add(db, LockGround(account_id=account.id, ground=Ground.PAUSE.value, source="a test", since=now))
    db.flush()
    assert second_step(db, ticket, code_of(account, now), HOME, now=now).code == "account-paused"


def test_a_password_changed_during_the_comparison_counts_as_wrong(db, account, now):
    found = look_up(db, LOGIN, HOME, now=now)
    account.password_hash = hashed("một mật khẩu khác hẳn")
    db.flush()
    assert first_step(db, found, True, HOME, now=now).code == "sign-in-wrong"


def test_a_mistyped_code_may_be_tried_again(db, account, now):
    ticket = attempt(db, LOGIN, True, now).ticket
    assert second_step(db, ticket, "abcdef", HOME, now=now).code == "second-step-wrong"
    assert isinstance(second_step(db, ticket, code_of(account, now), HOME, now=now), Opened)


def test_the_ticket_between_the_steps_is_good_for_one_success(db, account, now):
    ticket = attempt(db, LOGIN, True, now).ticket
    second_step(db, ticket, code_of(account, now), HOME, now=now)
    again = second_step(db, ticket, code_of(account, now + timedelta(seconds=30)), HOME, now=now)
    assert again.code == "second-step-over"


@pytest.mark.parametrize("ticket", ["", "made up"])
def test_a_made_up_ticket_is_worth_nothing(db, account, now, ticket):
    assert second_step(db, ticket, code_of(account, now), HOME, now=now).code == "second-step-over"


def test_the_ticket_dies_after_ten_minutes_and_with_the_password(db, account, now):
    ticket = attempt(db, LOGIN, True, now).ticket
    late = now + timedelta(minutes=10)
    assert second_step(db, ticket, code_of(account, late), HOME, now=late).code == "second-step-over"
    account.password_hash = hashed("một mật khẩu khác hẳn")
    db.flush()
    assert second_step(db, ticket, code_of(account, now), HOME, now=now).code == "second-step-over"


def test_guessing_the_code_has_to_wait_after_ten_tries(db, account, now):
    ticket = attempt(db, LOGIN, True, now).ticket
    for _ in range(10):
        second_step(db, ticket, "abcdef", HOME, now=now)
    assert second_step(db, ticket, code_of(account, now), HOME, now=now).code == "sign-in-wait"


def test_a_recovery_code_takes_the_place_of_the_app_once(db, account, now):
    code = make_codes(db, account.id, now=now)[0]
    ticket = attempt(db, LOGIN, True, now).ticket
    assert isinstance(second_step(db, ticket, code, HOME, now=now), Opened)
    ticket = attempt(db, LOGIN, True, now).ticket
    assert second_step(db, ticket, code, HOME, now=now).code == "second-step-wrong"
    assert Event.RECOVERY_CODE_USED in [row.name for row in events_about(db, ("account", account.id))]


def test_signing_in_again_keeps_the_session_and_changes_its_token(db, account, now):
    first = sign_in(db, account, now)
    later = now + timedelta(minutes=5)
    here = replace(HOME, session_id=first.session_id, account_id=account.id)
    second = sign_in(db, account, later, here)
    assert (second.session_id, second.token != first.token) == (first.session_id, True)
    assert find_session(db, first.token, now=later) is None
    assert find_session(db, second.token, now=later).auth_time == later


def test_another_account_in_the_same_browser_ends_the_session_before(db, account, now):
    other = make_account(db, now, "001158000001")
    before = open_session(db, other, ("pwd",), 1, now=now)
    here = replace(HOME, session_id=before.session_id, account_id=other.id)
    opened = sign_in(db, account, now, here)
    assert find_session(db, before.token, now=now) is None
    assert find_session(db, opened.token, now=now).account_id == account.id


def test_a_session_of_level_1_rises_with_the_second_factor(db, account, now):
    before = open_session(db, account, ("pwd",), 1, now=now)
    here = replace(HOME, session_id=before.session_id, account_id=account.id)
    assert raise_level(db, account.id, "abcdef", here, now=now).code == "second-step-wrong"
    after = raise_level(db, account.id, code_of(account, now), here, now=now)
    assert find_session(db, after.token, now=now).aal == 2
    assert after.session_id == before.session_id


def test_an_account_without_a_second_factor_cannot_rise(db, now):
    account = make_account(db, now, totp=False)
    assert raise_level(db, account.id, "123456", HOME, now=now, test_otp="123456").code == "second-factor-missing"


def test_failures_and_successes_are_in_the_persons_history(db, account, now):
    fail(db, 1, now)
    opened = sign_in(db, account, now)
    from identity.audit import Actor

    sign_out(db, Actor(account.id, "resident"), opened.session_id, now=now)
    names = [row.name for row in events_about(db, ("account", account.id))]
    assert {Event.SIGN_IN_FAILED, Event.SIGNED_IN, Event.SIGNED_OUT} <= set(names)
    assert find_session(db, opened.token, now=now) is None


def test_changing_the_password_needs_the_old_one_and_ends_other_sessions(db, account, now):
    here, there = sign_in(db, account, now), open_session(db, account, ("pwd",), 1, now=now)
    new = hashed("một mật khẩu khác hẳn")
    seen = account.password_hash
    assert change_password(db, account, seen, False, new, here.session_id, now=now).code == "password-wrong"
    assert change_password(db, account, seen, True, new, here.session_id, now=now) is None
    db.flush()
    assert account.password_hash == new
    assert find_session(db, here.token, now=now)
    assert find_session(db, there.token, now=now) is None


def test_guessing_the_old_password_has_to_wait(db, account, now):
    opened = sign_in(db, account, now)
    for _ in range(10):
        change_password(db, account, account.password_hash, False, "x", opened.session_id, now=now)
    refusal = change_password(db, account, account.password_hash, True, "x", opened.session_id, now=now)
    assert isinstance(refusal, Refused)
    assert refusal.code == "sign-in-wait"
    assert account.password_hash == hashed(PASSWORD)


def test_a_thief_with_the_password_does_not_hold_up_the_owners_second_step(db, account, now):
    thief = replace(HOME, address="198.51.100.9")
    stolen = attempt(db, LOGIN, True, now, thief).ticket
    answers = [second_step(db, stolen, "abcdef", thief, now=now).code for _ in range(12)]
    assert answers[-1] == "sign-in-wait"
    owner = replace(HOME, known_browser=introduce(db, account.id, account.password_hash))
    assert isinstance(sign_in(db, account, now, owner), Opened)


def test_a_known_browser_does_not_guess_codes_without_end(db, account, now):
    mine = replace(HOME, known_browser=introduce(db, account.id, account.password_hash))
    ticket = attempt(db, LOGIN, True, now, mine).ticket
    answers = [second_step(db, ticket, "abcdef", mine, now=now).code for _ in range(12)]
    assert answers[-1] == "sign-in-wait"
