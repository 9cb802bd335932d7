"""What is late beside the applications: complaints, the office's own tasks, requests to lock or open an account."""

from __future__ import annotations

from datetime import timedelta

import orjson
import pytest
from sqlalchemy import select

from identity.application.tasks import Kind, open_task, settle
from identity.audit import SYSTEM, Actor, AuditEvent, Event
from identity.complaints import Complainant, answer_complaint, complain
from identity.late_work import LOOK_BACK, MESSAGE, OF_OVERDUE_REVIEW, OF_REVIEW, OF_RIGHTS, warn_of_late_work
from identity.lock_requests.decide import decide
from identity.lock_requests.receive import forward
from identity.outbox import COLUMN, OutboxMessage
from identity.rights.model import RightKind
from identity.rights.requests import ask, take
from identity.sealed import add, vault
from identity.staff import give_role, hire, review
from identity.staff.idle import suspend
from identity.staff.record import StaffRecord
from tests.identity.account_scene import make_account, make_person
from tests.identity.applicants import an_officer, matched
from tests.identity.lock_scene import officers, received
from tests.identity.test_office_work import a_supervisor

HOUR = timedelta(hours=1)
pytestmark = pytest.mark.any_engine


def told(db) -> list[int]:
    """How many each letter counts."""
    found = db.scalars(select(OutboxMessage).where(OutboxMessage.kind == MESSAGE).order_by(OutboxMessage.id))
    return [
        orjson.loads(vault(db).open(COLUMN, letter.id, letter.payload_sealed))["facts"]["files"] for letter in found
    ]


def test_each_missed_date_is_told_once_to_whoever_supervises(db, now):
    application, _receiver = matched(db, now=now)
    a_supervisor(db, application.unit_id, now)
    complaint = complain(db, Complainant(application), "late", "Trễ", now=now)
    task = open_task(db, application, Kind.SECOND_LOOK, now=now)
    db.flush()
    assert warn_of_late_work(db, now=now) == 0
    late = max(complaint.due_at, task.due_at) + HOUR
    assert warn_of_late_work(db, now=late) == 2 and told(db) == [2]
    assert warn_of_late_work(db, now=late + HOUR) == 0 and told(db) == [2]
    events = db.scalars(select(AuditEvent).where(AuditEvent.name == Event.SUPERVISOR_WARNED.value))
    assert {event.subject_id for event in events} == {complaint.id, task.id}


def test_what_was_answered_in_time_is_told_to_nobody(db, now):
    application, _receiver = matched(db, now=now)
    complaint = complain(db, Complainant(application), "late", "Trễ", now=now)
    answer_complaint(db, complaint, a_supervisor(db, application.unit_id, now), "Đã xong.", now=now)
    task = open_task(db, application, Kind.SECOND_LOOK, now=now)
    settle(db, task, an_officer(db, "approving_officer", now=now), "agree", "", now=now)
    assert warn_of_late_work(db, now=complaint.due_at + HOUR) == 0


def test_a_request_to_lock_has_two_dates_to_miss(db, now):
    people, account = officers(db, now), make_account(db, now, person_id=make_person(db, now).id)
    row = received(db, account, people[0], now)
    a_supervisor(db, row.unit_id, now)
    assert warn_of_late_work(db, now=row.forward_by + HOUR) == 1
    forward(db, row, people[0], now=row.forward_by + HOUR)
    late = row.decide_by + HOUR
    assert warn_of_late_work(db, now=late) == 1 and told(db) == [1, 1]
    decide(db, row, people[1], granted=False, reason="not-competent", now=late)
    assert warn_of_late_work(db, now=late + HOUR) == 0


def test_requests_about_personal_data_have_two_dates_to_miss(db, now):
    """The supervisor of the office hears, and the data protection officer: also of those that no office has."""
    _application, _receiver = matched(db, now=now)
    account = make_account(db, now, person_id=make_person(db, now).id)
    row = ask(db, account, RightKind.ACCESS, Actor(account.id, "resident"), now=now)
    officer = hire(db, "baove", "Cao Văn Hộ", now=now)
    db.flush()
    give_role(db, officer.id, "data_protection_officer", None, SYSTEM, now=now)
    add(db, StaffRecord(account_id=officer.id, invited_at=now), email="baove@example.vn")
    row.unit_id = None
    out = hire(db, "nghi", "Lê Văn Nghỉ", now=now)
    db.flush()
    give_role(db, out.id, "data_protection_officer", None, SYSTEM, now=now)
    add(db, StaffRecord(account_id=out.id, invited_at=now), email="nghi@example.vn")
    suspend(db, out, SYSTEM, now=now)
    assert warn_of_late_work(db, now=row.acknowledge_by - HOUR) == 0
    assert warn_of_late_work(db, now=row.acknowledge_by + HOUR) == 1
    assert warn_of_late_work(db, now=row.acknowledge_by + 2 * HOUR) == 0
    take(db, row, Actor(officer.id, "data_protection_officer"), now=now)
    row.unit_id = _application.unit_id
    a_supervisor(db, row.unit_id, now)
    assert warn_of_late_work(db, now=row.due_at + HOUR) == 1
    letters = db.scalars(select(OutboxMessage.recipient_id).where(OutboxMessage.kind == OF_RIGHTS)).all()
    assert (letters.count(officer.id), len(letters)) == (2, 3), "none to whoever is shut out"


def test_operators_hear_once_before_a_quarter_ends_with_rights_unreviewed(db, now):
    operator, officer = hire(db, "vanhanh", "Đỗ Vận", now=now), hire(db, "baove", "Cao Hộ", now=now)
    db.flush()
    for account, role in ((operator, "operator"), (officer, "data_protection_officer")):
        give_role(db, account.id, role, None, SYSTEM, now=now - timedelta(days=90))
    add(db, StaffRecord(account_id=operator.id, invited_at=now), email="vanhanh@example.vn")

    def letters() -> int:
        return len(db.scalars(select(OutboxMessage.id).where(OutboxMessage.kind == OF_REVIEW)).all())

    assert now.date().isoformat() == "2026-11-23"
    warn_of_late_work(db, now=now + timedelta(days=23))
    assert letters() == 0, "there is time"
    for day in (25, 26, 37):
        warn_of_late_work(db, now=now + timedelta(days=day))
        assert letters() == 1, "once a quarter"
    for role in review.due(db, now=now + timedelta(days=120)):
        review.keep(db, role.id, Actor(None, "operator"), now=now + timedelta(days=120))
    warn_of_late_work(db, now=now + timedelta(days=120))
    assert letters() == 1, "everything was looked at"


def test_operators_hear_once_in_the_next_quarter_of_rights_still_unreviewed(db, now):
    operator, other = hire(db, "vanhanh", "Đỗ Vận", now=now), hire(db, "baove", "Cao Hộ", now=now)
    db.flush()
    given = [
        give_role(db, account.id, role, None, SYSTEM, now=now - timedelta(days=90))
        for account, role in ((operator, "operator"), (other, "data_protection_officer"))
    ]
    add(db, StaffRecord(account_id=operator.id, invited_at=now), email="vanhanh@example.vn")

    def letters() -> int:
        return len(db.scalars(select(OutboxMessage.id).where(OutboxMessage.kind == OF_OVERDUE_REVIEW)).all())

    warn_of_late_work(db, now=now + timedelta(days=38))
    assert letters() == 0, "the last evening of the year"
    for day in (40, 41, 100, 125):
        warn_of_late_work(db, now=now + timedelta(days=day))
        assert letters() == 1, "once a quarter"
    [told] = db.scalars(select(AuditEvent).where(AuditEvent.name == Event.REVIEW_OVERDUE))
    assert told.facts == {"quarter": "2027-Q1", "roles": 2}
    for role in given:
        review.keep(db, role.id, Actor(None, "operator"), now=now + timedelta(days=126))
    warn_of_late_work(db, now=now + timedelta(days=140))
    assert letters() == 1, "looked at, though late"


def test_it_looks_once_an_hour_and_not_behind_a_month(db, now):
    application, _receiver = matched(db, now=now)
    complaint = complain(db, Complainant(application), "late", "Trễ", now=now)
    assert warn_of_late_work(db, now=complaint.due_at + LOOK_BACK + HOUR) == 0
    late = complaint.due_at + HOUR
    assert warn_of_late_work(db, now=late) == 1, "told of, though nobody supervises: it is on record"
    assert warn_of_late_work(db, now=late) == 0
