"""Sixteen at once around help codes and calls: a limit that holds, misses that all count, one caller a person."""

from __future__ import annotations

from collections import Counter
from itertools import count

import pytest
from sqlalchemy import func, select

from identity.audit import Actor
from identity.base import Refused
from identity.deadlines import rule
from identity.helping import new_help_code, present_help_code
from identity.helping.code import HelpCodeMiss
from identity.helping.consent import HelpCode
from onboarding.outreach import OutreachCall, take_over
from tests.onboarding.scene import communes, member_of, pseudonym_of, resident, staff_account, team_in
from tests.races.at_once import CALLERS, at_once


@pytest.fixture
def world(database, now):
    with database.transaction() as db:
        here = communes(db)[0]
        member = member_of(db, team_in(db, here, now=now), now=now)
        person = resident(db, here, now=now)
        return member.account_id, person.id, here.id, pseudonym_of(db, person)


def test_sixteen_wishes_for_a_help_code_keep_the_limit_of_the_day(database, world, now):
    _helper, person_id, _here, _handle = world

    def ask():
        with database.transaction() as db:
            try:
                return new_help_code(db, person_id, now=now)
            except Refused as refusal:
                return refusal.code

    most = rule("help_codes_per_day", now.date())
    answers = at_once(ask)
    assert Counter(answers)["help-code-limit"] == CALLERS - most
    assert len(set(answers)) == most + 1
    with database.session(write=False) as db:
        assert db.scalar(select(func.count()).select_from(HelpCode)) == most


def test_sixteen_wrong_help_codes_are_all_counted_and_then_nothing_is_looked_up(database, world, now):
    helper, person_id, _here, handle = world
    with database.transaction() as db:
        code = new_help_code(db, person_id, now=now)
    wrong = "00000000" if code != "0000 0000" else "11111111"

    def guess():
        with database.transaction() as db:
            return present_help_code(db, helper, wrong, on=now.date(), now=now)

    assert {one.pseudonym for one in at_once(guess)} == {None}
    with database.session(write=False) as db:
        assert db.scalar(select(HelpCodeMiss.count)) >= rule("help_code_misses_per_day", now.date())
    with database.transaction() as db:
        after = present_help_code(db, helper, code, on=now.date(), now=now)
    assert (after.pseudonym, after.blocked) == (None, True) and handle


def test_of_sixteen_who_take_a_person_to_call_one_has_them(database, world, now):
    _helper, _person, here, handle = world
    with database.transaction() as db:
        callers = [staff_account(db, f"caller-{number}", now=now).id for number in range(CALLERS)]
    turns = count()

    def take():
        account_id = callers[next(turns)]
        with database.transaction() as db:
            return take_over(db, [handle], account_id, Actor(account_id, "coordinator"), {here}, now=now)

    assert sorted(at_once(take)) == [0] * (CALLERS - 1) + [1]
    with database.session(write=False) as db:
        assert db.scalar(select(func.count()).select_from(OutreachCall)) == 1
