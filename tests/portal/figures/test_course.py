"""The chart of a place: its title says where the figure is going, and nothing is drawn from nothing."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from onboarding.forecast import Band, Forecast, Point
from onboarding.forecast.model import keep
from tests.portal.figures.test_boards import words
from tests.portal.work_scene import sign_in, write

pytestmark = [pytest.mark.xdist_group("figures"), pytest.mark.any_engine]
MONDAYS = [date(2026, 9, 7) + timedelta(days=7 * number) for number in range(20)]


@pytest.fixture
def leader(client, database, world, clock):
    sign_in(client, database, world.leader, now=clock.now)
    client.set_cookie("language", "en")
    return client


def forecast(database, world, clock, share, denominator, **more):
    history = tuple(Point(day, share, round(share * denominator), denominator) for day in MONDAYS[:11])
    path = tuple(Band(day, share, max(0, share - 0.05), share) for day in MONDAYS[11:])
    found = Forecast("activated-of-issued", world.province, clock.now, history=history, path=path, **more)
    write(database, lambda db: keep(db, found))


def test_the_title_says_how_far_the_target_is_missed(leader, database, world, clock):
    forecast(database, world, clock, 0.75, 200, probability=0.2)
    answer = leader.get(f"/figures/units/{world.province}")
    assert "By 13 December 2026 75.0% are forecast, 10.0 points short of the target" in words(answer)
    assert "The chance to reach the target by its day is 20%" in words(answer)
    assert "150 of 200" in words(answer), "the table under the chart"
    assert answer.text.count("<polygon") == 2, "the band, wide and narrow"


def test_a_forecast_of_nothing_is_not_shown(leader, database, world, clock):
    forecast(database, world, clock, 0.0, 0)
    answer = leader.get(f"/figures/units/{world.province}")
    assert "nothing to draw yet" in words(answer) and "0.0%" not in answer.text and "<polygon" not in answer.text


def test_a_wards_forecast_is_for_those_who_may_know_it_exactly(client, database, world, clock):
    ward = type(world)(province=world.ward)
    forecast(database, ward, clock, 0.75, 200)
    sign_in(client, database, world.coordinator, now=clock.now)
    client.set_cookie("language", "en")
    assert "75.0% are forecast" in words(client.get(f"/figures/units/{world.ward}"))
    assert "75.0%" not in words(client.get(f"/figures/units/{world.ward}/wall"))
