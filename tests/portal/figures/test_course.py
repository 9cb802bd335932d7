"""The chart of a place: its title says where the figure is going, and nothing is drawn from nothing."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from onboarding.figures.registry import get_indicator
from onboarding.forecast import Band, Forecast, Point, standing
from onboarding.forecast.model import keep
from onboarding.warnings.finding import Finding
from onboarding.warnings.handling import open_findings
from onboarding.warnings.model import FigureWarning, Kind, State
from tests.portal.figures.test_boards import words
from tests.portal.work_scene import sign_in, write

pytestmark = [pytest.mark.xdist_group("figures"), pytest.mark.any_engine]
MONDAYS = [date(2026, 9, 7) + timedelta(days=7 * number) for number in range(20)]


@pytest.fixture
def leader(client, database, world, clock):
    sign_in(client, database, world.leader, now=clock.now)
    client.set_cookie("language", "en")
    return client


AIMED = {"target": 0.85, "due": date(2026, 12, 13)}
"""As the campaign of the scene aims."""


def forecast(database, world, clock, share, denominator, **more):
    history = tuple(Point(day, share, round(share * denominator), denominator) for day in MONDAYS[:11])
    path = tuple(Band(day, share, max(0, share - 0.05), share) for day in MONDAYS[11:])
    told = {"history": history, "path": path, **AIMED, **more}
    found = Forecast("activated-of-issued", world.province, told.pop("made_at", clock.now), **told)
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


def told(leader, world):
    return words(leader.get(f"/figures/units/{world.province}"))


def test_a_flag_that_was_opened_since_the_night_stops_the_forecast_at_once(leader, database, world, clock):
    forecast(database, world, clock, 0.75, 200, probability=0.2)
    odd = Finding(Kind.JUMP, "day", world.province, {}, indicator="activated-of-issued")
    write(database, lambda db: open_findings(db, [odd], now=clock.now))
    said = told(leader, world)
    assert "Nothing is forecast while a warning about the data is open" not in said, "there is no course to speak of"
    assert "forecast" not in said and "20%" not in said

    write(database, lambda db: setattr(db.query(FigureWarning).one(), "state", State.RESOLVED))
    assert "The chance to reach the target by its day is 20%" in told(leader, world)


def test_what_was_refused_for_a_flag_is_no_longer_once_it_is_resolved(database, world, clock):
    refused = Forecast("activated-of-issued", world.province, clock.now, refused="flag-open")
    write(database, lambda db: keep(db, refused))
    with database.session(write=False) as db:
        assert standing(db, get_indicator("activated-of-issued"), world.province, None, today=clock.now.date()) is None


@pytest.mark.parametrize("other", [{"target": 0.8}, {"due": date(2026, 12, 6)}, {"target": None, "due": None}])
def test_a_forecast_for_another_target_is_not_told_of_this_one(leader, database, world, clock, other):
    forecast(database, world, clock, 0.75, 200, **{"probability": 0.2, **other})
    said = told(leader, world)
    assert "20%" not in said and "75.0%" not in said


@pytest.mark.parametrize(("days", "is_told"), [(7, True), (8, False)])
def test_a_forecast_that_misses_a_week_is_not_shown(leader, database, world, clock, days, is_told):
    forecast(database, world, clock, 0.75, 200, made_at=clock.now - timedelta(days=days))
    assert ("75.0% are forecast" in told(leader, world)) == is_told
