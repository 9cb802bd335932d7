"""The goal that holds for a unit: its own, else that of what it lies in, from a campaign that runs."""

from __future__ import annotations

from datetime import timedelta

import pytest

from identity.audit import SYSTEM
from identity.deadlines import today_in_vietnam
from onboarding.campaign import Aim, Plan, goal_for, plan_campaign, set_target
from onboarding.campaign.planning import groups_of
from tests.onboarding.scene import communes

CODE = "activated-of-issued"


@pytest.fixture
def campaign(db, now):
    """Of twenty days in the whole province; today is the first."""
    here, *_ = communes(db)
    today = today_in_vietnam(now)
    plan = Plan("Kích hoạt mùa thu", today, today + timedelta(days=19), "12/KH-UBND", (here.parent_id,))
    return plan_campaign(db, plan, SYSTEM, None, now=now)


def aimed(db, campaign, unit_id, amount, now, *, code=CODE, days=19):
    aim = Aim(code, unit_id, amount, campaign.first_day + timedelta(days=days), "QĐ 1")
    set_target(db, campaign, aim, SYSTEM, None, now=now)
    db.flush()


def test_the_goal_of_the_unit_itself_comes_before_that_of_the_province(db, now, campaign):
    here, beside, elsewhere = communes(db)
    aimed(db, campaign, here.parent_id, 700, now)
    aimed(db, campaign, here.id, 765, now)
    today = campaign.first_day
    own, of_province = goal_for(db, CODE, here.id, today), goal_for(db, CODE, beside.id, today)
    assert (own.value, own.is_percent, own.due) == (0.765, True, campaign.last_day)
    assert (own.source_document, own.campaign_id) == ("QĐ 1", campaign.id)
    assert of_province.value == 0.7
    assert goal_for(db, CODE, elsewhere.id, today) is None
    assert goal_for(db, "own-hand", here.id, today) is None


def test_a_goal_holds_in_the_days_of_its_campaign_only(db, now, campaign):
    here, *_ = communes(db)
    aimed(db, campaign, here.id, 765, now)
    before, after = campaign.first_day - timedelta(days=1), campaign.last_day + timedelta(days=1)
    assert [goal_for(db, CODE, here.id, day) is not None for day in (before, campaign.last_day, after)] == [0, 1, 0]


def test_a_new_target_is_the_goal_and_of_two_the_next_one_due(db, now, campaign):
    here, *_ = communes(db)
    aimed(db, campaign, here.id, 500, now, days=5)
    aimed(db, campaign, here.id, 600, now, days=5)
    assert goal_for(db, CODE, here.id, campaign.first_day).value == 0.6
    today = campaign.first_day
    other = plan_campaign(db, Plan("Khác", today, campaign.last_day, "13/KH", (here.id,)), SYSTEM, None, now=now)
    aimed(db, other, here.id, 900, now)
    assert goal_for(db, CODE, here.id, today).value == 0.6
    assert goal_for(db, CODE, here.id, today + timedelta(days=6)).value == 0.9, "the first one's day is over"


def test_a_working_group_that_is_named_twice_is_one(db, now):
    here, today = communes(db)[0], now.date()
    names = ("Tổ số 1", "Tổ  số 2", "tổ số 1", "Tổ số 2")
    plan = Plan("Cao điểm", today, today, "12/KH", (here.id,), names)
    campaign = plan_campaign(db, plan, SYSTEM, None, now=now)
    db.flush()
    assert [group.name for group in groups_of(db, campaign)] == ["Tổ số 1", "Tổ số 2"]
