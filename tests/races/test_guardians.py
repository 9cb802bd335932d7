"""Sixteen at once around guardians: one question, one answer, one end."""

from __future__ import annotations

from collections import Counter
from itertools import count

import pytest
from sqlalchemy import func, select

from identity.account import get_account
from identity.audit import Actor, Event, events_about
from identity.base import Refused, new_id
from identity.guardians import Confirmation, Guardianship, Purpose, answer, ask, guardians_of
from identity.guardians.ending import EndedFor, end_by_paper
from tests.identity.applicants import a_ward, an_officer
from tests.races.at_once import CALLERS, at_once


@pytest.fixture
def family(database, now):
    with database.transaction() as db:
        ward, guardian = a_ward(db, now=now)
        return ward.id, guardian.id


def test_one_question_is_put_however_many_pages_ask(database, family, now):
    ward_id, _guardian_id = family
    sitting = new_id()

    def put():
        with database.transaction() as db:
            return ask(db, get_account(db, ward_id), Purpose.ACTIVATE, sitting, now=now).id

    assert len(set(at_once(put))) == 1
    with database.session(write=False) as db:
        assert db.scalar(select(func.count()).select_from(Confirmation)) == 1


def test_one_of_sixteen_answers_counts(database, family, now):
    """Half say yes and half say no; whoever is first decides, and nobody after them changes it."""
    ward_id, guardian_id = family
    with database.transaction() as db:
        question = ask(db, get_account(db, ward_id), Purpose.ACTIVATE, new_id(), now=now)
        question_id, number = question.id, question.number
    turn = count()

    def say():
        wanted = number if next(turn) % 2 else None
        try:
            with database.transaction() as db:
                return answer(db, question_id, get_account(db, guardian_id), wanted, now=now)
        except Refused as refusal:
            return refusal.code

    said = Counter(at_once(say))
    assert said["guardian-question-over"] == CALLERS - 1
    with database.session(write=False) as db:
        kept = db.get(Confirmation, question_id)
        assert said[kept.is_confirmed] == 1 and kept.by_account_id == guardian_id
        names = [event.name for event in events_about(db, ("account", ward_id))]
        assert sum(name in (Event.GUARDIAN_CONFIRMED, Event.GUARDIAN_REFUSED) for name in names) == 1


def test_a_guardianship_ends_once(database, family, now):
    ward_id, _guardian_id = family
    with database.transaction() as db:
        ward = get_account(db, ward_id)
        row_id = guardians_of(db, ward.person_id, now=now)[0].id
        officer = an_officer(db, "approving_officer", now=now)

    def end():
        try:
            with database.transaction() as db:
                end_by_paper(
                    db, row_id, EndedFor.COURT, "12/2026/QĐ-TA", Actor(officer.account_id, officer.role), now=now
                )
                return "ended"
        except Refused as refusal:
            return refusal.code

    assert Counter(at_once(end)) == {"ended": 1, "guardianship-ended": CALLERS - 1}
    with database.session(write=False) as db:
        assert db.get(Guardianship, row_id).ended_at is not None
        names = [event.name for event in events_about(db, ("account", ward_id))]
        assert names.count(Event.GUARDIANSHIP_ENDED) == 1
