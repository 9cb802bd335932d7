"""Sixteen at once around teams: one membership, one shift, one end of a report, one move of a village."""

from __future__ import annotations

from datetime import time, timedelta
from itertools import count, cycle

import pytest
from sqlalchemy import func, select

from identity.audit import Actor, AuditEvent, Event
from identity.base import Refused
from identity.deadlines import today_in_vietnam
from onboarding.assistance import AssistanceEvent, take_in
from onboarding.backlog import HeldRecord, admit, get_held, turn_away
from onboarding.badge import Badge, ReportOutcome, ScamReport, get_badge, report_scam, settle_report
from onboarding.shift import Shift, plan_shift
from onboarding.team import Member, Team, appoint, dismiss
from onboarding.villages import add_village, move_village, villages_of
from tests.onboarding.scene import communes, entry, member_of, staff_account, team_in
from tests.races.at_once import CALLERS, at_once

BY = Actor(None, "coordinator")


@pytest.fixture
def scene(database, now):
    with database.transaction() as db:
        here = communes(db)[0]
        return here.id, member_of(db, team_in(db, here, now=now), now=now)


def outcome_of(database, act):
    """What the act gave, or the code of its refusal."""
    try:
        with database.transaction() as db:
            act(db)
            return "done"
    except Refused as refusal:
        return refusal.code


def test_of_sixteen_teams_that_appoint_somebody_one_has_them(database, scene, now):
    with database.transaction() as db:
        teams = [team_in(db, communes(db)[0], now=now, name=f"Tổ {number}").id for number in range(CALLERS)]
        wanted = staff_account(db, "wanted", now=now).id
    turn = count()

    def call():
        team_id = teams[next(turn)]
        return outcome_of(database, lambda db: appoint(db, db.get_one(Team, team_id), wanted, BY, now=now))

    assert sorted(at_once(call)) == ["already-a-member"] * (CALLERS - 1) + ["done"]
    with database.session(write=False) as db:
        assert db.scalar(select(func.count()).where(Member.account_id == wanted)) == 1


def test_a_shift_sent_sixteen_times_is_one(database, scene, now):
    _here, member = scene
    span, day = (time(8), time(11)), today_in_vietnam(now)
    found = at_once(
        lambda: outcome_of(database, lambda db: plan_shift(db, member.account_id, day, span, "Chợ", BY, now=now))
    )
    assert sorted(found) == ["done"] + ["shift-overlaps"] * (CALLERS - 1)
    with database.session(write=False) as db:
        assert db.scalar(select(func.count()).select_from(Shift)) == 1


def test_a_report_is_settled_once_and_the_badge_stands_as_that_one_says(database, scene, now):
    here, member = scene
    with database.transaction() as db:
        report = report_scam(db, get_badge(db, member, now=now).id, "Đòi tiền", "", now=now).id
    ways = cycle((ReportOutcome.REAL_SCAM, ReportOutcome.MISUNDERSTANDING))

    def call():
        way = next(ways)
        return outcome_of(database, lambda db: settle_report(db, report, way, BY, {here}, now=now))

    assert sorted(at_once(call)) == ["changed-meanwhile"] * (CALLERS - 1) + ["done"]
    with database.session(write=False) as db:
        kept, badge = db.get_one(ScamReport, report), db.scalars(select(Badge)).one()
        assert (badge.revoked_at is not None) == (kept.outcome == ReportOutcome.REAL_SCAM)
        settled = select(func.count()).where(AuditEvent.name == Event.SCAM_REPORT_SETTLED.value)
        assert db.scalar(settled) == 1


def test_a_village_moved_by_sixteen_moves_once(database, scene, now):
    here, _member = scene
    with database.transaction() as db:
        village = add_village(db, here, "Thôn 1", BY, now=now).id
        there = communes(db)[1].id
    found = at_once(lambda: outcome_of(database, lambda db: move_village(db, village, there, BY, now=now)))
    assert sorted(found) == ["changed-meanwhile"] * (CALLERS - 1) + ["done"]
    with database.session(write=False) as db:
        assert [one.name for one in villages_of(db, there, now=now)] == ["Thôn 1"]


def test_a_record_of_a_former_member_is_decided_on_once_and_counts_as_decided(database, scene, now):
    here, member = scene
    before = entry(now, happened_at=now - timedelta(days=1))
    with database.transaction() as db:
        dismiss(db, db.scalars(select(Member).where(Member.account_id == member.account_id)).one(), BY, now=now)
        db.flush()
        take_in(db, member.account_id, before, now=now)
    ways = cycle((admit, turn_away))

    def call():
        way = next(ways)
        return outcome_of(database, lambda db: way(db, get_held(db, before.id, {here}), BY, now=now))

    assert sorted(set(at_once(call))) in (["changed-meanwhile", "done"], ["done", "not-found"])
    with database.session(write=False) as db:
        held, counts = db.scalars(select(HeldRecord)).one(), db.scalar(select(func.count(AssistanceEvent.id)))
        assert counts == (held.settled_as == "taken")
        said = [Event.HELD_RECORD_ADMITTED.value, Event.HELD_RECORD_TURNED_AWAY.value]
        assert db.scalar(select(func.count()).where(AuditEvent.name.in_(said))) == 1
