"""Consent to be helped, the one-day code, the pseudonym, and what the system knows of the outcome."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from identity.account import Account
from identity.audit import SYSTEM, VISITOR, AuditEvent, Event, events_about, record
from identity.base import Refused
from identity.deadlines import today_in_vietnam
from identity.helping import (
    agree_to_help,
    find_waiting,
    has_agreed,
    new_help_code,
    outcome_of,
    person_behind,
    present_help_code,
    resolve_help_code,
    waiting_by_reason,
    waiting_people,
    withdraw_help,
)
from identity.helping.code import forget_help_codes
from identity.helping.consent import HelpCode
from identity.oidc.meetings import meeting_row
from identity.sealed import vault
from identity.session import open_session
from identity.writing import write_together
from tests.identity.oidc.making import a_service
from tests.onboarding.scene import activate, communes, ids, pseudonym_of, resident, staff_account


def test_consent_is_given_once_and_recorded(db, now):
    person = resident(db, communes(db)[0], now=now, agreed=False)
    agree_to_help(db, person, now=now)
    agree_to_help(db, person, now=now)
    names = [event.name for event in events_about(db, ("person", person.id))]
    assert has_agreed(db, person.id)
    assert names == [Event.HELP_AGREED]


def test_a_code_leads_to_a_pseudonym_that_is_not_the_person(db, now):
    person = resident(db, communes(db)[0], now=now)
    code = new_help_code(db, person.id, now=now)
    pseudonym = resolve_help_code(db, code, on=today_in_vietnam(now))
    assert pseudonym is not None
    assert person.id.bytes not in pseudonym
    assert person_behind(db, pseudonym) == person.id


def test_a_code_is_typed_in_any_grouping(db, now):
    person = resident(db, communes(db)[0], now=now)
    code = new_help_code(db, person.id, now=now)
    assert len(code) == 9
    assert resolve_help_code(db, code.replace(" ", "-"), on=today_in_vietnam(now)) == pseudonym_of(db, person)


def test_a_code_is_stored_as_a_digest_only(db, now):
    person = resident(db, communes(db)[0], now=now)
    code = new_help_code(db, person.id, now=now).replace(" ", "")
    stored = db.scalars(select(HelpCode)).one()
    assert code.encode() not in stored.digest
    assert len(stored.digest) == 32


def test_a_code_is_good_on_its_vietnamese_day_only(db, now):
    person = resident(db, communes(db)[0], now=now)
    late_evening = now.replace(hour=16, minute=30)
    code = new_help_code(db, person.id, now=late_evening)
    day = today_in_vietnam(late_evening)
    assert resolve_help_code(db, code, on=day) is not None
    assert resolve_help_code(db, code, on=today_in_vietnam(late_evening + timedelta(hours=1))) is None


def test_without_consent_there_is_no_code(db, now):
    person = resident(db, communes(db)[0], now=now, agreed=False)
    with pytest.raises(Refused, match="help-not-agreed"):
        new_help_code(db, person.id, now=now)


def test_codes_of_one_person_are_limited_by_the_day(db, now):
    person = resident(db, communes(db)[0], now=now)
    for _ in range(5):
        new_help_code(db, person.id, now=now)
    with pytest.raises(Refused, match="help-code-limit"):
        new_help_code(db, person.id, now=now)
    assert new_help_code(db, person.id, now=now + timedelta(days=1))


def test_a_helper_who_guesses_is_stopped_for_the_day(db, now):
    person = resident(db, communes(db)[0], now=now)
    helper = staff_account(db, "guesser", now=now)
    code, day = new_help_code(db, person.id, now=now), today_in_vietnam(now)
    wrong = "0000 0000" if code != "0000 0000" else "0000 0001"
    for _ in range(10):
        assert not present_help_code(db, helper.id, wrong, on=day, now=now).blocked
    assert present_help_code(db, helper.id, code, on=day, now=now).blocked
    other = staff_account(db, "careful", now=now)
    assert present_help_code(db, other.id, code, on=day, now=now).pseudonym is not None
    tomorrow = now + timedelta(days=1)
    assert not present_help_code(db, helper.id, code, on=day, now=tomorrow).blocked


def test_withdrawal_cuts_the_link_and_ends_the_codes(db, now):
    person = resident(db, communes(db)[0], now=now)
    code, before = new_help_code(db, person.id, now=now), pseudonym_of(db, person)
    withdraw_help(db, person, now=now, actor=VISITOR)
    assert not has_agreed(db, person.id)
    assert resolve_help_code(db, code, on=today_in_vietnam(now)) is None
    assert person_behind(db, before) is None
    assert outcome_of(db, before) is None
    withdrawn = events_about(db, ("person", person.id))[0]
    assert withdrawn.name == Event.HELP_WITHDRAWN
    assert withdrawn.facts == {}


def test_consent_given_anew_does_not_revive_the_old_link(db, now):
    person = resident(db, communes(db)[0], now=now)
    before = pseudonym_of(db, person)
    withdraw_help(db, person, now=now, actor=VISITOR)
    agree_to_help(db, person, now=now)
    assert person_behind(db, before) is None
    assert has_agreed(db, person.id)


def test_the_outcome_is_what_the_account_says(db, now):
    person = resident(db, communes(db)[0], now=now)
    pseudonym = pseudonym_of(db, person)
    assert outcome_of(db, pseudonym).activated_at is None
    activate(db, person, now=now)
    account = db.scalars(select(Account).where(Account.person_id == person.id)).one()
    open_session(db, account, ("pwd", "otp"), 2, now=now)
    assert outcome_of(db, pseudonym).used_at is None, "the session of the activation itself is no use"
    later = now + timedelta(days=3)
    open_session(db, account, ("pwd", "otp"), 2, now=later)
    outcome = outcome_of(db, pseudonym)
    assert (outcome.issued_at, outcome.activated_at, outcome.used_at) == (now - timedelta(days=1), now, later)


def test_a_service_met_right_after_the_activation_is_a_use(db, now):
    person = resident(db, communes(db)[0], now=now)
    activate(db, person, now=now)
    account = db.scalars(select(Account).where(Account.person_id == person.id)).one()
    own = open_session(db, account, ("pwd", "otp"), 2, now=now)
    met = now + timedelta(minutes=2)
    write_together(db, meeting_row(vault(db), own.session_id, a_service(db, now=now), "sub", now=met))
    assert outcome_of(db, pseudonym_of(db, person)).used_at == met


def test_only_those_who_wait_and_agreed_in_the_units_are_named(db, now):
    here, beside, _ = communes(db)
    resident(db, here, now=now, name="Nguyễn Văn Bình")
    resident(db, here, now=now, name="Trần Thị Cúc", agreed=False)
    resident(db, here, now=now, name="Phạm Văn Dũng", active=True)
    resident(db, beside, now=now, name="Lê Văn Em")
    people = waiting_people(db, ids(here), SYSTEM, now=now, limit=20)
    assert [(one.first_name, one.masked_phone) for one in people] == [("Bình", "09•• ••• 214")]
    assert people[0].days_left == 6


def test_each_look_at_the_list_is_recorded_with_the_person(db, now):
    here = communes(db)[0]
    person = resident(db, here, now=now)
    helper = staff_account(db, "helper", now=now)
    waiting_people(db, ids(here), SYSTEM.__class__(helper.id, "member"), now=now, limit=20)
    seen = [event for event in events_about(db, ("person", person.id)) if event.name == Event.WORKLIST_VIEWED]
    assert [event.actor_id for event in seen] == [helper.id]


def test_the_person_behind_a_pseudonym_is_not_found_from_another_unit(db, now):
    here, beside, _ = communes(db)
    pseudonym = pseudonym_of(db, resident(db, here, now=now))
    assert find_waiting(db, pseudonym, ids(here), SYSTEM, now=now) is not None
    assert find_waiting(db, pseudonym, ids(beside), SYSTEM, now=now) is None


def test_people_who_wait_are_counted_by_the_reason_of_the_last_failure(db, now):
    here = communes(db)[0]
    stuck = resident(db, here, now=now)
    resident(db, here, now=now, agreed=False)
    account = db.scalars(select(Account).where(Account.person_id == stuck.id)).one()
    for minutes, reason in ((0, "otp-wrong"), (5, "proof-wrong")):
        at = now + timedelta(minutes=minutes)
        subject = ("account", account.id)
        record(db, Event.ACTIVATION_STEP_FAILED, SYSTEM, now=at, subject=subject, step="proof", reason=reason)
    counts = {count.reason: (count.people, count.agreed) for count in waiting_by_reason(db, ids(here), now=now)}
    assert counts == {"proof-wrong": (1, 1), None: (1, 0)}


def test_old_codes_are_forgotten(db, now):
    person = resident(db, communes(db)[0], now=now)
    code = new_help_code(db, person.id, now=now)
    assert forget_help_codes(db, now=now + timedelta(days=36)) == 0  # a phone may bring it after 35 days
    assert resolve_help_code(db, code, on=today_in_vietnam(now)) is not None
    assert forget_help_codes(db, now=now + timedelta(days=37)) == 1
    assert resolve_help_code(db, code, on=today_in_vietnam(now)) is None


def test_facts_of_the_audit_hold_no_code(db, now):
    person = resident(db, communes(db)[0], now=now)
    code = new_help_code(db, person.id, now=now)
    assert all(code not in str(event.facts) for event in db.scalars(select(AuditEvent)))
