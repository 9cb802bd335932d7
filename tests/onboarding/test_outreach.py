"""Calling the people who wait: who calls whom, and what came of it."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from identity.account import Account
from identity.activation import make_activation_code
from identity.audit import SYSTEM, Actor, AuditEvent, Event, record
from identity.base import Refused
from identity.helping import count_waiting, known_as, waiting_by_place
from identity.staff import give_role
from onboarding.callers import Caller, colleagues, hand_over
from onboarding.callers import callers as who_calls
from onboarding.guidance import Trouble, behind, trouble_of, waiting_by_trouble
from onboarding.outreach import (
    PAGE,
    CallResult,
    Choice,
    call_list,
    give_back,
    note_result,
    progress,
    results,
    show_phone,
    take_over,
)
from tests.onboarding.scene import activate, communes, ids, pseudonym_of, resident, staff_account

TODAY = date(2026, 11, 23)


@pytest.fixture
def here(db):
    return communes(db)[0]


@pytest.fixture
def callers(db, now):
    return [Actor(staff_account(db, name, now=now).id, "coordinator") for name in ("a", "b")]


def test_people_are_shared_out_once_and_only_their_caller_notes_the_result(db, here, callers, now):
    one, other = callers
    handles = [pseudonym_of(db, resident(db, here, now=now)) for _ in range(3)]
    resident(db, here, now=now, agreed=False)
    assert call_list(db, ids(here), one, now=now).total == 3
    assert take_over(db, handles[:2], one.account_id, one, ids(here), now=now) == 2
    assert take_over(db, handles, other.account_id, other, ids(here), now=now) == 1
    note_result(db, handles[0], CallResult.NO_ANSWER, one, now=now)
    with pytest.raises(Refused, match="outreach-not-yours"):
        note_result(db, handles[0], CallResult.APPOINTMENT, other, now=now)
    assert results(db, ids(here)) == {"no-answer": 1, None: 2}
    lines = {line.person.pseudonym: line.call for line in call_list(db, ids(here), one, now=now).lines}
    assert lines[handles[0]].again_on == TODAY + timedelta(days=1)
    assert take_over(db, [b"0" * 32], one.account_id, one, ids(here), now=now) == 0


def shown(db, here, by, choice, now):
    return {line.person.pseudonym for line in call_list(db, ids(here), by, now=now, choice=choice).lines}


def test_each_choice_shows_its_people_and_counts_them(db, here, callers, now):
    one, other = callers
    free, mine, later, theirs = (pseudonym_of(db, resident(db, here, now=now)) for _ in range(4))
    take_over(db, [mine, later], one.account_id, one, ids(here), now=now)
    take_over(db, [theirs], other.account_id, other, ids(here), now=now)
    note_result(db, later, CallResult.CALL_LATER, one, now=now)
    assert shown(db, here, one, Choice.ALL, now) == {free, mine, later, theirs}
    assert shown(db, here, one, Choice.FREE, now) == {free}
    assert shown(db, here, one, Choice.MINE, now) == {mine, later}
    assert shown(db, here, one, Choice.DUE, now) == {mine}
    assert shown(db, here, one, Choice.DUE, now + timedelta(days=3)) == {mine, later}
    assert call_list(db, ids(here), one, now=now, choice=Choice.FREE).total == 1


def test_who_is_given_back_or_left_for_a_week_can_be_taken_by_another(db, here, callers, now):
    one, other = callers
    returned, forgotten, unwilling = (pseudonym_of(db, resident(db, here, now=now)) for _ in range(3))
    everybody = [returned, forgotten, unwilling]
    take_over(db, everybody, one.account_id, one, ids(here), now=now)
    note_result(db, unwilling, CallResult.NOT_WANTED, one, now=now)
    with pytest.raises(Refused, match="outreach-not-yours"):
        give_back(db, returned, other, now=now)
    give_back(db, returned, one, now=now)
    with pytest.raises(Refused, match="outreach-not-yours"):
        note_result(db, returned, CallResult.NO_ANSWER, one, now=now)
    almost, over = now + timedelta(days=7), now + timedelta(days=7, seconds=1)
    assert shown(db, here, other, Choice.FREE, almost) == {returned}
    assert take_over(db, everybody, other.account_id, other, ids(here), now=over) == 2
    assert take_over(db, everybody, one.account_id, one, ids(here), now=over) == 0
    assert shown(db, here, other, Choice.MINE, over) == {returned, forgotten}


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("nguyen van an", {"Nguyễn Văn An"}),
        ("AN nguyễn", {"Nguyễn Văn An"}),
        ("an", {"Nguyễn Văn An"}),
        ("Đăng", {"Trần Đăng Lan"}),
        ("0912 345 678", {"Trần Đăng Lan"}),
        ("+84 912345678", {"Trần Đăng Lan"}),
        ("0912 345 679", set()),
        ("ng", set()),
        ("%", set()),
    ],
)
def test_somebody_is_found_by_words_of_the_name_or_the_number_they_call_back_from(db, here, callers, now, typed, found):
    people = [("Nguyễn Văn An", "+84987654321"), ("Trần Đăng Lan", "+84912345678")]
    names = {pseudonym_of(db, resident(db, here, now=now, name=name, phone=tel)): name for name, tel in people}
    shown = call_list(db, ids(here), callers[0], now=now, only=known_as(db, typed))
    assert {names[line.person.pseudonym] for line in shown.lines} == found
    assert shown.total == len(found)


def test_the_number_is_shown_to_the_caller_alone_and_the_person_sees_it(db, here, callers, now):
    one, other = callers
    person = resident(db, here, now=now, phone="+84912345678")
    handle = pseudonym_of(db, person)
    for act in (one, other):
        with pytest.raises(Refused, match="outreach-not-yours"):
            show_phone(db, handle, act, ids(here), now=now)
    take_over(db, [handle], one.account_id, one, ids(here), now=now)
    assert show_phone(db, handle, one, ids(here), now=now) == "+84912345678"
    with pytest.raises(Refused, match="outreach-not-yours"):
        show_phone(db, handle, other, ids(here), now=now)
    looked = select(AuditEvent).where(AuditEvent.name == Event.OUTREACH_PHONE_SHOWN)
    [look] = db.scalars(looked).all()
    assert (look.subject_id, look.actor_id) == (person.id, one.account_id)
    activate(db, person, now=now)
    with pytest.raises(Refused, match="nobody-waits-here"):
        show_phone(db, handle, one, ids(here), now=now)


def test_progress_counts_who_activated_after_the_call_as_the_system_saw_it(db, here, callers, now):
    one = callers[0]
    people = [resident(db, here, now=now) for _ in range(4)]
    handles = [pseudonym_of(db, person) for person in people]
    take_over(db, handles[:3], one.account_id, one, ids(here), now=now)
    for handle in handles[:2]:
        note_result(db, handle, CallResult.WILL_DO_IT, one, now=now)
    activate(db, people[0], now=now + timedelta(hours=1))
    activate(db, people[2], now=now + timedelta(hours=1))  # not called: not an outcome of the calls
    found = progress(db, ids(here), now=now)
    assert (found.waiting, found.taken, found.called, found.activated) == (2, 3, 2, 1)


def test_a_long_list_is_cut_into_pages(db, here, callers, now):
    for number in range(PAGE + 1):
        resident(db, here, now=now, phone=f"+8491234{number:04}")
    first, second = (call_list(db, ids(here), callers[0], now=now, page=page) for page in (1, 2))
    assert (len(first.lines), len(second.lines), first.pages, first.total) == (PAGE, 1, 2, PAGE + 1)


# a backlog of thousands: who calls whom, where, and about what


def test_people_are_handed_to_a_colleague_who_works_where_they_live(db, here, callers, now):
    beside = communes(db)[1]
    leader, there = callers
    give_role(db, there.account_id, "coordinator", beside.id, SYSTEM, now=now)
    near, far = (pseudonym_of(db, resident(db, unit, now=now)) for unit in (beside, here))
    reach = ids(here, beside)
    assert colleagues(db, reach, leader, on=TODAY) == [(there.account_id, "Lê Thị Mai")]
    assert colleagues(db, ids(here), leader, on=TODAY) == [], "nobody whom the one who asks does not reach"
    with pytest.raises(Refused, match="not-found"):
        hand_over(db, [far], there.account_id, leader, ids(here), now=now)
    assert hand_over(db, [near, far], there.account_id, leader, reach, now=now) == 1
    note_result(db, near, CallResult.NO_ANSWER, there, now=now)
    take_over(db, [far], leader.account_id, leader, reach, now=now)
    assert who_calls(db, reach, on=TODAY) == [Caller("Lê Thị Mai", 1, 0, 1), Caller("Lê Thị Mai", 1, 1, 0)]
    assert who_calls(db, reach, on=TODAY + timedelta(days=1))[1] == Caller("Lê Thị Mai", 1, 1, 1)


def test_the_list_is_narrowed_by_what_stands_in_the_way(db, here, callers, now):
    by, failed = callers[0], {}
    for reason in ("otp-wrong", "password-common", "made-up", None):
        person = resident(db, here, now=now)
        failed[reason] = pseudonym_of(db, person)
        if reason:
            account = db.scalars(select(Account).where(Account.person_id == person.id)).one()
            facts = {"step": "phone", "reason": reason}
            record(db, Event.ACTIVATION_STEP_FAILED, SYSTEM, now=now, subject=("account", account.id), **facts)
    wanted = {
        Trouble.OTP_REFUSED: "otp-wrong",
        Trouble.PASSWORD_REFUSED: "password-common",
        Trouble.OTHER: "made-up",
        None: None,
    }
    for trouble, reason in wanted.items():
        found = call_list(db, ids(here), by, now=now, only=behind(trouble, now=now))
        assert [line.person.pseudonym for line in found.lines] == [failed[reason]]
        assert (found.total, trouble_of(reason)) == (1, trouble)
    assert waiting_by_place(db, ids(here, communes(db)[1])) == {here.id: 4}


def test_whose_window_is_over_is_found_by_that_whatever_they_tried(db, here, callers, now):
    over, by = resident(db, here, now=now - timedelta(days=8)), callers[0]
    resident(db, here, now=now)
    account = db.scalars(select(Account).where(Account.person_id == over.id)).one()
    for reason in (None, "otp-wrong"):
        if reason:
            facts = {"step": "phone", "reason": reason}
            record(db, Event.ACTIVATION_STEP_FAILED, SYSTEM, now=now, subject=("account", account.id), **facts)
        found = call_list(db, ids(here), by, now=now, only=behind(Trouble.PAST_WINDOW, now=now))
        assert [line.person.pseudonym for line in found.lines] == [pseudonym_of(db, over)]
        assert (found.lines[0].person.step, found.lines[0].person.days_left) == ("code", -2)
        waiting = {one.trouble: (one.people, one.agreed) for one in waiting_by_trouble(db, ids(here), now=now)}
        assert waiting == {Trouble.PAST_WINDOW: (1, 1), None: (1, 1)}
    make_activation_code(db, account, now=now)  # the desk opened it again
    assert count_waiting(db, ids(here), among=behind(Trouble.PAST_WINDOW, now=now)) == 0
    assert count_waiting(db, ids(here), among=behind(Trouble.OTP_REFUSED, now=now)) == 1


def test_a_page_behind_the_last_is_the_last(db, here, callers, now, monkeypatch):
    """Whoever takes all people of the last page lands on one that still has people."""
    monkeypatch.setattr("onboarding.outreach.PAGE", 2)
    handles = [pseudonym_of(db, resident(db, here, now=now)) for _ in range(3)]
    free = {"now": now, "choice": Choice.FREE}
    last = call_list(db, ids(here), callers[0], page=2, **free)
    take_over(db, [line.person.pseudonym for line in last.lines], callers[0].account_id, callers[0], ids(here), now=now)
    shown = call_list(db, ids(here), callers[0], page=2, **free)
    assert (shown.page, shown.pages, len(shown.lines), len(handles)) == (1, 1, 2, 3)
    assert call_list(db, ids(here), callers[0], page=10**9, **free).page == 1
