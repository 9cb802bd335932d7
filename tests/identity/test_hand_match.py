"""The manual route of the match: two officers by hand while a register is away, and the register's word afterwards."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from identity.account import Account, Ground, find_account_of
from identity.application import (
    Application,
    Given,
    acknowledge,
    decide,
    record_capture,
    record_match,
    request_supplement,
    resubmit,
)
from identity.application.by_hand import (
    HandMatch,
    compare_by_hand,
    confirm_by_hand,
    is_by_hand,
    keep_check,
    unchecked,
)
from identity.application.conflicts import declare
from identity.application.tasks import Kind, settle, task_of
from identity.audit import SYSTEM, AuditEvent, Event
from identity.base import Refused, new_id
from identity.deadlines import rule, today_in_vietnam
from identity.gateways import MatchResult
from identity.levels import level_of
from identity.locks import grounds_of
from identity.operation.routes import Register, set_route
from identity.outbox import OutboxMessage
from tests.identity.applicants import CITIZEN, FOREIGNER, an_officer, submitted
from tests.identity.applicants import matched as matched_by_register

pytestmark = pytest.mark.any_engine
RIGHT, WRONG = MatchResult(95, True), MatchResult(9, False)


class Office:
    """A file that was captured while its register is on the manual route, and the people of the office."""

    def __init__(self, db: Any, now: Any, person: Any = CITIZEN) -> None:
        self.db, self.now = db, now
        self.lan, self.minh = (an_officer(db, "receiving_officer", now=now) for _ in range(2))
        self.hoa, self.tam = (an_officer(db, "supervisor", now=now) for _ in range(2))
        self.decider = an_officer(db, "approving_officer", now=now)
        self.file, _code = submitted(db, person, now=now)
        self.register = Register.POPULATION if person is CITIZEN else Register.IMMIGRATION
        acknowledge(db, self.file, self.lan, now=now)
        self.visit()
        self.route(True)

    def visit(self) -> None:
        record_capture(self.db, self.file, self.lan, new_id(), "CAP-0001", "ABCDE-FGHJK", now=self.now)

    def route(self, is_manual: bool) -> None:
        set_route(self.db, self.register, is_manual, "maintenance", SYSTEM, now=self.now)

    def compare(self, number: str = "001 190 123 456", by: Any = None) -> HandMatch:
        return compare_by_hand(self.db, self.file, by or self.lan, number, now=self.now)

    def confirm(self, by: Any = None) -> None:
        confirm_by_hand(self.db, self.file, by or self.hoa, now=self.now)

    def approve(self, by: Any = None) -> None:
        decide(self.db, self.file, by or self.decider, "approved", now=self.now)

    def approved(self) -> Account:
        self.compare()
        self.confirm()
        self.approve()
        account = find_account_of(self.db, self.file.person_id)
        assert account is not None
        return account

    def level(self, at: Any = None) -> int:
        return level_of(self.db, self.file.person_id, now=at or self.now)

    def told(self) -> list[str]:
        self.db.flush()
        return list(self.db.scalars(select(OutboxMessage.kind).where(OutboxMessage.recipient_id == self.file.id)))

    def events(self) -> list[str]:
        self.db.flush()
        query = select(AuditEvent.name).where(AuditEvent.subject_id == self.file.id).order_by(AuditEvent.id)
        return list(self.db.scalars(query))


@pytest.fixture
def office(db: Any, now: Any) -> Office:
    return Office(db, now)


def refusal(verb: Any, *given: Any, **named: Any) -> Refused:
    with pytest.raises(Refused) as found:
        verb(*given, **named)
    return found.value


def test_two_people_compare_a_third_decides_and_level_2_holds_for_some_days(office: Office) -> None:
    office.approved()
    days = timedelta(days=int(rule("hand_match_days", today_in_vietnam(office.now))))
    assert office.level() == office.level(office.now + days) == 2
    assert office.level(office.now + days + timedelta(days=1)) == 1, "without the register it ends by itself"
    assert "application-by-hand" in office.told()
    assert {Event.COMPARED_BY_HAND, Event.HAND_MATCH_CONFIRMED} <= set(office.events())
    assert office.file.matched is None


def test_without_the_manual_route_nothing_is_compared_or_confirmed_by_hand(office: Office) -> None:
    office.route(False)
    assert refusal(office.compare).code == "hand-route"
    office.route(True)
    office.compare()
    office.route(False)
    assert refusal(office.confirm).code == "hand-route"


def test_the_route_of_the_other_register_opens_nothing(db: Any, now: Any) -> None:
    office = Office(db, now, FOREIGNER)
    office.route(False)
    set_route(db, Register.POPULATION, True, "maintenance", SYSTEM, now=now)
    assert not is_by_hand(db, office.file)
    assert refusal(office.compare, "M12345678").code == "hand-route"
    office.route(True)
    office.compare("m 1234-5678")


@pytest.mark.parametrize("number", ["001190123457", "", "TRC-100200"])
def test_the_number_is_read_from_the_original(office: Office, number: str) -> None:
    wrong = refusal(office.compare, number)
    assert (wrong.code, wrong.field, wrong.audited) == ("hand-paper", "paper_number", True)


def test_a_paper_that_has_ended_proves_nobody(office: Office) -> None:
    office.now += timedelta(days=365 * 5)
    assert refusal(office.compare).code == "hand-paper"


def test_the_second_person_is_a_supervisor_who_neither_compared_nor_captured(office: Office) -> None:
    both = replace(office.minh, role="supervisor")
    office.compare(by=office.minh)
    assert refusal(office.confirm, office.decider).code == "supervisor-only"
    assert refusal(office.confirm, both).code == "hand-second-person"
    assert refusal(office.confirm, replace(office.lan, role="supervisor")).code == "hand-second-person"
    office.confirm()


def test_whoever_compared_or_confirmed_does_not_decide(office: Office) -> None:
    office.compare(by=office.minh)
    office.confirm()
    for one in (office.minh, office.hoa):
        assert refusal(office.approve, replace(one, role="approving_officer")).code == "four-eyes"
    office.approve()


def test_whoever_is_tied_to_the_person_neither_compares_nor_confirms(office: Office) -> None:
    declare(office.db, office.file, office.minh, "relative", now=office.now)
    declare(office.db, office.file, office.tam, "relative", now=office.now)
    assert refusal(office.compare, by=office.minh).code == "conflict-declared"
    office.compare()
    assert refusal(office.confirm, office.tam).code == "conflict-declared"


def test_one_comparison_alone_decides_nothing(office: Office) -> None:
    office.compare()
    assert refusal(office.compare, by=office.minh).code == "hand-compared"
    assert refusal(office.approve).code == "application-state"
    assert unchecked(office.db, 10) == []


def test_a_new_visit_is_compared_anew(office: Office) -> None:
    office.compare()
    office.confirm()
    office.visit()
    assert refusal(office.confirm).code == "application-state"
    request_supplement(office.db, office.file, office.lan, ["card-photo"], "", now=office.now)
    resubmit(office.db, office.file, {"card-photo": Given("Đây.")}, now=office.now)
    assert refusal(office.compare).code == "application-state"


def test_when_the_register_is_back_it_has_the_word_before_the_decision(office: Office) -> None:
    office.compare()
    office.confirm()
    assert unchecked(office.db, 10) == [], "it is not asked while it is off"
    office.route(False)
    assert refusal(office.approve).code == "hand-register-back"
    (one,) = unchecked(office.db, 10)
    assert (one.register, one.reference, one.capture_reference) == (Register.POPULATION, "001190123456", "CAP-0001")
    assert keep_check(office.db, office.file.id, WRONG, now=office.now)
    assert refusal(office.approve).code == "not-matched"
    assert Event.HAND_MATCH_CHECKED in office.events()


def test_recognised_before_the_decision_it_is_a_match_like_any_other(office: Office) -> None:
    office.compare()
    office.confirm()
    office.route(False)
    assert keep_check(office.db, office.file.id, RIGHT, now=office.now)
    office.approve()
    assert office.level(office.now + timedelta(days=300)) == 2
    assert unchecked(office.db, 10) == []


def test_recognised_after_the_decision_the_level_lasts(office: Office) -> None:
    office.approved()
    office.route(False)
    assert [one.application_id for one in unchecked(office.db, 10)] == [office.file.id]
    assert keep_check(office.db, office.file.id, RIGHT, now=office.now + timedelta(days=20))
    assert office.level(office.now + timedelta(days=300)) == 2
    assert "hand-match-right" in office.told() and "hand-match-wrong" not in office.told()


def test_not_recognised_after_the_decision_the_account_is_held_and_loses_the_level(office: Office) -> None:
    account = office.approved()
    office.route(False)
    assert keep_check(office.db, office.file.id, WRONG, now=office.now)
    assert office.level() == 1
    assert [one.ground for one in grounds_of(office.db, account, now=office.now)] == [Ground.HOLD]
    assert "hand-match-wrong" in office.told()
    task = task_of(office.db, office.file.id, Kind.NOT_RECOGNISED)
    assert task is not None and task.done_at is None


def test_the_task_opens_the_account_on_level_1_by_somebody_without_a_part_in_it(office: Office) -> None:
    account = office.approved()
    office.route(False)
    keep_check(office.db, office.file.id, WRONG, now=office.now)
    task = task_of(office.db, office.file.id, Kind.NOT_RECOGNISED)
    other = an_officer(office.db, "approving_officer", now=office.now)
    for one in (office.decider, replace(office.hoa, role="approving_officer")):
        assert refusal(settle, office.db, task, one, "person-shown", "Đã gặp.", now=office.now).code == "task-four-eyes"
    assert refusal(settle, office.db, task, other, "person-shown", "", now=office.now).code == "task-note-missing"
    settle(office.db, task, other, "person-shown", "Đã gặp người này.", now=office.now)
    assert grounds_of(office.db, account, now=office.now + timedelta(seconds=1)) == []
    assert office.level() == 1


def test_an_answer_is_kept_once(office: Office) -> None:
    office.approved()
    office.route(False)
    assert keep_check(office.db, office.file.id, RIGHT, now=office.now)
    assert not keep_check(office.db, office.file.id, WRONG, now=office.now)
    assert office.level() == 2 and office.told().count("hand-match-right") == 1


def test_a_file_that_was_refused_is_not_asked_about(office: Office) -> None:
    office.compare()
    office.confirm()
    decide(office.db, office.file, office.decider, "refused", "second-account", now=office.now)
    office.route(False)
    assert unchecked(office.db, 10) == []
    assert not keep_check(office.db, office.file.id, RIGHT, now=office.now)


def test_the_register_back_at_the_counter_needs_no_second_person(office: Office) -> None:
    office.compare()
    office.route(False)
    record_match(office.db, office.file, office.lan, RIGHT, now=office.now)
    office.approve()
    assert office.level(office.now + timedelta(days=300)) == 2


def test_a_match_of_the_register_still_has_no_end(db: Any, now: Any) -> None:
    file, _officer = matched_by_register(db, CITIZEN, now=now)
    decide(db, file, an_officer(db, "approving_officer", now=now), "approved", now=now)
    assert level_of(db, db.get(Application, file.id).person_id, now=now + timedelta(days=300)) == 2
