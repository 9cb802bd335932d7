"""Roles give something in their unit and on their days, and nothing elsewhere."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from identity.audit import SYSTEM, Event, events_about
from identity.base import Refused
from identity.places import Unit, units_within
from identity.staff import RoleHeld, check_scope, end_role, give_role, hire, roles_of, units_in_reach

TODAY = date(2026, 11, 23)
RECEIVING = "receiving_officer"


@pytest.fixture
def officer(db, now):
    account = hire(db, "canbo.lan", "Ngô Thị Lan", now=now)
    db.flush()
    return account


@pytest.fixture
def commune(db):
    return db.scalars(select(Unit).where(Unit.kind == "commune", Unit.valid_to.is_(None)).limit(1)).one()


def other_commune(db, commune):
    query = select(Unit).where(Unit.kind == "commune", Unit.valid_to.is_(None), Unit.parent_id != commune.parent_id)
    return db.scalars(query.limit(1)).one()


def test_a_hired_account_holds_no_role(db, officer):
    assert roles_of(db, officer.id, TODAY) == []


def test_a_role_counts_from_the_day_it_is_given(db, officer, commune, now):
    give_role(db, officer.id, RECEIVING, commune.id, SYSTEM, now=now)
    assert roles_of(db, officer.id, TODAY) == [RoleHeld(RECEIVING, commune.id)]


def test_a_role_gives_nothing_before_its_first_day_and_on_its_last(db, officer, commune, now):
    tomorrow, friday = TODAY + timedelta(days=1), TODAY + timedelta(days=4)
    give_role(db, officer.id, RECEIVING, commune.id, SYSTEM, now=now, valid_from=tomorrow, valid_to=friday)
    assert roles_of(db, officer.id, TODAY) == []
    assert roles_of(db, officer.id, tomorrow) == [RoleHeld(RECEIVING, commune.id)]
    assert roles_of(db, officer.id, friday - timedelta(days=1)) == [RoleHeld(RECEIVING, commune.id)]
    assert roles_of(db, officer.id, friday) == []


def test_the_day_is_counted_in_vietnam(db, officer, commune, clock):
    late_evening_utc = clock.advance(hours=15)  # 18:00 UTC on Monday is 01:00 on Tuesday in Vietnam
    give_role(db, officer.id, RECEIVING, commune.id, SYSTEM, now=late_evening_utc)
    assert roles_of(db, officer.id, TODAY) == []
    assert roles_of(db, officer.id, TODAY + timedelta(days=1)) != []


def test_a_role_ended_today_is_gone_at_once(db, officer, commune, now):
    given = give_role(db, officer.id, RECEIVING, commune.id, SYSTEM, now=now, valid_from=TODAY - timedelta(days=9))
    end_role(db, given, SYSTEM, now=now)
    assert roles_of(db, officer.id, TODAY) == []
    assert roles_of(db, officer.id, TODAY - timedelta(days=1)) != []


def test_a_role_in_a_province_reaches_its_communes_and_no_others(db, officer, commune, now):
    give_role(db, officer.id, RECEIVING, commune.parent_id, SYSTEM, now=now)
    reach = units_in_reach(db, roles_of(db, officer.id, TODAY), RECEIVING)
    assert commune.id in reach
    assert other_commune(db, commune).id not in reach
    assert reach == units_within(db, commune.parent_id)


def test_another_role_reaches_nothing_here(db, officer, commune, now):
    give_role(db, officer.id, "member", commune.id, SYSTEM, now=now)
    assert units_in_reach(db, roles_of(db, officer.id, TODAY), RECEIVING) == set()


def test_scope_is_refused_outside_the_unit_and_the_attempt_is_to_be_recorded(commune, db):
    held = [RoleHeld(RECEIVING, commune.id)]
    check_scope(held, RECEIVING, {commune.id, commune.parent_id})
    with pytest.raises(Refused) as refusal:
        check_scope(held, RECEIVING, {other_commune(db, commune).id})
    assert refusal.value.code == "out-of-scope" and refusal.value.audited
    with pytest.raises(Refused):
        check_scope(held, "approving_officer", {commune.id})


def test_the_same_role_is_not_held_twice_at_once(db, officer, commune, now):
    given = give_role(db, officer.id, RECEIVING, commune.id, SYSTEM, now=now, valid_to=TODAY + timedelta(days=5))
    db.flush()
    with pytest.raises(Refused, match="role-held"):
        give_role(db, officer.id, RECEIVING, commune.id, SYSTEM, now=now)
    give_role(db, officer.id, RECEIVING, commune.id, SYSTEM, now=now, valid_from=given.valid_to)


@pytest.mark.parametrize(("role", "code"), [("king", "role-unknown"), (RECEIVING, "role-needs-unit")])
def test_a_role_needs_a_known_name_and_its_unit(db, officer, now, role, code):
    with pytest.raises(Refused, match=code):
        give_role(db, officer.id, role, None, SYSTEM, now=now)


def test_an_operator_needs_no_unit(db, officer, now):
    give_role(db, officer.id, "operator", None, SYSTEM, now=now)
    assert roles_of(db, officer.id, TODAY) == [RoleHeld("operator", None)]


def test_a_term_that_ends_before_it_begins_is_refused(db, officer, commune, now):
    with pytest.raises(Refused, match="role-days"):
        give_role(db, officer.id, RECEIVING, commune.id, SYSTEM, now=now, valid_to=TODAY)


def test_giving_and_ending_are_recorded(db, officer, commune, now):
    given = give_role(db, officer.id, RECEIVING, commune.id, SYSTEM, now=now)
    end_role(db, given, SYSTEM, now=now)
    end_role(db, given, SYSTEM, now=now)
    names = [event.name for event in events_about(db, ("account", officer.id))]
    assert sorted(names) == [Event.ROLE_ENDED, Event.ROLE_GIVEN]
