"""A record of help is taken in once, keeps what it said, and refuses what must not be in it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from identity.audit import VISITOR, Actor, Event, events_about
from identity.base import Refused
from identity.helping import new_help_code, withdraw_help
from onboarding.assistance import AssistanceEvent, State, take_in
from onboarding.catalogue import AgeBand, Mode, Obstacle, Result, Sex, Task, Trait
from onboarding.delegation import delegate
from onboarding.event import newest_of
from onboarding.records import Standing, get_record, records_of_day
from tests.onboarding.scene import activate, communes, entry, member_of, pseudonym_of, resident, team_in


@pytest.fixture
def here(db):
    return communes(db)[0]


@pytest.fixture
def member(db, here, now):
    return member_of(db, team_in(db, here, now=now), now=now)


def stored(db):
    return db.scalar(select(func.count()).select_from(AssistanceEvent))


def test_every_attribute_is_kept_and_both_times(db, member, here, now):
    by = Actor(member.account_id, "member")
    given = delegate(db, member, Task.LAND, 3, by, now=now - timedelta(hours=1), agreed=True)
    db.flush()
    one = entry(
        now,
        task=Task.LAND,
        mode=Mode.ON_BEHALF,
        authorised=True,
        delegation_id=given.id,
        result=Result.BLOCKED,
        obstacle=Obstacle.DATA_MISMATCH,
        age_band=AgeBand.FROM_60,
        sex=Sex.FEMALE,
        traits=frozenset({Trait.NO_SMARTPHONE, Trait.DISABILITY}),
        note="Sai năm sinh trên hồ sơ đất",
    )
    assert take_in(db, member.account_id, one, now=now).state is State.SAVED
    event = get_record(db, one.id, member.account_id).event
    assert (event.task, event.mode, event.result, event.obstacle) == ("land", "on-behalf", "blocked", "data-mismatch")
    assert (event.age_band, event.sex, event.traits) == ("60-and-over", "F", ["disability", "no-smartphone"])
    assert (event.happened_at, event.received_at) == (now - timedelta(minutes=15), now)
    assert (event.team_id, event.unit_id) == (member.team_id, here.id)
    assert event.note == "Sai năm sinh trên hồ sơ đất"
    assert "năm sinh".encode() not in event.note_sealed


def test_the_same_record_sent_five_times_is_one_record(db, member, now):
    one = entry(now)
    states = [take_in(db, member.account_id, one, now=now + timedelta(days=day)).state for day in range(5)]
    assert states == [State.SAVED, *[State.KNOWN] * 4]
    assert stored(db) == 1
    assert len(events_about(db, ("assistance", one.id))) == 1


def test_other_content_under_the_same_name_is_a_conflict_and_the_first_stays(db, member, now):
    one = entry(now, minutes=20)
    take_in(db, member.account_id, one, now=now)
    assert take_in(db, member.account_id, replace(one, minutes=45), now=now).state is State.CONFLICT
    assert get_record(db, one.id, member.account_id).event.minutes == 20


def test_another_member_cannot_use_the_same_name(db, member, here, now):
    other = member_of(db, team_in(db, here, now=now), now=now)
    one = entry(now)
    take_in(db, member.account_id, one, now=now)
    assert take_in(db, other.account_id, one, now=now).state is State.CONFLICT


@pytest.mark.parametrize("statement", ["UPDATE assistance_event SET minutes = 1", "DELETE FROM assistance_event"])
def test_the_database_refuses_to_change_a_record(db, member, now, statement):
    take_in(db, member.account_id, entry(now), now=now)
    db.commit()
    with pytest.raises(DBAPIError, match="append-only"):
        db.execute(text(statement))
    db.rollback()


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"minutes": 0}, "assistance-minutes", "minutes"),
        ({"minutes": 481}, "assistance-minutes", "minutes"),
        ({"result": Result.BLOCKED}, "assistance-obstacle", "obstacle"),
        ({"obstacle": Obstacle.NO_PHONE}, "assistance-obstacle", "obstacle"),
        ({"mode": Mode.REFERRED}, "assistance-referred", "result"),
        ({"result": Result.REFERRED}, "assistance-referred", "result"),
        ({"mode": Mode.ON_BEHALF, "authorised": True}, "assistance-own-hand", "mode"),
        ({"mode": Mode.ON_BEHALF, "task": Task.LAND}, "assistance-not-authorised", "delegation_id"),
        ({"note": "gọi 0912345678"}, "note-has-number", "note"),
        ({"note": "bà Lan"}, "note-has-name", "note"),
        ({"procedure": "001158012345"}, "note-has-number", "procedure"),
        ({"help_code": "1234 5678"}, "help-code-unknown", "help_code"),
    ],
)
def test_what_breaks_a_rule_is_refused_at_its_field_and_nothing_is_kept(db, member, now, changes, code, field):
    taken = take_in(db, member.account_id, entry(now, **changes), now=now)
    assert taken.state is State.REFUSED
    assert (taken.refusal.code, taken.refusal.field) == (code, field)
    assert stored(db) == 0


@pytest.mark.parametrize(
    ("ahead", "code"),
    [
        (timedelta(minutes=9), None),
        (timedelta(minutes=11), "assistance-in-future"),
        (timedelta(days=-29), None),
        (timedelta(days=-36), "assistance-too-late"),
    ],
)
def test_a_wrong_clock_is_noticed(db, member, now, ahead, code):
    taken = take_in(db, member.account_id, entry(now, happened_at=now + ahead), now=now)
    assert (taken.refusal.code if taken.refusal else None) == code


def test_help_given_outside_the_membership_is_refused(db, here, now):
    member = member_of(db, team_in(db, here, now=now), now=now)
    before = now.replace(month=8)
    taken = take_in(db, member.account_id, entry(now, happened_at=before), now=before)
    assert taken.refusal.code == "not-a-member-then"


def test_the_help_code_leads_to_a_pseudonym_and_is_not_stored(db, member, here, now):
    person = resident(db, here, now=now)
    one = entry(now, help_code=new_help_code(db, person.id, now=now))
    assert take_in(db, member.account_id, one, now=now).state is State.SAVED
    event = get_record(db, one.id, member.account_id).event
    assert event.pseudonym == pseudonym_of(db, person)
    assert event.pseudonym != person.id.bytes


def test_a_code_of_yesterday_does_not_fit_help_of_today(db, member, here, now):
    person = resident(db, here, now=now)
    code = new_help_code(db, person.id, now=now - timedelta(days=1))
    assert take_in(db, member.account_id, entry(now, help_code=code), now=now).refusal.code == "help-code-unknown"
    sent_late = entry(now, help_code=code, happened_at=now - timedelta(days=1))
    assert take_in(db, member.account_id, sent_late, now=now).state is State.SAVED


def test_guessing_codes_ends_after_ten_misses_and_each_miss_counts(db, member, here, now):
    person = resident(db, here, now=now)
    for guess in range(10):
        taken = take_in(db, member.account_id, entry(now, help_code=f"0000 {guess:04}"), now=now)
        assert taken.refusal.code == "help-code-unknown"
    right = entry(now, help_code=new_help_code(db, person.id, now=now))
    assert take_in(db, member.account_id, right, now=now).refusal.code == "help-code-blocked"


def test_a_claim_is_confirmed_when_the_person_activates(db, member, here, now):
    person = resident(db, here, now=now)
    one = entry(now, help_code=new_help_code(db, person.id, now=now))
    take_in(db, member.account_id, one, now=now)
    assert get_record(db, one.id, member.account_id).standing is Standing.WAITING
    activate(db, person, now=now + timedelta(days=2))
    record = get_record(db, one.id, member.account_id)
    assert (record.standing, record.activated_at) == (Standing.CONFIRMED, now + timedelta(days=2))


@pytest.mark.parametrize(
    ("after", "standing"),
    [
        (timedelta(days=-1), Standing.WAITING),
        (timedelta(minutes=-30), Standing.CONFIRMED),
        (timedelta(days=29), Standing.CONFIRMED),
        (timedelta(days=31), Standing.WAITING),
    ],
)
def test_only_an_activation_of_that_day_or_the_thirty_after_counts(db, member, here, now, after, standing):
    person = resident(db, here, now=now)
    one = entry(now, help_code=new_help_code(db, person.id, now=now))
    take_in(db, member.account_id, one, now=now)
    activate(db, person, now=now + after)
    assert get_record(db, one.id, member.account_id).standing is standing


def test_without_a_code_or_for_another_task_a_claim_stays_a_claim(db, member, here, now):
    person = resident(db, here, now=now, active=True)
    code = new_help_code(db, person.id, now=now)
    without, other = entry(now), entry(now, task=Task.LAND, help_code=code)
    for one in (without, other):
        take_in(db, member.account_id, one, now=now)
        assert get_record(db, one.id, member.account_id).standing is Standing.CLAIMED


def test_a_withdrawn_consent_takes_the_confirmation_back(db, member, here, now):
    person = resident(db, here, now=now)
    one = entry(now, help_code=new_help_code(db, person.id, now=now))
    take_in(db, member.account_id, one, now=now)
    activate(db, person, now=now)
    assert get_record(db, one.id, member.account_id).standing is Standing.CONFIRMED
    withdraw_help(db, person, now=now, actor=VISITOR)
    assert get_record(db, one.id, member.account_id).standing is Standing.CLAIMED


def test_a_correction_supersedes_once_and_keeps_the_person(db, member, here, now):
    person = resident(db, here, now=now)
    first = entry(now, help_code=new_help_code(db, person.id, now=now))
    take_in(db, member.account_id, first, now=now)
    second = entry(now, minutes=35, supersedes=first.id)
    assert take_in(db, member.account_id, second, now=now).state is State.SAVED
    assert get_record(db, second.id, member.account_id).event.pseudonym == pseudonym_of(db, person)
    shown = records_of_day(db, member.account_id, now.date())
    assert [record.event.id for record in shown] == [second.id]
    third = entry(now, supersedes=first.id)
    assert take_in(db, member.account_id, third, now=now).refusal.code == "assistance-superseded"


@pytest.mark.parametrize(
    ("changes", "kept"),
    [({}, "mất điện cả buổi"), ({"note": "có điện lại"}, "có điện lại"), ({"drops_note": True}, None)],
)
def test_a_correction_keeps_the_note_unless_it_has_its_own_or_takes_it_out(db, member, now, changes, kept):
    first = entry(now, note="mất điện cả buổi")
    second = entry(now, minutes=35, supersedes=first.id)
    third = entry(now, minutes=40, supersedes=second.id, **changes)
    for one in (first, second, third):
        assert take_in(db, member.account_id, one, now=now).state is State.SAVED
    assert get_record(db, second.id, member.account_id).event.note == "mất điện cả buổi"
    assert newest_of(db, first.id).id == third.id
    assert newest_of(db, first.id).note == kept


def test_nobody_corrects_or_reads_another_members_record(db, member, here, now):
    other = member_of(db, team_in(db, here, now=now), now=now)
    one = entry(now)
    take_in(db, member.account_id, one, now=now)
    taken = take_in(db, other.account_id, entry(now, supersedes=one.id), now=now)
    assert taken.refusal.code == "assistance-not-yours"
    with pytest.raises(Refused, match="not-found"):
        get_record(db, one.id, other.account_id)


def test_the_audit_says_that_help_was_logged_and_nothing_of_the_person(db, member, now):
    one = entry(now, note="mất điện cả buổi")
    take_in(db, member.account_id, one, now=now)
    [event] = events_about(db, ("assistance", one.id))
    assert (event.name, event.actor_id, event.facts) == (
        Event.ASSISTANCE_LOGGED,
        member.account_id,
        {"task": "activation"},
    )
