"""A death, in the register or on a certificate: what the dead applied for ends; only guardians and wards are told."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import delete, select

from identity.account import Account, AccountState, Act, Ground, check_may
from identity.application import Application, State, abandon_unanswered, appeal
from identity.application import decide as decide_file
from identity.application.tasks import Kind, has_open_task, settle, task_of, waiting_tasks
from identity.audit import Event, events_about
from identity.base import Refused
from identity.guardians import Basis, Shown, begin, guardians_of
from identity.inbox import InboxMessage
from identity.late_work import warn_of_late_work
from identity.lock_requests import deaths
from identity.lock_requests.at_once import settle_death
from identity.outbox import OutboxMessage
from identity.person import Person
from tests.identity.applicants import (
    CHILD,
    CITIZEN,
    a_guardian,
    a_ward,
    activated,
    an_officer,
    for_ward,
    issued,
    matched,
    submitted,
)
from tests.identity.lock_scene import carried_out, officers


def other(number):
    card = f"00119055{number:04}"
    born = CITIZEN.birth_date + timedelta(days=number)
    return replace(CITIZEN, personal_number=card, card_number=card, birth_date=born)


def kinds(db, account):
    return set(db.scalars(select(InboxMessage.kind).where(InboxMessage.account_id == account.id)))


def test_a_death_ends_what_the_dead_applied_for_with_or_without_an_account(db, now):
    waiting, _code = submitted(db, now=now)
    ready, _officer = matched(db, other(1), now=now, phone="+84912000001")
    asked, _code = submitted(db, other(2), now=now, phone="+84912000002")
    asked.supplement_due_at = now + timedelta(days=3)
    rest, _code = submitted(db, other(3), now=now, phone="+84912000003")
    numbers = [one.number for one in (waiting, ready, asked)]
    db.execute(delete(OutboxMessage))
    assert deaths.close_the_dead(db, numbers, now=now) == 0, "there are no accounts"
    for file in (waiting, ready, asked):
        assert (file.state, file.due_at, file.supplement_due_at, file.open_index) == ("deceased", None, None, None)
        assert file.closed_at == now and file.held_by_id is None
        (ended,) = [e for e in events_about(db, file.subject) if e.name == Event.APPLICATION_ENDED_BY_DEATH]
        assert (ended.actor_role, ended.facts) == ("system", {"who": "applicant"})
    assert rest.state == "submitted"
    assert abandon_unanswered(db, now=now + timedelta(days=40)) == 0
    assert list(db.scalars(select(OutboxMessage))) == [], "nobody writes to the phone of the dead"
    db.flush()
    assert deaths.close_the_dead(db, numbers, now=now) == 0


def test_a_death_ends_an_appeal_too_and_the_account_that_waits_to_be_activated(db, now):
    file, _officer = matched(db, now=now)
    decide_file(db, file, an_officer(db, "approving_officer", now=now), "refused", "document-not-genuine", now=now)
    filed = appeal(db, file, "Giấy của tôi là thật.", now=now)
    waiting, made = issued(db, other(1), now=now, phone="+84912000001")
    account = db.get_one(Account, made.account_id)
    db.flush()
    assert deaths.close_the_dead(db, [file.number, waiting.number], now=now) == 1
    assert (file.state, filed.outcome, filed.ended_at) == ("deceased", "deceased", now)
    assert (waiting.state, account.state) == ("issued", AccountState.CLOSED)
    with pytest.raises(Refused, match="account-closed"):
        check_may(db, account.id, Act.ACTIVATE, now=now)


def test_the_guardian_hears_that_a_childs_application_and_account_are_closed(db, now):
    guardian = a_guardian(db, now=now)
    file, _code = for_ward(db, guardian, now=now, guardian_basis="paper")
    db.execute(delete(OutboxMessage))
    deaths.close_the_dead(db, [file.number], now=now)
    (letter,) = db.scalars(select(OutboxMessage))
    assert (letter.kind, letter.recipient_id, file.state) == ("application-ended-by-death", file.id, "deceased")
    number = "001218000002"
    sibling = replace(CHILD, personal_number=number, card_number=number, full_name="Nguyễn Em Thử")
    made, _code = for_ward(db, guardian, sibling, now=now)
    assert made.state == State.ISSUED
    db.flush()
    assert deaths.close_the_dead(db, [number], now=now) == 1
    assert "ward-closed-by-death" in kinds(db, guardian)


def test_a_guardian_who_dies_takes_the_childs_application_along_and_another_may_apply(db, now):
    guardian = a_guardian(db, now=now)
    file, _code = for_ward(db, guardian, now=now, guardian_basis="paper")
    db.execute(delete(OutboxMessage))
    settle_death(db, guardian, True, now=now)
    assert file.state == "deceased" and list(db.scalars(select(OutboxMessage))) == []
    (ended,) = [e for e in events_about(db, file.subject) if e.name == Event.APPLICATION_ENDED_BY_DEATH]
    assert ended.facts == {"who": "guardian"}
    _file, made = issued(db, other(9), now=now, phone="+84912000009")
    again, _code = for_ward(db, activated(db, made.account_id, now=now), now=now, guardian_basis="paper")
    assert again.is_open


def test_a_guardian_who_dies_is_nobodys_guardian_and_the_office_looks_after_the_ward(db, now):
    ward, guardian = a_ward(db, now=now)
    phone = db.get_one(Person, guardian.person_id).phone
    held = guardians_of(db, ward.person_id, now=now)[0]
    deaths.close_the_dead(db, [CITIZEN.personal_number], now=now)
    assert guardians_of(db, ward.person_id, now=now) == [] and held.ended_for == "death"
    assert db.get_one(Person, ward.person_id).phone is None and phone
    assert kinds(db, ward) >= {"ward-guardian-died"}
    with pytest.raises(Refused, match="account-locked"):
        check_may(db, ward.id, Act.HOLD_SESSION, now=now)
    task = task_of(db, held.application_id, Kind.NO_GUARDIAN)
    deaths.close_the_dead(db, [CITIZEN.personal_number], now=now)
    assert has_open_task(db, db.get_one(Application, held.application_id))
    settle(db, task, an_officer(db, "approving_officer", now=now), "family-reached", "", now=now)
    assert not has_open_task(db, db.get_one(Application, held.application_id))


def test_with_another_guardian_the_account_of_the_ward_goes_on(db, now):
    ward, _guardian = a_ward(db, now=now)
    _file, made = issued(db, other(9), now=now, phone="+84912000009")
    second = activated(db, made.account_id, now=now)
    held = guardians_of(db, ward.person_id, now=now)[0]
    begin(db, ward, second.person_id, Shown(Basis.PAPER, held.ends_on), now=now)
    deaths.close_the_dead(db, [CITIZEN.personal_number], now=now)
    assert [row.guardian_id for row in guardians_of(db, ward.person_id, now=now)] == [second.person_id]
    assert db.get_one(Person, ward.person_id).phone == "+84912000009"
    check_may(db, ward.id, Act.HOLD_SESSION, now=now)
    assert task_of(db, held.application_id, Kind.NO_GUARDIAN) is None


def test_a_certificate_ends_what_the_holder_applied_for_as_well(db, now):
    holder = a_guardian(db, now=now)
    file, _code = submitted(db, other(1), now=now, phone="+84912000001")
    file.person_id = db.get_one(Person, holder.person_id).id
    db.flush()
    carried_out(db, holder, officers(db, now), now, Ground.DEATH)
    assert (file.state, holder.state) == ("deceased", AccountState.CLOSED)


def test_a_namesake_is_told_apart_only_while_there_is_a_file(db, now):
    """Nothing that is closed leads to a second account, so nobody is sent to look at it."""
    issued(db, now=now)
    twin = replace(other(0), birth_date=CITIZEN.birth_date)
    file, _code = submitted(db, twin, now=now, phone="+84912000001")
    officer = an_officer(db, "approving_officer", now=now)

    def about_it():
        return [task for task, about in waiting_tasks(db, [file.unit_id], officer.account_id)[0] if about is file]

    (task,) = about_it()
    assert task.kind == Kind.LINKING
    deaths.close_the_dead(db, [file.number], now=now)
    db.flush()
    assert about_it() == [] and not has_open_task(db, file)
    warn_of_late_work(db, now=now + timedelta(days=20))
    late = [event.name for event in events_about(db, ("office-task", task.id))]
    assert Event.SUPERVISOR_WARNED not in late
