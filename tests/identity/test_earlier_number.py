"""Passport, residence card, name and phone may all be new: an earlier number then names the account there is."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from identity.account import Account, Kind
from identity.application import Application, acknowledge, decide
from identity.application.conflicts import declare_person
from identity.application.earlier import name_earlier
from identity.application.linking import compared_with, look_at_compared
from identity.application.tasks import RENEWED, settle, task_of
from identity.application.tasks import Kind as TaskKind
from identity.audit import Actor, AuditEvent, Event
from identity.base import Refused
from identity.history import looks_at
from identity.person import Person
from tests.identity.applicants import CITIZEN, FOREIGNER, activated, an_officer, issued, matched, sent_online

pytestmark = pytest.mark.any_engine
ANEW = replace(
    FOREIGNER, full_name="PARK TEST ARA", passport_number="M55555555", residence_card="TRC-900900",
    passport_expires_on=date(2041, 1, 1), residence_expires_on=date(2033, 6, 30),
)  # fmt: skip
"""FOREIGNER years later, with nothing by which anybody could know her."""
PHONE = "+84987000111"


def a_holder(db: Session, now: datetime, base: Any = FOREIGNER, **answers: Any) -> Account:
    _file, made = issued(db, base, now=now, **answers)
    return activated(db, made.account_id, now=now)


def a_case(db: Session, now: datetime, **answers: Any) -> tuple[Application, Actor, Actor]:
    """ANEW at the counter, ready to be decided, with who received it and who decides."""
    file, receiving = matched(db, ANEW, now=now, phone=PHONE, **answers)
    return file, receiving, an_officer(db, "approving_officer", now=now)


def refused(code: str, call: Any, *given: Any, **named: Any) -> None:
    with pytest.raises(Refused, match=f"^{code}$"):
        call(*given, **named)


def residents(db: Session) -> int:
    return db.scalar(select(func.count()).select_from(Account).where(Account.kind == Kind.RESIDENT)) or 0


def answered(db: Session, file: Application, officer: Actor, outcome: str, now: datetime) -> None:
    task = task_of(db, file.id, TaskKind.LINKING)
    assert task is not None
    settle(db, task, officer, outcome, "Hộ chiếu cũ kèm theo.", now=now)


def test_without_an_earlier_number_nobody_knows_her_and_there_are_two_accounts(db: Session, now: datetime) -> None:
    a_holder(db, now)
    file, _receiving, approving = a_case(db, now)
    decide(db, file, approving, "approved", now=now)
    assert residents(db) == 2


@pytest.mark.parametrize("typed", ["KOR M12345678", "m1234 5678", "trc-100200", "{own}"])
def test_an_earlier_number_leads_to_the_account_there_is(db: Session, now: datetime, typed: str) -> None:
    account = a_holder(db, now)
    person = db.get_one(Person, account.person_id)
    file, receiving, approving = a_case(db, now)
    name_earlier(db, file, receiving, typed.format(own=person.foreigner_number), now=now, version=file.version)
    assert (file.duplicate_of, file.duplicate_id) == ("earlier-number", person.id)
    refused("linking-open", decide, db, file, approving, "approved", now=now)
    answered(db, file, approving, RENEWED, now)
    decide(db, file, approving, "approved", now=now)
    assert (file.person_id, residents(db)) == (person.id, 1)
    assert (person.full_name, person.phone) == ("PARK TEST ARA", "+84912345678")


def test_a_number_of_nobody_changes_nothing_and_the_attempt_is_recorded(db: Session, now: datetime) -> None:
    a_holder(db, now)
    a_holder(db, now, CITIZEN, phone="+84987000222")
    file, receiving, _approving = a_case(db, now)
    for typed in ("KOR M00000000", "JPN M12345678", "TRC-000000", "X", CITIZEN.personal_number, "M55555555"):
        with pytest.raises(Refused) as caught:
            name_earlier(db, file, receiving, typed, now=now)
        assert (caught.value.code, caught.value.field, caught.value.audited) == ("earlier-unknown", "number", True)
    assert file.duplicate_id is None and task_of(db, file.id, TaskKind.LINKING) is None


def test_one_may_name_it_for_a_foreign_resident_at_work_on_a_page_that_counts(db: Session, now: datetime) -> None:
    a_holder(db, now)
    file, receiving, approving = a_case(db, now)
    refused("application-changed", name_earlier, db, file, receiving, "M12345678", now=now, version=file.version - 1)
    citizen, officer = matched(db, CITIZEN, now=now, phone="+84987000222")
    refused("application-state", name_earlier, db, citizen, officer, "M12345678", now=now)
    decide(db, file, approving, "approved", now=now)
    refused("application-state", name_earlier, db, file, receiving, "M12345678", now=now)


def test_whose_papers_of_today_are_known_needs_no_other_number(db: Session, now: datetime) -> None:
    a_holder(db, now)
    renewed = replace(FOREIGNER, passport_number="M55555555", passport_expires_on=date(2041, 1, 1))
    file, receiving = matched(db, renewed, now=now)
    refused("earlier-known", name_earlier, db, file, receiving, "M12345678", now=now)


def test_nobody_names_their_own_account_or_that_of_a_relative(db: Session, now: datetime) -> None:
    account = a_holder(db, now)
    file, receiving, _approving = a_case(db, now)
    own = an_officer(db, "receiving_officer", now=now, person_id=account.person_id)
    refused("own-file", name_earlier, db, file, own, "M12345678", now=now)
    declare_person(db, receiving, "KOR M12345678", "relative", "Em dâu", now=now)
    refused("conflict-declared", name_earlier, db, file, receiving, "M12345678", now=now)
    assert file.duplicate_id is None


def test_who_named_it_and_who_is_tied_to_the_account_do_not_compare(db: Session, now: datetime) -> None:
    account = a_holder(db, now)
    file, receiving, _approving = a_case(db, now)
    name_earlier(db, file, receiving, "M12345678", now=now)
    task = task_of(db, file.id, TaskKind.LINKING)
    assert task is not None
    both = Actor(receiving.account_id, "approving_officer")
    refused("task-four-eyes", settle, db, task, both, RENEWED, "Cùng người.", now=now)
    refused("four-eyes", decide, db, file, both, "approved", now=now)
    own = an_officer(db, "approving_officer", now=now, person_id=account.person_id)
    refused("own-file", settle, db, task, own, RENEWED, "Cùng người.", now=now)
    tied = an_officer(db, "approving_officer", now=now)
    declare_person(db, tied, "KOR M12345678", "quarrel", "Hàng xóm", now=now)
    refused("conflict-declared", settle, db, task, tied, RENEWED, "Cùng người.", now=now)


def test_its_holder_sees_both_looks_and_why(db: Session, now: datetime) -> None:
    account = a_holder(db, now)
    file, receiving, approving = a_case(db, now)
    name_earlier(db, file, receiving, "M12345678", now=now)
    assert look_at_compared(db, file, approving, now=now) == [db.get_one(Person, account.person_id)]
    db.flush()
    seen = looks_at(db, account.id, account.person_id).events
    looks = [event for event in seen if event.facts.get("purpose") == "linking"]
    assert [event.actor_role for event in looks] == ["approving_officer", "receiving_officer"]


def test_a_namesake_is_told_apart_first_and_the_next_question_is_asked_anew(db: Session, now: datetime) -> None:
    account = a_holder(db, now)
    other = replace(ANEW, passport_number="M77777777", residence_card="TRC-900977")
    namesake = a_holder(db, now, other, phone="+84987000333")
    file, receiving, approving = a_case(db, now)
    assert file.duplicate_id == namesake.person_id
    refused("linking-open", name_earlier, db, file, receiving, "M12345678", now=now)
    answered(db, file, approving, "two-people", now)
    refused("earlier-compared", name_earlier, db, file, receiving, "M77777777", now=now)
    name_earlier(db, file, receiving, "M12345678", now=now)
    task = task_of(db, file.id, TaskKind.LINKING)
    assert task is not None and (task.done_at, task.outcome, task.note) == (None, None, None)
    assert [one.id for one in compared_with(db, file)] == [account.person_id, namesake.person_id]
    answered(db, file, approving, "same-person", now)
    refused("linking-same", name_earlier, db, file, receiving, "TRC-100200", now=now)
    refused("linking-same", decide, db, file, approving, "approved", now=now)


@pytest.mark.parametrize("typed", ["M12345678", "M00000000"])
def test_who_names_it_online_hears_nothing_and_waits_for_an_officer(db: Session, now: datetime, typed: str) -> None:
    account = a_holder(db, now)
    file, _code = sent_online(db, ANEW, now=now, phone=PHONE, earlier_number=typed)
    found = account.person_id if typed == "M12345678" else None
    assert (file.state, file.duplicate_id) == ("submitted", found)
    assert file.officer_reasons == f"on-request {'same-name' if found else 'earlier-number'}"
    acknowledge(db, file, an_officer(db, "receiving_officer", now=now), now=now)
    approving = an_officer(db, "approving_officer", now=now)
    if found is not None:
        answered(db, file, approving, RENEWED, now)
    decide(db, file, approving, "approved", now=now)
    assert residents(db) == (1 if found else 2)


def test_an_earlier_number_of_whom_a_paper_of_today_names_is_not_looked_into(db: Session, now: datetime) -> None:
    a_holder(db, now)
    renewed = replace(FOREIGNER, passport_number="M55555555", passport_expires_on=date(2041, 1, 1))
    file, _code = sent_online(db, renewed, now=now, earlier_number="M12345678")
    assert (file.officer_reasons, file.duplicate_id, residents(db)) == ("on-request", None, 1)
    assert db.scalar(select(AuditEvent.id).where(AuditEvent.name == Event.DUPLICATE_FOUND)) is None
