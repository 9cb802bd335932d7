"""Whom a team may offer help, and what it is told."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from identity.account import Account
from identity.activation import Step
from identity.audit import SYSTEM, Event, events_about, record
from identity.base import Refused
from identity.places import ancestors
from onboarding.guidance import TROUBLES, Trouble, get_person_to_guide, trouble_of, waiting_by_trouble, worklist
from tests.onboarding.scene import communes, ids, member_of, pseudonym_of, resident, team_in


def fail(db, person, now, step, reason):
    account = db.scalars(select(Account).where(Account.person_id == person.id)).one()
    record(db, Event.ACTIVATION_STEP_FAILED, SYSTEM, now=now, subject=("account", account.id), step=step, reason=reason)


def test_a_member_sees_the_own_unit_and_below_and_nobody_elses(db, now):
    here, beside, far = communes(db)
    for unit, name in ((here, "Nguyễn Văn Bình"), (beside, "Lê Văn Em"), (far, "Trần Văn Giang")):
        resident(db, unit, now=now, name=name)
    member = member_of(db, team_in(db, here, now=now), now=now)
    assert [one.first_name for one in worklist(db, member, now=now).people] == ["Bình"]
    province = ancestors(db, here.id)[0]
    task_force = member_of(db, team_in(db, province, now=now), now=now)
    assert {one.first_name for one in worklist(db, task_force, now=now).people} == {"Bình", "Em"}


def test_the_list_is_cut_into_pages(db, now):
    here = communes(db)[0]
    for number in range(23):
        resident(db, here, now=now, name=f"Lê Văn {chr(65 + number)}")
    member = member_of(db, team_in(db, here, now=now), now=now)
    first, second = worklist(db, member, now=now), worklist(db, member, now=now, page=2)
    assert (first.total, first.pages, len(first.people), len(second.people)) == (23, 2, 20, 3)
    assert len({one.pseudonym for one in first.people + second.people}) == 23


def test_guiding_one_person_is_recorded_with_that_person(db, now):
    here = communes(db)[0]
    person = resident(db, here, now=now)
    member = member_of(db, team_in(db, here, now=now), now=now)
    found = get_person_to_guide(db, member, pseudonym_of(db, person).hex(), now=now)
    assert found.first_name == "Bình"
    seen = events_about(db, ("person", person.id))[0]
    assert (seen.name, seen.actor_id, seen.actor_role) == (Event.GUIDANCE_VIEWED, member.account_id, "member")


def test_another_units_person_a_wrong_name_and_an_active_one_are_refused_alike(db, now):
    here, beside, _ = communes(db)
    member = member_of(db, team_in(db, here, now=now), now=now)
    stranger = pseudonym_of(db, resident(db, beside, now=now)).hex()
    active = pseudonym_of(db, resident(db, here, now=now, active=True)).hex()
    for handle in (stranger, active, "0" * 64, "x", "", "é" * 64):
        with pytest.raises(Refused, match="nobody-waits-here"):
            get_person_to_guide(db, member, handle, now=now)


def test_the_last_failure_names_the_trouble(db, now):
    here = communes(db)[0]
    person = resident(db, here, now=now)
    fail(db, person, now, "phone", "otp-expired")
    member = member_of(db, team_in(db, here, now=now), now=now)
    [waiting] = worklist(db, member, now=now).people
    assert (waiting.step, trouble_of(waiting.reason)) == ("phone", Trouble.NO_OTP)


def test_reasons_that_stand_for_one_trouble_are_counted_together(db, now):
    here = communes(db)[0]
    for reason in ("otp-expired", "otp-wait", "totp-wrong"):
        fail(db, resident(db, here, now=now), now, "phone", reason)
    resident(db, here, now=now, agreed=False)
    found = [(row.trouble, row.people, row.agreed) for row in waiting_by_trouble(db, ids(here), now=now)]
    assert found[0] == (Trouble.NO_OTP, 2, 2)
    assert set(found[1:]) == {(Trouble.TOTP_REFUSED, 1, 1), (None, 1, 0)}


def test_every_step_has_its_troubles():
    assert set(TROUBLES) == set(Step)
    listed = {trouble for troubles in TROUBLES.values() for trouble in troubles}
    assert listed == set(Trouble) - {Trouble.OTHER}


def test_an_unforeseen_reason_is_still_a_trouble():
    assert trouble_of("something-new") is Trouble.OTHER
    assert trouble_of("password-common") is Trouble.PASSWORD_REFUSED
    assert trouble_of(None) is None
