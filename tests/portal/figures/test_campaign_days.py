"""A day of a campaign is a time to look at: on the page by its campaign's name, in the table by its number."""

from __future__ import annotations

import csv
import io
from datetime import timedelta

import pytest

from identity.deadlines import today_in_vietnam
from onboarding.campaign import Campaign
from tests.portal.figures.conftest import WEEKS
from tests.portal.figures.test_boards import cards, words
from tests.portal.work_scene import sign_in

pytestmark = [pytest.mark.xdist_group("figures"), pytest.mark.any_engine]


@pytest.fixture
def looking(client, database, counted, clock):
    sign_in(client, database, counted.coordinator, now=clock.now)
    client.set_cookie("language", "en")
    with database.session(write=False) as db:
        campaign = db.get_one(Campaign, counted.campaign)
        counted.days = campaign.first_day, campaign.last_day
    return lambda period, end="": client.get(f"/figures/units/{counted.ward}{end}?period={period}")


def code(counted, number):
    return f"campaign-{counted.campaign}-D{number}"


def test_a_day_of_a_campaign_is_said_and_shown_as_that_day(looking, counted):
    first, _last = counted.days
    day = next(today_in_vietnam(week) for week in WEEKS if today_in_vietnam(week) >= first)
    number = (day - first).days + 1
    answer = looking(code(counted, number))
    assert f"Day {number} of Cao điểm" in words(answer)
    assert cards(answer) == cards(looking(day)) == cards(looking(f"{first}-D{number}"))
    ways = [code(counted, number + step) for step in (-1, 1)]
    assert all(f"period={way}" in answer.text for way in ways if not way.endswith("-D0"))
    table = looking(code(counted, number), "/figures.csv").get_data(as_text=True)
    rows = list(csv.DictReader(io.StringIO(table.removeprefix("\ufeff"))))
    assert {(row["period"], row["campaign_day"]) for row in rows} == {(day.isoformat(), str(number))}
    plain = looking(day, "/figures.csv").get_data(as_text=True)
    assert {row["campaign_day"] for row in csv.DictReader(io.StringIO(plain.removeprefix("\ufeff")))} == {""}


def test_a_campaign_has_no_day_before_its_first_or_after_its_last_one(looking, counted, clock):
    first, last = counted.days
    whole = (last - first).days + 1
    assert looking(code(counted, whole)).status_code == 200
    assert {looking(code(counted, number)).status_code for number in (0, whole + 1, 9999)} == {400}
    assert "Time before" not in words(looking(code(counted, 1)))
    yesterday = today_in_vietnam(clock.now) - timedelta(days=1)
    offered = looking("year").text
    assert (f'value="{code(counted, (yesterday - first).days + 1)}"' in offered) is (first <= yesterday < last)
