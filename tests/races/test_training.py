"""Sixteen at once: one attendance, one award, one link of a slip, no place too many; never an error."""

from __future__ import annotations

from datetime import timedelta
from itertools import count

import pytest
from sqlalchemy import func, select

from identity.base import Refused
from onboarding.attendance import (
    THEMSELVES,
    Attendance,
    attend_by_kept_scan,
    attend_by_spoken_code,
    attend_by_ticket,
)
from onboarding.award import Award
from onboarding.check_in import codes_from, give_ticket
from onboarding.learner import Learner, learner_of, link_slip
from onboarding.roster import allow_late_proof, attend_by_numbers, attend_by_roster, walk_in_with_slip
from onboarding.sign_up import sign_up
from onboarding.skill_check import check_skill
from onboarding.training import Standing, get_session
from tests.onboarding.scene import communes, resident
from tests.onboarding.training_scene import room, seen
from tests.races.at_once import CALLERS, at_once


@pytest.fixture
def place(database, now):
    with database.transaction() as db:
        return room(db, now=now, capacity=5)


def rows(database, table):
    with database.session(write=False) as db:
        return db.scalar(select(func.count()).select_from(table))


def test_a_ticket_presented_by_sixteen_counts_one(database, place, now):
    with database.transaction() as db:
        session = get_session(db, place.session_id)
        ticket = give_ticket(db, session, codes_from(db, session, now)[0].token, now=now)

    def call():
        with database.transaction() as db:
            return attend_by_ticket(db, db.get_one(Learner, place.learner_id), ticket, now=now)

    answers = at_once(call)
    assert sum(not isinstance(answer, Refused) for answer in answers) == 1
    assert {answer.code for answer in answers if isinstance(answer, Refused)} == {"check-in-again"}
    assert rows(database, Attendance) == 1


def test_one_person_checking_in_sixteen_times_on_all_ways_is_one(database, place, now):
    turns, later = count(), now + timedelta(hours=1)
    with database.transaction() as db:
        allow_late_proof(db, place.member, get_session(db, place.session_id), now=now)
        sign_up(db, place.session_id, place.learner_id, now=now)

    def call():
        way = next(turns) % 6
        with database.transaction() as db:
            session, learner = get_session(db, place.session_id), db.get_one(Learner, place.learner_id)
            code = codes_from(db, session, now)[0]
            if way == 0:
                return attend_by_spoken_code(db, session, learner, code.spoken, now=now)
            if way == 1:
                return attend_by_roster(db, place.member, session, [learner.id], now=now)
            if way == 2:
                return attend_by_kept_scan(db, session, learner, code.token, scanned_at=now, now=later)
            if way == 3:
                return attend_by_spoken_code(db, session, learner, code.spoken, now=later, heard_at=now)
            if way == 4:
                return attend_by_numbers(db, place.member, session, {1: now}, now=later)
            return attend_by_ticket(db, learner, give_ticket(db, session, code.token, now=now), now=now)

    assert not any(isinstance(answer, Refused) for answer in at_once(call))
    assert rows(database, Attendance) == 1


def test_sixteen_checks_at_once_give_one_award(database, place, now):
    def call():
        with database.transaction() as db:
            return check_skill(db, place.member, seen("payment", place.learner_id, now), now=now).passed

    assert at_once(call) == [True] * CALLERS
    assert rows(database, Award) == 1


def test_a_slip_linked_by_sixteen_has_one_owner(database, place, now):
    with database.transaction() as db:
        slip = walk_in_with_slip(db, place.member, get_session(db, place.session_id), now=now, age_band=None)

    def call():
        with database.transaction() as db:
            try:
                return link_slip(db, db.get_one(Learner, place.learner_id), slip.code, THEMSELVES, now=now)
            except Refused as refusal:
                return refusal.code

    answers = at_once(call)
    assert answers.count(slip.learner_id) == 1 and answers.count("slip-unknown") == CALLERS - 1


def test_five_places_are_five_however_many_press_at_once(database, place, now):
    with database.transaction() as db:
        unit = communes(db)[0]
        people = [resident(db, unit, now=now, phone=f"+8491234{number:04}") for number in range(CALLERS)]
        ids = iter([learner_of(db, person.id, now=now).id for person in people])

    def call():
        with database.transaction() as db:
            return sign_up(db, place.session_id, next(ids), now=now)

    answers = at_once(call)
    assert answers.count(Standing.COMING) == 5 and answers.count(Standing.WAITING) == CALLERS - 5


def test_a_person_on_sixteen_devices_is_one_learner(database, place, now):
    with database.transaction() as db:
        person_id = resident(db, communes(db)[0], now=now, phone="+84911111111").id

    def call():
        with database.transaction() as db:
            return learner_of(db, person_id, now=now).id

    assert len(set(at_once(call))) == 1
