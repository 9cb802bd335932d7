"""A second supplement: an officer wishes for it, a supervisor answers, and only what was granted opens it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select

from identity.application import Given, request_supplement, resubmit, withdraw
from identity.application.conflicts import declare
from identity.application.second_supplement import GRANTED, TURNED_DOWN, answer, waiting_wishes, wish
from identity.application.tasks import Kind, open_task, settle
from identity.audit import SYSTEM, Event, events_about
from identity.late_work import MESSAGE, warn_of_late_work
from identity.outbox import OutboxMessage
from identity.rights.erasing import erase_application
from identity.sealed import add
from identity.staff.record import StaffRecord
from tests.identity.applicants import an_officer, submitted
from tests.identity.test_office_work import a_supervisor, citizen, refused_with

WHY = "Ảnh mặt sau thẻ bị mờ, lần đầu chưa thấy vì chỉ có mặt trước."
pytestmark = pytest.mark.any_engine


@pytest.fixture
def office(db, now):
    """A file that was supplemented once, its officer, and a supervisor of the office."""
    file, _code = submitted(db, now=now)
    officer = an_officer(db, "receiving_officer", now=now)
    add(db, StaffRecord(account_id=officer.account_id, invited_at=now), email="lan@example.vn")
    request_supplement(db, file, officer, ["card-photo"], "", now=now)
    resubmit(db, file, {"card-photo": Given("Đây")}, now=now)
    return file, officer, a_supervisor(db, file.unit_id, now)


def letters(db):
    return [(one.kind, one.recipient_id) for one in db.scalars(select(OutboxMessage)) if "wish" in one.kind]


def waiting(db, file, supervisor, **how):
    found, count = waiting_wishes(db, {file.unit_id}, supervisor.account_id, **how)
    assert len(found) == count
    return [row.id for row, _file in found]


def ask_again(db, file, officer, now):
    request_supplement(db, file, officer, ["phone-proof"], "", now=now)


def test_what_a_supervisor_granted_is_asked_for_once(db, now, office):
    file, officer, supervisor = office
    row = wish(db, file, officer, WHY, now=now)
    refused_with("wish-open", wish, db, file, officer, WHY, now=now)
    refused_with("supplement-needs-supervisor", ask_again, db, file, officer, now)
    assert waiting(db, file, supervisor) == [row.id]
    answer(db, row, supervisor, "", granted=True, now=now)
    refused_with("wish-answered", answer, db, row, supervisor, "Không", granted=False, now=now)
    refused_with("wish-open", wish, db, file, officer, WHY, now=now)
    assert (waiting(db, file, supervisor), waiting(db, file, supervisor, answered=True)) == ([], [row.id])
    ask_again(db, file, officer, now)
    resubmit(db, file, {"phone-proof": Given("Đây")}, now=now)
    refused_with("supplement-needs-supervisor", ask_again, db, file, officer, now)
    assert file.supplements == 2
    assert letters(db) == [("supplement-wish-asked", supervisor.account_id), (GRANTED, officer.account_id)]
    said = [(one.name, one.actor_id, one.facts) for one in events_about(db, file.subject) if "wish" in one.name]
    assert said == [
        (Event.SUPPLEMENT_WISH_ANSWERED, supervisor.account_id, {"granted": True}),
        (Event.SUPPLEMENT_WISHED, officer.account_id, {}),
    ]


def test_a_wish_is_refused_with_a_reason_and_may_be_made_again(db, now, office):
    file, officer, supervisor = office
    row = wish(db, file, officer, WHY, now=now)
    refused_with("wish-answer-missing", answer, db, row, supervisor, " ", granted=False, now=now)
    answer(db, row, supervisor, "Mặt trước đã đủ để so sánh.", granted=False, now=now)
    refused_with("supplement-needs-supervisor", ask_again, db, file, officer, now)
    assert (row.answer, letters(db)[-1]) == ("Mặt trước đã đủ để so sánh.", (TURNED_DOWN, officer.account_id))
    assert wish(db, file, officer, WHY, now=now + timedelta(minutes=1)).id != row.id


def test_a_wish_needs_a_reason_and_a_supplement_before_it(db, now, office):
    file, officer, _supervisor = office
    refused_with("wish-reason", wish, db, file, officer, "Cần thêm.", now=now)
    fresh, _code = submitted(db, citizen(3), now=now, phone="+84912000003")
    refused_with("wish-not-needed", wish, db, fresh, officer, WHY, now=now)


def test_the_second_person_is_a_supervisor_who_did_not_ask_and_is_not_tied(db, now, office):
    file, officer, supervisor = office
    row = wish(db, file, officer, WHY, now=now)
    approver = an_officer(db, "approving_officer", now=now)
    refused_with("supervisor-only", answer, db, row, approver, "", granted=True, now=now)
    refused_with("wish-own", answer, db, row, replace(officer, role="supervisor"), "", granted=True, now=now)
    declare(db, file, supervisor, "friendship", now=now)
    refused_with("conflict-declared", answer, db, row, supervisor, "", granted=True, now=now)
    assert waiting(db, file, supervisor) == [], "they do not see it either"


def test_a_wish_that_nothing_comes_of_any_more_waits_for_nobody(db, now, office):
    """The supervisor asked for the supplement, which needs no wish."""
    file, officer, supervisor = office
    row = wish(db, file, officer, WHY, now=now)
    ask_again(db, file, supervisor, now)
    assert waiting(db, file, supervisor) == []
    resubmit(db, file, {"phone-proof": Given("Đây")}, now=now)
    refused_with("wish-answered", answer, db, row, supervisor, "", granted=True, now=now)


def test_a_supervisor_sees_the_wishes_of_the_own_units_the_most_urgent_first_until_the_file_is_decided(db, now, office):
    file, officer, supervisor = office
    later, _code = submitted(db, citizen(2), now=now, phone="+84912000002")
    request_supplement(db, later, officer, ["card-photo"], "", now=now)
    resubmit(db, later, {"card-photo": Given("Đây")}, now=now)
    last = wish(db, later, officer, WHY, now=now + timedelta(days=3))
    first = wish(db, file, officer, WHY, now=now)
    assert waiting(db, file, supervisor) == [first.id, last.id]
    assert waiting_wishes(db, {uuid4()}, supervisor.account_id) == ([], 0)
    withdraw(db, later, now=now)
    db.flush()
    assert waiting(db, file, supervisor) == [first.id]


def test_the_words_of_officers_go_with_the_file_that_is_erased(db, now, office):
    file, officer, supervisor = office
    row = wish(db, file, officer, WHY, now=now)
    answer(db, row, supervisor, "Đủ rồi.", granted=False, now=now)
    task = open_task(db, file, Kind.LINKING, now=now)
    settle(db, task, an_officer(db, "approving_officer", now=now), "two-people", "Khác mặt.", now=now)
    withdraw(db, file, now=now)
    db.flush()
    erase_application(db, file, SYSTEM, now=now)
    db.expire_all()
    assert (row.reason, row.answer, task.note) == (None, None, None)
    assert (row.is_granted, task.outcome) == (False, "two-people"), "that it was so stays"


def test_a_wish_that_nobody_answers_is_late_work(db, now, office):
    file, officer, _supervisor = office
    row = wish(db, file, officer, WHY, now=now)
    warn_of_late_work(db, now=row.due_at)
    assert warn_of_late_work(db, now=row.due_at + timedelta(hours=1)) == 1
    assert MESSAGE in set(db.scalars(select(OutboxMessage.kind)))
