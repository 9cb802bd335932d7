"""Complaints reach somebody who had no part in the matter, and are answered once."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from identity.account import find_account_of
from identity.application import decide
from identity.application.conflicts import declare_person
from identity.base import Refused
from identity.complaints import Complainant, answer_complaint, complain, complaints_of, waiting_complaints
from identity.outbox import OutboxMessage
from tests.identity.applicants import an_officer, issued, matched


def refused(code: str) -> Any:
    """The block is refused with this code."""
    return pytest.raises(Refused, match=f"^{code}$")


def test_a_complaint_has_a_number_a_clock_and_an_answer(db: Session, now) -> None:
    application, _officer = matched(db, now=now)
    made = complain(db, Complainant(application), "late", "Đã quá hẹn ba ngày.", now=now)
    assert made.number.startswith("KN-261123-") and made.unit_id == application.unit_id
    assert made.due_at.date().isoformat() == "2026-12-08"  # ten working days without Culture Day on the 24th
    answer_complaint(db, made, an_officer(db, "supervisor", now=now), "Xin lỗi.", now=now)
    assert complaints_of(db, Complainant(application))[0].answer == "Xin lỗi."
    db.flush()
    assert {row.kind for row in db.query(OutboxMessage)} >= {"complaint-made", "complaint-answered"}


def test_nobody_answers_about_their_own_work(db: Session, now) -> None:
    application, receiver = matched(db, now=now)
    decider = an_officer(db, "approving_officer", now=now)
    decide(db, application, decider, "refused", "document-not-genuine", now=now)
    made = complain(db, Complainant(application), "conduct", "Không lịch sự.", now=now)
    for officer in (replace(decider, role="supervisor"), replace(receiver, role="supervisor")):
        with refused("complaint-own-work"):
            answer_complaint(db, made, officer, "Không đúng.", now=now)
    for role in ("receiving_officer", "approving_officer"):
        with refused("supervisor-only"):
            answer_complaint(db, made, an_officer(db, role, now=now), "Không đúng.", now=now)
    assert made.answered_at is None


def test_an_officer_does_not_answer_their_own_complaint(db: Session, now) -> None:
    application, _issued = issued(db, now=now)
    officer = an_officer(db, "supervisor", now=now, person_id=application.person_id)
    account = find_account_of(db, application.person_id)
    made = complain(db, Complainant(account=account), "other", "Xin xem lại.", now=now)
    with refused("own-file"):
        answer_complaint(db, made, officer, "Xong.", now=now)


def test_an_officer_does_not_answer_somebody_they_are_tied_to(db: Session, now) -> None:
    application, _issued = issued(db, now=now)
    officer = an_officer(db, "supervisor", now=now)
    declare_person(db, officer, application.number, "relative", "Em gái", now=now)
    account = find_account_of(db, application.person_id)
    for who in (Complainant(application), Complainant(account=account)):
        made = complain(db, who, "other", "Xin xem lại.", now=now)
        with refused("conflict-declared"):
            answer_complaint(db, made, officer, "Xong.", now=now)


def test_a_second_click_is_the_same_complaint_and_a_second_answer_is_refused(db: Session, now) -> None:
    application, _officer = matched(db, now=now)
    made = complain(db, Complainant(application), "late", "Trễ", now=now)
    assert complain(db, Complainant(application), "late", " Trễ ", now=now).id == made.id
    answer_complaint(db, made, an_officer(db, "supervisor", now=now), "Một", now=now)
    with refused("complaint-answered-already"):
        answer_complaint(db, made, an_officer(db, "supervisor", now=now), "Hai", now=now)
    assert made.answer == "Một"


def test_what_is_no_complaint_is_refused(db: Session, now) -> None:
    application, _officer = matched(db, now=now)
    who = Complainant(application)
    for category, text, code in (
        ("because", "x", "complaint-category"),
        ("late", " ", "complaint-empty"),
        ("late", "x" * 2001, "complaint-too-long"),
    ):
        with refused(code):
            complain(db, who, category, text, now=now)
    for number in range(3):
        complain(db, who, "late", f"Lần {number}", now=now)
    with refused("complaints-open"):
        complain(db, who, "late", "Lần nữa", now=now)


def test_the_late_ones_stand_on_top(db: Session, now) -> None:
    application, _officer = matched(db, now=now)
    later = complain(db, Complainant(application), "late", "Sau", now=now + timedelta(days=3))
    sooner = complain(db, Complainant(application), "late", "Trước", now=now)
    rows, total = waiting_complaints(db, [application.unit_id])
    assert total == 2 and [row.id for row in rows] == [sooner.id, later.id]
