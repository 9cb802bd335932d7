"""Sessions: places, queues, teams; nobody gets a place that is not there."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from identity.account import Account
from identity.base import Refused
from identity.inbox import InboxMessage
from identity.outbox import OutboxMessage
from onboarding.learner import learner_of
from onboarding.sign_up import cancel_session, forget_who_came, sign_up, sign_ups, step_back
from onboarding.training import (
    Standing,
    add_course,
    get_team_session,
    sessions_in,
    sessions_of_learners,
)
from tests.onboarding.scene import communes, resident
from tests.onboarding.training_scene import room, session_of


@pytest.fixture
def place(db, now):
    return room(db, now=now, capacity=1)


def another(db, now, phone="+84987654321"):
    return learner_of(db, resident(db, communes(db)[0], now=now, phone=phone).id, now=now)


def test_who_comes_late_waits_and_moves_up_when_somebody_steps_back(db, place, now):
    second = another(db, now)
    assert sign_up(db, place.session_id, place.learner_id, now=now) is Standing.COMING
    assert sign_up(db, place.session_id, second.id, now=now) is Standing.WAITING
    step_back(db, place.session_id, place.learner_id, now=now)
    db.flush()
    assert [(row.learner_id, row.standing) for row in sign_ups(db, place.session_id)] == [(second.id, "coming")]


def test_signing_up_twice_is_one_place(db, place, now):
    for _ in range(2):
        assert sign_up(db, place.session_id, place.learner_id, now=now) is Standing.COMING
    assert len(sign_ups(db, place.session_id)) == 1


def test_who_stepped_back_and_returns_stands_at_the_end(db, place, now):
    second = another(db, now)
    sign_up(db, place.session_id, place.learner_id, now=now)
    sign_up(db, place.session_id, second.id, now=now)
    step_back(db, place.session_id, place.learner_id, now=now)
    assert sign_up(db, place.session_id, place.learner_id, now=now + timedelta(minutes=1)) is Standing.WAITING


def test_residents_find_the_sessions_of_their_place_with_free_places(db, place, now):
    sign_up(db, place.session_id, place.learner_id, now=now)
    found = sessions_in(db, {place.unit_id}, now=now)
    assert [(one.session.id, one.coming, one.is_full) for one in found] == [(place.session_id, 1, True)]
    assert [one.session.id for one, _ in sessions_of_learners(db, [place.learner_id])] == [place.session_id]


def test_a_cancelled_session_takes_nobody_and_is_not_offered(db, place, now):
    later = session_of(db, place.member, place.course_id, now=now, starts_in=24)
    cancel_session(db, place.member, later, now=now)
    db.flush()
    with pytest.raises(Refused, match="training-session-over"):
        sign_up(db, later.id, place.learner_id, now=now)
    assert later.id not in {one.session.id for one in sessions_in(db, {place.unit_id}, now=now)}


def test_a_session_that_has_begun_is_not_cancelled(db, place, now):
    with pytest.raises(Refused, match="session-begun"):
        cancel_session(db, place.member, get_team_session(db, place.member, place.session_id), now=now)


def test_another_teams_session_is_closed_and_the_attempt_is_recorded(db, place):
    with pytest.raises(Refused, match="session-not-yours") as refused:
        get_team_session(db, place.outsider, place.session_id)
    assert refused.value.audited


def test_a_session_needs_a_course_of_the_own_team(db, place, now):
    with pytest.raises(Refused, match="course-not-yours"):
        session_of(db, place.outsider, place.course_id, now=now)


@pytest.mark.parametrize(("skills", "code"), [([], "course-without-skill"), (["magic"], "skill-unknown")])
def test_a_course_teaches_known_skills(db, place, now, skills, code):
    with pytest.raises(Refused, match=code):
        add_course(db, place.member, "Khoá học", skills, now=now)


def test_a_session_lies_ahead(db, place, now):
    with pytest.raises(Refused, match="session-in-past"):
        session_of(db, place.member, place.course_id, now=now, starts_in=-3)


def account_of(db, learner_person):
    return db.scalars(select(Account).where(Account.person_id == learner_person)).one()


def told_to(db, account):
    return list(db.scalars(select(InboxMessage.kind).where(InboxMessage.account_id == account.id)))


def test_who_has_or_waits_for_a_place_is_told_that_the_session_is_cancelled(db, place, now):
    later = session_of(db, place.member, place.course_id, now=now, starts_in=24, capacity=1)
    first = account_of(db, place.person_id)
    others = [resident(db, communes(db)[0], now=now, phone=f"+8498765432{n}") for n in range(2)]
    waits, left = (account_of(db, person.id) for person in others)
    learners = [place.learner_id, *(learner_of(db, person.id, now=now).id for person in others)]
    for learner, account in zip(learners, (first, waits, left), strict=True):
        sign_up(db, later.id, learner, now=now, account_id=account.id)
    step_back(db, later.id, learners[2], now=now)
    for _ in range(2):  # pressed twice, told once
        cancel_session(db, place.member, later, now=now)
    db.flush()
    assert [told_to(db, one) for one in (first, waits, left)] == [["training-cancelled"], ["training-cancelled"], []]
    sent = db.scalars(select(OutboxMessage).where(OutboxMessage.kind == "training-cancelled")).all()
    assert {message.recipient_id for message in sent} == {first.id, waits.id}
    assert [row.account for row in sign_ups(db, later.id)] == [None, None]


def test_who_moves_up_is_told_and_nobody_moves_up_when_it_is_over(db, place, now):
    second = resident(db, communes(db)[0], now=now, phone="+84987654321")
    account, learner = account_of(db, second.id), learner_of(db, second.id, now=now)
    sign_up(db, place.session_id, place.learner_id, now=now)
    sign_up(db, place.session_id, learner.id, now=now, account_id=account.id)
    with db.begin_nested() as tried:
        step_back(db, place.session_id, place.learner_id, now=now + timedelta(days=1))
        assert told_to(db, account) == []
        tried.rollback()
    step_back(db, place.session_id, place.learner_id, now=now)
    assert told_to(db, account) == ["training-place"]


def test_whom_to_tell_is_forgotten_when_the_session_is_over(db, place, now):
    sign_up(db, place.session_id, place.learner_id, now=now, account_id=account_of(db, place.person_id).id)
    [row] = sign_ups(db, place.session_id)
    assert row.account is not None
    assert forget_who_came(db, now=now) == 0
    assert forget_who_came(db, now=now + timedelta(hours=2)) == 1
    db.expire_all()
    assert row.account is None
