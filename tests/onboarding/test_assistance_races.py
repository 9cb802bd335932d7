"""Several sendings at the same moment: one record, one correction, one consent, and never an error."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import func, select

from identity.helping import HelpConsent, agree_to_help, new_help_code, present_help_code
from identity.helping.code import HelpCodeMiss
from identity.person import Person
from onboarding.assistance import AssistanceEvent, State, take_in
from tests.onboarding.scene import communes, entry, member_of, resident, team_in

MANY = 8


@pytest.fixture
def at_once(database):
    """Run `act(db, number)` in as many transactions as MANY, all begun together; their results."""

    def run(act):
        start = Barrier(MANY)

        def one(number):
            start.wait()
            with database.transaction() as db:
                return act(db, number)

        with ThreadPoolExecutor(MANY) as pool:
            return list(pool.map(one, range(MANY)))

    return run


@pytest.fixture
def world(database, now):
    with database.transaction() as db:
        here = communes(db)[0]
        member = member_of(db, team_in(db, here, now=now), now=now)
        person = resident(db, here, now=now, agreed=False)
        return member.account_id, person.id


def test_one_record_sent_many_times_at_once_is_saved_once(at_once, database, world, now):
    account_id, _ = world
    one = entry(now)
    states = at_once(lambda db, _number: take_in(db, account_id, one, now=now).state)
    assert Counter(states) == {State.SAVED: 1, State.KNOWN: MANY - 1}
    with database.session(write=False) as db:
        assert db.scalar(select(func.count()).select_from(AssistanceEvent)) == 1


def test_of_many_corrections_at_once_one_wins_and_the_others_are_told(at_once, database, world, now):
    account_id, _ = world
    first = entry(now)
    with database.transaction() as db:
        take_in(db, account_id, first, now=now)
    corrections = [entry(now, supersedes=first.id, minutes=30 + number) for number in range(MANY)]
    taken = at_once(lambda db, number: take_in(db, account_id, corrections[number], now=now))
    refused = [one.refusal.code for one in taken if one.refusal]
    assert Counter(one.state for one in taken) == {State.SAVED: 1, State.REFUSED: MANY - 1}
    assert set(refused) == {"assistance-superseded"}


def test_agreeing_many_times_at_once_is_one_consent(at_once, database, world, now):
    _, person_id = world
    at_once(lambda db, _number: agree_to_help(db, db.get_one(Person, person_id), now=now))
    with database.session(write=False) as db:
        assert db.scalar(select(func.count()).select_from(HelpConsent)) == 1


def test_every_wrong_code_given_at_once_is_counted(at_once, database, world, now):
    account_id, person_id = world
    with database.transaction() as db:
        agree_to_help(db, db.get_one(Person, person_id), now=now)
        code = new_help_code(db, person_id, now=now)
    wrong = "00000000" if code != "0000 0000" else "11111111"
    at_once(lambda db, _number: present_help_code(db, account_id, wrong, on=now.date(), now=now))
    with database.session(write=False) as db:
        assert db.scalar(select(HelpCodeMiss.count)) == MANY
