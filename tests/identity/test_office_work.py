"""Rules of the office's work: the draw, small numbers, warnings, figures."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import pairwise
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from identity.account import get_account
from identity.application import (
    Application,
    acknowledge,
    appeal,
    break_glass,
    decide,
    decide_appeal,
    hand_back,
    record_capture,
    request_supplement,
    resubmit,
    take_here,
    take_next,
)
from identity.application.conflicts import declare, declare_person
from identity.application.desks import take_to_decide
from identity.application.fairness import fairness, quarters
from identity.application.figures import figures
from identity.application.review import Given
from identity.application.small_numbers import Share, protected
from identity.application.supervising import supervisors_of
from identity.application.tasks import Kind, Task, is_drawn, open_task, settle, task_of
from identity.application.warnings import MESSAGE, warn_supervisors
from identity.audit import SYSTEM, Event, events_about
from identity.base import Refused, new_id
from identity.deadlines import today_in_vietnam
from identity.outbox import OutboxMessage
from identity.places import Unit
from identity.retention.run import purge_some
from identity.rights.erasing import erase_application
from identity.sealed import add
from identity.staff import Role, end_role, give_role
from identity.staff.idle import lift, suspend
from identity.staff.record import StaffRecord
from tests.identity.applicants import CITIZEN, FOREIGNER, an_officer, at_work, matched, submitted

BOTH = ("approving_officer", "supervisor")


def citizen(number: int):
    personal = f"0011902{number:05d}"
    return replace(
        CITIZEN,
        personal_number=personal,
        card_number=personal,
        full_name=f"Người Số {number}",
        birth_date=date(1990, 1, 1) + timedelta(days=number),
    )


def refused_with(code: str, call, *given, **named) -> None:
    with pytest.raises(Refused) as caught:
        call(*given, **named)
    assert caught.value.code == code


def test_about_as_many_are_drawn_as_the_rule_says_and_the_same_ones_each_time(db: Session, now: datetime) -> None:
    files = [Application(id=new_id()) for _ in range(2000)]
    drawn = [file.id for file in files if is_drawn(db, file, now=now)]
    assert 50 <= len(drawn) <= 160  # 5 percent of 2,000; six deviations wide
    assert drawn == [file.id for file in files if is_drawn(db, file, now=now)]


def test_what_is_drawn_is_opened_for_somebody_else_with_its_date(
    db: Session, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    application, _receiver = matched(db, now=now)
    approver = an_officer(db, "approving_officer", now=now)
    monkeypatch.setattr("identity.application.tasks.is_drawn", lambda *_given, **_named: True)
    decide(db, application, approver, "approved", now=now)
    task = task_of(db, application.id, Kind.SECOND_LOOK)
    assert task is not None and task.due_at > now
    refused_with("task-four-eyes", settle, db, task, approver, "agree", "", now=now)
    other = an_officer(db, "approving_officer", now=now)
    settle(db, task, other, "agree", "", now=now)
    refused_with("task-done", settle, db, task, an_officer(db, "approving_officer", now=now), "agree", "", now=now)
    assert task_of(db, application.id, Kind.DISAGREEMENT) is None


def test_a_refusal_is_not_drawn(db: Session, now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    application, _receiver = matched(db, now=now)
    monkeypatch.setattr("identity.application.tasks.is_drawn", lambda *_given, **_named: True)
    decide(db, application, an_officer(db, "approving_officer", now=now), "refused", "second-account", now=now)
    assert db.scalars(select(Task)).all() == []


def test_one_person_with_two_accounts_is_never_approved(db: Session, now: datetime) -> None:
    application, _receiver = matched(db, now=now)
    task = open_task(db, application, Kind.LINKING, now=now)
    approver = an_officer(db, "approving_officer", now=now)
    refused_with("linking-open", decide, db, application, approver, "approved", now=now)
    refused_with("task-note-missing", settle, db, task, approver, "same-person", " ", now=now)
    settle(db, task, approver, "same-person", "Cùng khuôn mặt.", now=now)
    refused_with("linking-same", decide, db, application, approver, "approved", now=now)
    decide(db, application, approver, "refused", "second-account", now=now)


def test_a_tie_keeps_an_officer_from_every_step(db: Session, now: datetime) -> None:
    application, _receiver = matched(db, now=now)
    approver = an_officer(db, "approving_officer", now=now)
    declare(db, application, approver, "friendship", now=now)
    refused_with("conflict-declared", decide, db, application, approver, "refused", "second-account", now=now)
    fresh, _code = submitted(db, citizen(3), now=now, phone="+84912000003")
    receiver = an_officer(db, "receiving_officer", now=now)
    declare_person(db, receiver, citizen(3).personal_number, "relative", "em", now=now)
    refused_with("conflict-declared", acknowledge, db, fresh, receiver, now=now)
    assert take_next(db, {fresh.unit_id}, receiver, now=now) is None


def test_a_tie_to_a_foreign_resident_is_found_by_the_passport(db: Session, now: datetime) -> None:
    application, _code = submitted(db, FOREIGNER, now=now)
    receiver = an_officer(db, "receiving_officer", now=now)
    refused_with("conflict-number", declare_person, db, receiver, "M1", "business", "chủ nhà", now=now)
    declare_person(db, receiver, "kor m12345678", "business", "chủ nhà", now=now)
    refused_with("conflict-declared", take_here, db, application, receiver, "5678", now=now)


def test_what_was_decided_is_taken_from_nobody_and_handed_back_by_its_holder_alone(db: Session, now: datetime) -> None:
    application, _receiver = matched(db, now=now)
    one, other = (an_officer(db, "approving_officer", now=now) for _ in range(2))
    refused_with("case-not-taken", take_to_decide, db, application, one, {"approving_officer"}, now=now)
    take_to_decide(db, application, one, BOTH, now=now)
    refused_with("case-held", take_to_decide, db, application, other, BOTH, now=now)
    refused_with("not-holding", hand_back, db, application, other, "leaving", now=now)
    refused_with("reason-missing", hand_back, db, application, one, "bored", now=now)
    hand_back(db, application, one, "leaving", now=now)
    assert take_next(db, {application.unit_id}, one, to_decide=True, now=now) is None
    assert take_next(db, {application.unit_id}, one, to_decide=True, now=now + timedelta(days=1)) is application


def left_by_the_suspended(db: Session, holder: UUID, now: datetime) -> None:
    suspend(db, get_account(db, holder), an_officer(db, "operator", now=now), now=now)


def left_by_who_lost_the_role(db: Session, holder: UUID, now: datetime) -> None:
    end_role(db, db.scalars(select(Role).where(Role.account_id == holder)).one(), SYSTEM, now=now)


def left_by_who_moved_to_another_ward(db: Session, holder: UUID, now: datetime) -> None:
    held = db.scalars(select(Role).where(Role.account_id == holder)).one()
    other = select(Unit.id).where(Unit.kind == "commune", Unit.valid_to.is_(None), Unit.id != held.unit_id).limit(1)
    give_role(db, holder, held.role, db.scalars(other).one(), SYSTEM, now=now)
    end_role(db, held, SYSTEM, now=now)


@pytest.mark.parametrize("leave", [left_by_the_suspended, left_by_who_lost_the_role, left_by_who_moved_to_another_ward])
@pytest.mark.parametrize("role", ["receiving_officer", "approving_officer"])
def test_what_somebody_left_behind_is_given_to_the_next(
    db: Session, now: datetime, leave: Callable[..., None], role: str
) -> None:
    """It was held by a shut account and offered to nobody until a supervisor freed it, one by one."""
    to_decide = role == "approving_officer"
    application = matched(db, now=now)[0] if to_decide else submitted(db, now=now)[0]
    gone, here = (at_work(db, application.unit_id, role, now) for _ in range(2))
    units, way = {application.unit_id}, {"to_decide": to_decide, "now": now}
    assert take_next(db, units, gone, **way) is application
    assert take_next(db, units, here, **way) is None
    leave(db, gone.account_id, now)
    db.flush()
    assert take_next(db, units, here, **way) is application and application.held_by_id == here.account_id


def test_a_file_of_an_officer_of_the_province_is_not_taken_from_them(db: Session, now: datetime) -> None:
    application, _code = submitted(db, now=now)
    province = db.get_one(Unit, application.unit_id).parent_id
    assert province is not None
    above, here = (at_work(db, unit, "receiving_officer", now) for unit in (province, application.unit_id))
    assert take_next(db, {application.unit_id}, above, now=now) is application
    assert take_next(db, {application.unit_id}, here, now=now) is None


def a_supervisor(db: Session, unit_id, now: datetime):
    officer = an_officer(db, "supervisor", now=now)
    assert officer.account_id is not None
    give_role(db, officer.account_id, "supervisor", unit_id, SYSTEM, now=now)
    add(db, StaffRecord(account_id=officer.account_id, invited_at=now), email="phutrach@example.vn")
    db.flush()
    return officer


def test_whoever_is_shut_out_or_was_only_invited_is_nobody_to_warn(db: Session, now: datetime) -> None:
    application, _code = submitted(db, now=now)
    far = a_supervisor(db, db.get_one(Unit, application.unit_id).parent_id, now)
    near, operator = a_supervisor(db, application.unit_id, now), an_officer(db, "operator", now=now)
    assert near.account_id is not None
    account = get_account(db, near.account_id)
    suspend(db, account, operator, now=now)
    assert supervisors_of(db, application.unit_id, now=now) == [far.account_id]
    lift(db, account, operator, now=now)
    assert supervisors_of(db, application.unit_id, now=now) == [near.account_id]
    account.state = "issued"
    assert supervisors_of(db, application.unit_id, now=now) == [far.account_id]


def letters(db: Session) -> list[OutboxMessage]:
    return list(db.scalars(select(OutboxMessage).where(OutboxMessage.kind == MESSAGE)))


def test_the_nearest_supervisor_is_warned_once_for_each_date_that_is_missed(db: Session, now: datetime) -> None:
    application, _code = submitted(db, now=now)
    province = db.get_one(Unit, application.unit_id).parent_id
    approver = an_officer(db, "approving_officer", now=now)
    give_role(db, approver.account_id, "approving_officer", application.unit_id, SYSTEM, now=now)
    assert supervisors_of(db, application.unit_id, now=now) == [], "who approves does not supervise"
    far, near = a_supervisor(db, province, now), None
    assert supervisors_of(db, application.unit_id, now=now) == [far.account_id]
    near = a_supervisor(db, application.unit_id, now)
    assert supervisors_of(db, application.unit_id, now=now) == [near.account_id]
    assert warn_supervisors(db, now=now) == 0
    late = application.receipt_due_at + timedelta(hours=1)
    assert warn_supervisors(db, now=late) == 1
    assert warn_supervisors(db, now=late + timedelta(hours=1)) == 0
    assert [letter.recipient_id for letter in letters(db)] == [near.account_id]
    acknowledge(db, application, an_officer(db, "receiving_officer", now=now), now=late)
    assert warn_supervisors(db, now=application.decision_due_at + timedelta(hours=1)) == 1
    told = [event for event in events_about(db, application.subject) if event.name == Event.SUPERVISOR_WARNED]
    assert len(told) == len(letters(db)) == 2


def test_who_may_open_a_file_of_the_office_hears_that_somebody_asks(db: Session, now: datetime) -> None:
    application, _code = submitted(db, now=now)
    near = a_supervisor(db, application.unit_id, now)
    stranger = an_officer(db, "receiving_officer", now=now)
    break_glass.ask(db, application.dossier_number, stranger, "Người nộp đang nằm viện ở đây.", now=now)
    told = db.scalars(select(OutboxMessage).where(OutboxMessage.kind == break_glass.WAITS))
    assert [letter.recipient_id for letter in told] == [near.account_id]


def test_whoever_asks_for_a_file_of_their_own_unit_does_not_open_it_alone(db: Session, now: datetime) -> None:
    application, _code = submitted(db, now=now)
    near = a_supervisor(db, application.unit_id, now)
    wish = break_glass.ask(db, application.dossier_number, near, "Người nộp đang nằm viện ở đây.", now=now)
    for granted in (True, False):
        refused_with("glass-own", break_glass.answer, db, wish, near, granted=granted, now=now)
    refused_with("glass-shut", break_glass.opened, db, wish.id, near, now=now)
    break_glass.answer(db, wish, a_supervisor(db, application.unit_id, now), granted=True, now=now)
    assert break_glass.opened(db, wish.id, near, now=now) is application


def test_a_wish_that_nobody_answers_ends_with_its_day_and_both_sides_are_told(db: Session, now: datetime) -> None:
    """Asked on Monday, with a paid holiday on Tuesday: until the end of Wednesday."""
    application, _code = submitted(db, now=now)
    near = a_supervisor(db, application.unit_id, now)
    stranger = a_supervisor(db, db.get_one(Unit, application.unit_id).parent_id, now)
    reason = "Người nộp đang nằm viện ở đây."
    wish = break_glass.ask(db, application.dossier_number, stranger, reason, now=now)
    db.flush()
    assert today_in_vietnam(wish.answer_by) == date(2026, 11, 25)
    assert break_glass.end_unanswered(db, now=wish.answer_by) == 0
    over = wish.answer_by + timedelta(minutes=1)
    assert break_glass.end_unanswered(db, now=over) == 1
    db.flush()
    assert break_glass.end_unanswered(db, now=over) == 0
    assert (wish.answered_at, wish.answered_by_id, wish.is_granted, wish.is_lapsed) == (over, None, False, True)
    refused_with("glass-over", break_glass.answer, db, wish, near, granted=True, now=over)
    refused_with("glass-shut", break_glass.opened, db, wish.id, stranger, now=over)
    assert break_glass.to_answer(db, [application.unit_id]) == []
    told = {row.kind: row.recipient_id for row in db.scalars(select(OutboxMessage))}
    assert told[break_glass.LAPSED] == stranger.account_id and told[break_glass.MISSED] == near.account_id
    assert [e.actor_role for e in events_about(db, application.subject) if e.name == Event.GLASS_LAPSED] == ["system"]
    again = break_glass.ask(db, application.dossier_number, stranger, reason, now=over)
    db.flush()
    break_glass.answer(db, again, near, granted=True, now=over)
    assert break_glass.opened(db, again.id, stranger, now=over) is application
    letter = select(OutboxMessage.recipient_id).where(OutboxMessage.kind == break_glass.OPENED)
    assert db.scalars(letter).all() == [stranger.account_id], "whoever asked knows that the hour runs"


def test_figures_count_what_was_in_time_and_what_is_late(db: Session, now: datetime) -> None:
    application, _receiver = matched(db, now=now)
    decide(db, application, an_officer(db, "approving_officer", now=now), "refused", "second-account", now=now)
    waits, _code = submitted(db, citizen(7), now=now, phone="+84912000007")
    later = waits.receipt_due_at + timedelta(hours=1)
    found = figures(db, {application.unit_id}, days=30, now=later)
    assert (found.received.count, found.received.in_time, found.received.middle_hours) == (1, 1, 0.0)
    assert (found.overdue, found.open) == (1, 1)
    assert found.refusals == [("second-account", 1)]


def test_asking_for_what_is_missing_is_the_first_look_whenever_the_answer_comes(db: Session, now: datetime) -> None:
    file, _code = submitted(db, now=now)
    receiver = an_officer(db, "receiving_officer", now=now)
    asked = now + timedelta(hours=1)
    request_supplement(db, file, receiver, ["card-photo"], "", now=asked)
    first = figures(db, {file.unit_id}, days=30, now=asked).received
    assert (first.count, first.in_time, first.middle_hours) == (1, 1, 1.0)
    answered = now + timedelta(days=6)
    resubmit(db, file, {"card-photo": Given("đây")}, now=answered)
    record_capture(db, file, receiver, new_id(), "CAP-0001", "ABCDE-FGHJK", now=answered)
    assert figures(db, {file.unit_id}, days=30, now=answered).received == first
    assert figures(db, {file.unit_id}, days=3, now=answered).received.count == 0, "looked at before these days"


def test_figures_are_counted_over_every_file_and_by_group(
    db: Session, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many there are: only the middle is of the newest."""
    monkeypatch.setattr("identity.application.figures.MOST", 2)
    decider = an_officer(db, "approving_officer", now=now)
    for number in range(12):
        foreign = number % 2
        base = replace(
            FOREIGNER,
            passport_number=f"M9000000{number}",
            residence_card=f"TT9000000{number}",
            full_name=f"KIM {number}",
        )
        application, _receiver = matched(
            db, base if foreign else citizen(20 + number), now=now, phone=f"+8491300{number:04}"
        )
        decide(db, application, decider, "refused", "second-account" if foreign else "document-not-genuine", now=now)
    units = set(db.scalars(select(Application.unit_id)))
    monkeypatch.setattr("identity.application.fairness.rule", lambda *_given: 2)
    found = figures(db, units, days=30, now=now)
    assert found.decided.count == found.decided.in_time == 12
    assert dict(found.refusals) == {"second-account": 6, "document-not-genuine": 6}
    later = now + timedelta(days=100)
    alike = fairness(db, units, quarters(later)[0], now=later)
    assert {share.name: (share.decided, share.refused) for share in alike.by_nationality} == {
        "KOR": (6, 6),
        "VNM": (6, 6),
    }
    assert sum(share.decided or 0 for share in alike.by_age) == 12
    assert fairness(db, units, quarters(later)[1], now=later).by_age == [], "each decision is of one quarter"


def test_no_two_tables_of_fairness_overlap_and_none_changes_once_it_is_shown(db: Session, now: datetime) -> None:
    """Else one person's decision would be the difference of two spans, two days, or of before and after an appeal."""
    for number in range(11):
        decider = an_officer(db, "approving_officer", now=now)
        file, _receiver = matched(db, citizen(50 + number), now=now, phone=f"+8491400{number:04}")
        decide(db, file, decider, "refused", "document-not-genuine", now=now)
    looks = [now + timedelta(days=days) for days in range(0, 460, 5)]
    offered = sorted({first for look in looks for first in quarters(look)})
    assert {(after - first).days for first, after in pairwise(offered)} == {90, 91, 92}
    assert {(first.day, first.month % 3) for first in offered} == {(1, 1)}
    assert {len(fairness(db, {file.unit_id}, first, now=now).by_age) for first in quarters(now)} == {0}, "not over yet"
    appeal(db, file, "Tôi không đồng ý.", now=now + timedelta(days=10))
    later = now + timedelta(days=100)
    shown = fairness(db, {file.unit_id}, quarters(later)[0], now=later)
    assert [(share.decided, share.refused) for share in shown.by_nationality] == [(11, 11)]
    decide_appeal(db, file, an_officer(db, "supervisor", now=later), "overturned", "Đúng.", now=later)
    assert fairness(db, {file.unit_id}, quarters(later)[0], now=later) == shown
    erased = db.scalars(select(Application).where(Application.state == "refused").limit(1)).one()
    later = now + timedelta(days=130)  # the rule says when it may be
    assert erase_application(db, erased, SYSTEM, now=later)["applications"] == 1
    assert fairness(db, {file.unit_id}, shown.first, now=later) == shown, "nor does erasing one tell who it was"
    with_age = select(func.count()).select_from(Application).where(Application.age_band.is_not(None))
    for days in (729, 731):
        counted, cursor = db.scalar(with_age), None
        while (cursor := purge_some(db, cursor, now=now + timedelta(days=days))) is not None:
            pass
    assert (counted, db.scalar(with_age), erased.nationality) == (11, 1, None), "but for the one in appeal"


counts = st.dictionaries(st.text("abcdef", min_size=1, max_size=3), st.integers(0, 60), max_size=8)


@given(counts, st.integers(2, 15))
def test_no_small_group_can_be_seen_or_reckoned(groups: dict[str, int], threshold: int) -> None:
    shown = protected([Share(name, count, 0) for name, count in groups.items()], threshold)
    assert all(share.decided == 0 or share.decided >= threshold for share in shown if share.decided is not None)
    hidden = [groups[share.name] for share in shown if share.decided is None]
    if hidden and any(share.decided for share in shown):
        assert len(hidden) > 1 and sum(hidden) >= threshold
