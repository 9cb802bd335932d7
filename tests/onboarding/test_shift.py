"""Shifts and what they prove for pay: each rule and what breaks it."""

from __future__ import annotations

from datetime import date, time, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select

from identity.audit import Actor
from identity.base import Refused
from identity.places import Unit
from onboarding.pay import pay_rule, pay_rules, pay_sheets
from onboarding.shift import (
    RefusedFor,
    decide_shift,
    plan_shift,
    reopen_shift,
    shifts_of,
    shifts_to_decide,
    withdraw_shift,
)
from tests.onboarding.scene import communes, ids, member_of, team_in

TODAY = date(2026, 11, 23)
BY = Actor(None, "coordinator")
MORNING, LATER = (time(8), time(11)), (time(14), time(16))


@pytest.fixture
def here(db):
    return communes(db)[0]


@pytest.fixture
def team(db, here, now):
    return team_in(db, here, now=now)


@pytest.fixture
def member(db, team, now):
    return member_of(db, team, now=now)


def test_a_day_counts_once_however_many_shifts_it_has(db, member, here, now):
    for day, span in ((TODAY, MORNING), (TODAY, LATER), (TODAY - timedelta(days=1), MORNING)):
        plan_shift(db, member.account_id, day, span, "Nhà văn hoá", BY, now=now)
    db.flush()
    for shift, _name in shifts_to_decide(db, ids(here), on=TODAY):
        decide_shift(db, shift.id, None, BY, ids(here), now=now)
    [sheet] = pay_sheets(db, ids(here), TODAY.replace(day=1))
    [row] = sheet.members
    assert (row.days, row.shifts, row.amount, sheet.amount) == (2, 3, None, None)
    assert pay_sheets(db, ids(here), date(2026, 10, 1)) == pay_sheets(db, ids(here), date(2026, 12, 1)) == []


def commune_of(db, province):
    of_today = select(Unit.id).where(Unit.code == province, Unit.kind == "province", Unit.valid_to.is_(None))
    return db.scalars(select(Unit).where(Unit.parent_id.in_(of_today)).limit(1)).one()


@pytest.mark.parametrize(
    ("province", "days", "member", "team"),
    [
        ("42", 3, 0, 600_000),  # Hà Tĩnh: by team and month
        ("15", 3, 0, 500_000),  # Lào Cai
        ("48", 3, 150_000, 150_000),  # Đà Nẵng: by person-day …
        ("48", 9, 450_000, 300_000),  # … up to the most of a team
        ("79", 2, 360_000, 360_000),  # Thành phố Hồ Chí Minh: by member and month, and by day
    ],
)
def test_a_province_pays_by_its_own_dated_rule(db, now, province, days, member, team):
    commune = commune_of(db, province)
    worker = member_of(db, team_in(db, commune, now=now), now=now)
    for back in range(days):
        shift = plan_shift(db, worker.account_id, TODAY - timedelta(days=back), MORNING, "Chợ", BY, now=now)
        db.flush()
        decide_shift(db, shift.id, None, BY, {commune.id}, now=now)
    [sheet] = pay_sheets(db, {commune.id}, date(2026, 11, 1))
    assert (sheet.days, sheet.members[0].amount, sheet.amount) == (days, member, team)


def test_a_rule_begins_and_ends_on_its_days(db):
    commune = commune_of(db, "48")
    assert pay_rule(db, commune.id, on=date(2025, 12, 31)) is None
    assert pay_rule(db, commune.id, on=date(2026, 1, 1)).per_day == 50_000
    assert pay_rule(db, commune.id, on=date(2028, 1, 1)) is None


def test_every_rule_of_pay_says_where_it_is_from_and_whether_we_read_it():
    assert len({rule.province for rule in pay_rules()}) >= 3
    for rule in pay_rules():
        assert rule.source
        assert rule.confirmed or "press" in rule.source


def test_nobody_approves_their_own_shift_and_nothing_is_decided_twice(db, member, here, now):
    shift = plan_shift(db, member.account_id, TODAY, MORNING, "Chợ", BY, now=now)
    db.flush()
    with pytest.raises(Refused, match="own-shift"):
        decide_shift(db, shift.id, None, Actor(member.account_id, "coordinator"), ids(here), now=now)
    with pytest.raises(Refused, match="not-found"):
        decide_shift(db, shift.id, None, BY, ids(communes(db)[1]), now=now)
    decide_shift(db, shift.id, RefusedFor.NOT_THERE, BY, ids(here), now=now)
    with pytest.raises(Refused, match="changed-meanwhile"):
        decide_shift(db, shift.id, None, BY, ids(here), now=now)
    assert pay_sheets(db, ids(here), TODAY.replace(day=1)) == []


@pytest.mark.parametrize(
    ("day", "span", "code"),
    [
        (TODAY, (time(11), time(8)), "shift-times"),
        (TODAY, (time(10), time(12)), "shift-overlaps"),
        (TODAY - timedelta(days=32), MORNING, "shift-too-late"),
    ],
)
def test_a_shift_that_cannot_be_is_refused(db, member, now, day, span, code):
    plan_shift(db, member.account_id, TODAY, MORNING, "Chợ", BY, now=now)
    db.flush()
    with pytest.raises(Refused, match=code):
        plan_shift(db, member.account_id, day, span, "Chợ", BY, now=now)


def test_a_shift_to_come_is_not_approved(db, member, here, now):
    shift = plan_shift(db, member.account_id, TODAY + timedelta(days=1), MORNING, "Chợ", BY, now=now)
    db.flush()
    with pytest.raises(Refused, match="shift-not-yet"):
        decide_shift(db, shift.id, None, BY, ids(here), now=now)


def test_a_decision_is_taken_back_by_somebody_else_and_then_proves_nothing_for_pay(db, member, here, now):
    shift = plan_shift(db, member.account_id, TODAY, MORNING, "Chợ", BY, now=now)
    db.flush()
    with pytest.raises(Refused, match="changed-meanwhile"):
        reopen_shift(db, shift.id, BY, ids(here), now=now)
    decide_shift(db, shift.id, None, BY, ids(here), now=now)
    for by, units, code in (
        (Actor(member.account_id, "coordinator"), ids(here), "own-shift"),
        (BY, ids(communes(db)[1]), "not-found"),
    ):
        with pytest.raises(Refused, match=code):
            reopen_shift(db, shift.id, by, units, now=now)
    assert pay_sheets(db, ids(here), TODAY.replace(day=1)) != []
    reopen_shift(db, shift.id, BY, ids(here), now=now)
    assert pay_sheets(db, ids(here), TODAY.replace(day=1)) == []
    assert [one.id for one, _name in shifts_to_decide(db, ids(here), on=TODAY)] == [shift.id]


def test_a_refused_shift_says_why_and_is_told_again_with_the_right_hours(db, member, here, now):
    first = plan_shift(db, member.account_id, TODAY, MORNING, "Chợ", BY, now=now)
    db.flush()
    decide_shift(db, first.id, RefusedFor.OTHER_HOURS, BY, ids(here), now=now)
    assert first.refused_for == "other-hours"
    plan_shift(db, member.account_id, TODAY, (time(9), time(11)), "Chợ", BY, now=now)
    db.flush()
    with pytest.raises(Refused, match="shift-told-again"):
        reopen_shift(db, first.id, BY, ids(here), now=now)


def test_a_member_takes_back_only_their_own_and_only_what_nobody_decided(db, member, here, now):
    shift = plan_shift(db, member.account_id, TODAY, MORNING, "Chợ", BY, now=now)
    db.flush()
    with pytest.raises(Refused, match="not-found"):
        withdraw_shift(db, shift.id, uuid4(), BY, now=now)
    withdraw_shift(db, shift.id, member.account_id, BY, now=now)
    assert shifts_to_decide(db, ids(here), on=TODAY) == []
    again = plan_shift(db, member.account_id, TODAY, MORNING, "Chợ", BY, now=now)
    db.flush()
    decide_shift(db, again.id, None, BY, ids(here), now=now)
    for one in (shift, again):
        with pytest.raises(Refused, match="changed-meanwhile"):
            withdraw_shift(db, one.id, member.account_id, BY, now=now)
    assert [one.state for one in shifts_of(db, member.account_id, since=TODAY)].count("approved") == 1
