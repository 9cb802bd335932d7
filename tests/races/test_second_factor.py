"""The lock of a device as second factor, sixteen at once: one answer counts, one ticket opens, one factor stays."""

from __future__ import annotations

from datetime import timedelta
from itertools import count

import pytest
from sqlalchemy.orm.exc import StaleDataError

from identity.account import get_account
from identity.activation import confirm_passkey, find_journey, options_to_make
from identity.base import Refused
from identity.credentials.passkey import Site, passkeys_of
from identity.credentials.passkeys import add_passkey, options_to_add, options_to_sign_in, remove, second_step
from identity.credentials.second_factor import remove_app
from identity.credentials.sign_in import Visit, first_step, look_up
from identity.session import Opened
from tests.identity.account_scene import LOGIN, make_account, make_issued
from tests.identity.test_activation import Step, go_to
from tests.passkey import Phone
from tests.races.at_once import CALLERS, at_once
from tests.races.test_activation import token_at

SITE = Site("localhost", "http://localhost", "e-ID")
VISIT = Visit("203.0.113.7", "a browser")
LATE = (Refused, StaleDataError)
"""What whoever is late gets; the portal answers both with a page."""


@pytest.fixture
def phone():
    return Phone()


@pytest.fixture
def account(database, now, phone):
    """With an app and one device."""
    with database.transaction() as db:
        made = make_account(db, now)
        add_passkey(db, SITE, made, phone.make(options_to_add(db, SITE, made, now=now)), "x", now=now)
    return made


def outcome(database, work):
    try:
        with database.transaction() as db:
            found = work(db)
            return "done" if found is None else found
    except LATE as late:
        return late.code if isinstance(late, Refused) else "late"


def test_of_app_and_last_device_removed_at_once_one_stays(database, account, now):
    with database.session(write=False) as db:
        [device] = passkeys_of(db, account.id)
    turn = count()

    def take(db):
        held = get_account(db, account.id)
        remove_app(db, held, held.id, now=now) if next(turn) % 2 else remove(db, held, device.id, held.id, now=now)

    answers = at_once(lambda: outcome(database, take))
    assert len(answers) == CALLERS and "done" in answers
    with database.session(write=False) as db:
        held = get_account(db, account.id)
        assert bool(held.totp_secret_sealed) != bool(passkeys_of(db, account.id))


def test_of_two_devices_without_an_app_one_stays(database, account, now):
    with database.transaction() as db:
        held, another = get_account(db, account.id), Phone()
        add_passkey(db, SITE, held, another.make(options_to_add(db, SITE, held, now=now)), "y", now=now)
        db.flush()
        held.totp_secret = None
        devices = [one.id for one in passkeys_of(db, held.id)]
    turn = count()

    def take(db):
        remove(db, get_account(db, account.id), devices[next(turn) % 2], account.id, now=now)

    at_once(lambda: outcome(database, take))
    with database.session(write=False) as db:
        assert len(passkeys_of(db, account.id)) == 1


def test_one_ticket_opens_one_session(database, account, phone, now):
    with database.transaction() as db:
        ticket = first_step(db, look_up(db, LOGIN, VISIT, now=now), True, VISIT, now=now).ticket
        answers = [phone.sign(options_to_sign_in(db, SITE, now=now)) for _ in range(CALLERS)]
    phone_says = iter(answers)

    def enter(db):
        return isinstance(second_step(db, SITE, ticket, next(phone_says), VISIT, now=now), Opened)

    assert at_once(lambda: outcome(database, enter)).count(True) == 1


def test_sixteen_tickets_and_one_answer_open_one_session(database, account, phone, now):
    with database.transaction() as db:
        found = look_up(db, LOGIN, VISIT, now=now)
        tickets = [first_step(db, found, True, VISIT, now=now).ticket for _ in range(CALLERS)]
        answer = phone.sign(options_to_sign_in(db, SITE, now=now))
    mine = iter(tickets)

    def enter(db):
        return isinstance(second_step(db, SITE, next(mine), answer, VISIT, now=now), Opened)

    assert at_once(lambda: outcome(database, enter)).count(True) == 1


def test_an_answer_of_an_activation_counts_once(database, now, phone):
    with database.transaction() as db:
        issued = make_issued(db, now)
    token, moment = token_at(database, issued[1], now, Step.TOTP)
    with database.session(write=False) as db:
        answer = phone.make(options_to_make(db, SITE, find_journey(db, token, now=moment), now=moment))

    def make(db):
        refusal = confirm_passkey(db, SITE, find_journey(db, token, now=moment), answer, "x", now=moment)
        return "made" if refusal is None else refusal.code

    answers = at_once(lambda: outcome(database, make))
    assert answers.count("made") == 1
    assert set(answers) <= {"made", "passkey-not-made", "activation-other-step"}


def test_two_sittings_make_one_key_between_them(database, now, phone):
    """The one that proved the phone last goes on; what the other's browser made meanwhile does not count."""
    with database.transaction() as db:
        issued = make_issued(db, now)
    with database.transaction() as db:
        early = go_to(db, issued[1], now, Step.TOTP)
        made_early = phone.make(options_to_make(db, SITE, early, now=now))
    token, moment = token_at(database, issued[1], now + timedelta(minutes=2), Step.TOTP)
    with database.session(write=False) as db:
        late = find_journey(db, token, now=moment)
        made_late = Phone().make(options_to_make(db, SITE, late, now=moment))
    turn = count()

    def make(db):
        which = (made_early, made_late)[next(turn) % 2]
        refusal = confirm_passkey(db, SITE, find_journey(db, token, now=moment), which, "x", now=moment)
        return "made" if refusal is None else refusal.code

    assert at_once(lambda: outcome(database, make)).count("made") == 1
