"""Teams and their members, in a unit and for a span of days."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from identity.audit import SYSTEM, Event, events_about
from identity.base import Refused
from identity.staff import roles_of
from onboarding.team import Member, appoint, dismiss, get_membership, membership
from tests.onboarding.scene import communes, member_of, staff_account, team_in


def test_an_appointed_member_acts_for_the_team_and_holds_the_role_in_its_unit(db, now):
    here = communes(db)[0]
    team = team_in(db, here, now=now)
    member = member_of(db, team, now=now)
    assert (member.team_name, member.unit_id) == ("Tổ công nghệ số 1", here.id)
    assert [(held.role, held.unit_id) for held in roles_of(db, member.account_id, date(2026, 11, 23))] == [
        ("member", here.id)
    ]
    assert Event.MEMBER_APPOINTED in {event.name for event in events_about(db, ("account", member.account_id))}


def test_a_lead_holds_the_role_of_a_lead(db, now):
    member = member_of(db, team_in(db, communes(db)[0], now=now), now=now, lead=True)
    assert member.is_lead
    assert [held.role for held in roles_of(db, member.account_id, date(2026, 11, 23))] == ["lead"]


def test_outside_its_days_a_membership_gives_nothing(db, now):
    team = team_in(db, communes(db)[0], now=now)
    account = staff_account(db, "short-term", now=now)
    days = {"valid_from": date(2026, 11, 10), "valid_to": date(2026, 11, 20)}
    appoint(db, team, account.id, SYSTEM, now=now, **days)
    db.flush()
    assert membership(db, account.id, on=date(2026, 11, 19)) is not None
    for day in (date(2026, 11, 9), date(2026, 11, 20)):
        assert membership(db, account.id, on=day) is None
        with pytest.raises(Refused, match="not-a-member"):
            get_membership(db, account.id, on=day)


def test_nobody_is_in_two_teams_at_once(db, now):
    here, beside, _ = communes(db)
    member = member_of(db, team_in(db, here, now=now), now=now)
    with pytest.raises(Refused, match="already-a-member"):
        appoint(db, team_in(db, beside, now=now), member.account_id, SYSTEM, now=now)


def test_a_member_who_leaves_is_out_the_same_day(db, now):
    team = team_in(db, communes(db)[0], now=now)
    held = member_of(db, team, now=now)
    row = db.query(Member).filter(Member.account_id == held.account_id).one()
    dismiss(db, row, SYSTEM, now=now)
    db.flush()
    assert membership(db, held.account_id, on=date(2026, 11, 23)) is None
    assert membership(db, held.account_id, on=date(2026, 11, 22)) is not None
    dismiss(db, row, SYSTEM, now=now + timedelta(days=1))
    assert row.valid_to == date(2026, 11, 23)
