"""The chart of a place: its title says where the figure is going, and nothing is drawn from nothing."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import replace
from datetime import date, timedelta
from html import unescape
from uuid import uuid4

import pytest

from onboarding.campaign.goals import Goal
from onboarding.figures.model import NATION
from onboarding.figures.registry import get_indicator
from onboarding.forecast import Backtest, Band, Forecast, Point, standing
from onboarding.forecast.model import StoredForecast, keep, latest
from onboarding.forecast.shape import TOO_FEW, Aim
from onboarding.warnings.finding import Finding
from onboarding.warnings.handling import open_findings
from onboarding.warnings.model import FigureWarning, Kind, State
from portal.figures import board, charts
from portal.figures.course import Course, remarks
from tests.fakes import A_MONDAY
from tests.portal.figures.test_boards import words
from tests.portal.work_scene import sign_in, write
from tests.statements import heard

pytestmark = [pytest.mark.xdist_group("figures"), pytest.mark.any_engine]
MONDAYS = [date(2026, 9, 7) + timedelta(days=7 * number) for number in range(20)]


@pytest.fixture
def leader(client, database, world, clock):
    sign_in(client, database, world.leader, now=clock.now)
    client.set_cookie("language", "en")
    return client


BEGAN = A_MONDAY.date() - timedelta(days=60)
AIMED = {"target": 0.85, "due": date(2026, 12, 13)}
"""As the campaign of the scene aims."""


def forecast(database, world, clock, share, denominator, **more):
    history = tuple(Point(day, share, round(share * denominator), denominator) for day in MONDAYS[:11])
    path = tuple(Band(day, share, max(0, share - 0.05), share) for day in MONDAYS[11:])
    told = {"history": history, "path": path, **AIMED, **more}
    since = told.pop("since", BEGAN)
    aim = Aim(told["target"], True, told["due"], since=since) if told["target"] else None
    found = Forecast("activated-of-issued", world.province, told.pop("made_at", clock.now), aim=aim, **told)
    write(database, lambda db: keep(db, found))


def test_the_title_says_how_far_the_target_is_missed(leader, database, world, clock):
    forecast(database, world, clock, 0.75, 200, probability=0.2)
    answer = leader.get(f"/figures/units/{world.province}")
    assert "By 13 December 2026 75.0% are forecast, 10.0 points short of the target" in words(answer)
    assert "The chance to reach the target by its day is 20%" in words(answer)
    assert "150 of 200" in words(answer), "the table under the chart"
    assert answer.text.count("<polygon") == 2, "the band, wide and narrow"


def test_a_course_whose_first_days_are_hidden_says_from_when_it_is_counted(leader, database, world, clock):
    forecast(database, world, clock, 0.75, 200, probability=0.2, model="run-rate", begun_late=date(2026, 9, 9))
    said = words(leader.get(f"/figures/units/{world.province}"))
    assert "By 13 December 2026 (counted from 9 September 2026) 75.0% are forecast" in said
    assert "Added up from 9 September 2026, the first day that is published" in said
    table = leader.get(f"/figures/units/{world.province}/course.csv").get_data(as_text=True)
    assert {row["counted_from"] for row in csv.DictReader(io.StringIO(table.lstrip("\ufeff")))} == {"2026-09-09"}


TRIED = {"beside": (0.71, 0.72, 0.73, *[0.74] * 6)}


@pytest.mark.parametrize(
    ("model", "errors", "why", "ways"),
    [
        ("damped", (0.03, 0.01), "The model was more exact, so", ("model", "plain run rate")),
        ("run-rate", (0.01, 0.03), "The plain run rate was more exact, so", ("plain run rate", "model")),
        ("run-rate", (0.02, 0.02), "Both were equally exact, so", ("plain run rate", "model")),
    ],
)
def test_baseline_and_model_stand_beside_each_other(leader, database, world, clock, model, errors, why, ways):
    tested = Backtest(20, *errors, 0.8)
    forecast(database, world, clock, 0.75, 200, model=model, backtest=tested, **TRIED)
    answer = leader.get(f"/figures/units/{world.province}")
    said, (better, other) = words(answer), ways
    assert why in said and f"the model was off by {errors[1]:.1%}, a plain run rate by {errors[0]:.1%}" in said
    assert f"By 13 December 2026: {better} 75.0%, {other} 73.0% (the thin line)." in said
    assert f"Forecast: {better}" in said and f"{other.capitalize()} </th>" in answer.text.replace("</th>", " </th>")
    drawn = re.findall(r"<svg .*?</svg>", answer.text, re.DOTALL)
    charts_ = [one for one in drawn if "trend-" in one]
    assert len(charts_) == 2
    for one in charts_:
        assert f"{better.capitalize()}: 75.0%" in one and f"{other.capitalize()}: 73.0%" in one
        assert one.count('stroke-width="1.5"/>') >= 3, "the axis, the thin line and its name in the key"
    assert f"{better.capitalize()}: 75.0%" in leader.get(f"/figures/units/{world.province}/wall").text


def test_the_weeks_of_the_chart_are_taken_along_with_both_ways(leader, database, world, clock):
    forecast(database, world, clock, 0.75, 200, model="run-rate", backtest=Backtest(20, 0.01, 0.03, 0.8), **TRIED)
    path = f"/figures/units/{world.province}"
    assert f"{path}/course.csv" in leader.get(path).text and f"{path}/course.xlsx" in leader.get(path).text
    rows = list(csv.DictReader(io.StringIO(leader.get(f"{path}/course.csv").text.removeprefix("\ufeff"))))
    assert [row["kind"] for row in rows] == ["actual"] * 11 + ["forecast"] * 9
    due = next(row for row in rows if row["through"] == "2026-12-13")
    assert (due["value"], due["forecast_by"], due["run_rate"], due["damped"]) == ("0.75", "run-rate", "0.75", "0.73")
    assert (due["low"], due["high"], due["target"], due["target_day"]) == ("0.7", "0.75", "0.85", "2026-12-13")
    assert (rows[0]["numerator"], rows[0]["denominator"], rows[0]["run_rate"]) == ("150", "200", "")
    assert leader.get(f"{path}/course.xlsx").data.startswith(b"PK")
    assert leader.get("/figures/nation/course.csv").status_code == 200
    assert leader.get("/figures/nation/course.pdf").status_code == 404


def test_the_file_of_the_chart_keeps_the_time_that_is_chosen(leader, database, world, clock):
    """In a time before the campaign the chart is drawn without its goal, and so is the file."""
    for place, path in (world.province, f"/figures/units/{world.province}"), (NATION, "/figures/nation"):
        of_none = {"target": None, "due": None, "model": "run-rate"}
        forecast(database, type(world)(province=place), clock, 0.75, 200, **of_none)
        answer = leader.get(f"{path}?period=2025")
        assert answer.text.count("150 of 200") == 11, "the weeks in the table under the chart"
        links = [unescape(one) for one in re.findall(r'href="([^"]*/course\.(?:csv|xlsx)[^"]*)"', answer.text)]
        assert len(links) == 2 and all("period=2025" in one for one in links)
        table = leader.get(links[0]).text.removeprefix("\ufeff")
        assert [row["kind"] for row in csv.DictReader(io.StringIO(table))] == ["actual"] * 11 + ["forecast"] * 9


def test_a_wards_file_has_nothing_of_its_exact_forecast(client, database, world, clock):
    ward = type(world)(province=world.ward)
    forecast(database, ward, clock, 0.75, 200, model="run-rate", **TRIED)
    sign_in(client, database, world.coordinator, now=clock.now)
    table = client.get(f"/figures/units/{world.ward}/course.csv").text
    assert len(table.splitlines()) == 1 and "0.75" not in table


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


def test_the_ward_of_others_says_for_whom_its_forecast_is(app):
    with app.test_request_context(headers={"Accept-Language": "en"}):
        assert remarks(Course((), (), 0.8, None, None, is_open=False)) == [
            "The forecast of a ward is made of exact figures, so it is for its own people."
        ]
        assert "No forecast is made yet" in remarks(Course((), (), 0.8, None, None))[0]


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


def test_open_flags_are_asked_about_once_for_all_lines(leader, database, world, clock, monkeypatch):
    forecast(database, world, clock, 0.75, 200)
    goal = Goal(AIMED["target"], True, AIMED["due"], "12/KH", uuid4(), MONDAYS[0])
    monkeypatch.setattr(board, "goals_for", lambda *_asked: {"activated-of-issued": goal})
    with heard(database) as statements:
        assert leader.get("/figures/nation/units?level=provinces").status_code == 200
    assert len([one for one in statements if "DISTINCT figure_warning" in one]) == 1


def test_what_was_refused_for_a_flag_is_no_longer_once_it_is_resolved(database, world, clock):
    refused = Forecast("activated-of-issued", world.province, clock.now, refused="flag-open")
    write(database, lambda db: keep(db, refused))
    with database.session(write=False) as db:
        assert standing(db, get_indicator("activated-of-issued"), world.province, None, today=clock.now.date()) is None


@pytest.mark.parametrize(
    "other",
    [
        {"target": 0.8},
        {"due": date(2026, 12, 6)},
        {"since": BEGAN - timedelta(days=7)},
        {"target": None, "due": None},
    ],
)
def test_a_forecast_for_another_target_is_not_told_of_this_one(leader, database, world, clock, other):
    forecast(database, world, clock, 0.75, 200, **{"probability": 0.2, **other})
    said = told(leader, world)
    assert "20%" not in said and "75.0%" not in said


AIM = Aim(AIMED["target"], True, AIMED["due"], since=BEGAN)
GOAL = Goal(AIM.value, True, AIM.due, "12/KH", uuid4(), BEGAN)


def test_a_refusal_is_told_of_the_goal_that_it_was_made_for_and_of_no_other(database, world, clock):
    def told(kept, goal):
        refused = Forecast("activated-of-issued", world.province, clock.now, refused=TOO_FEW, aim=kept)
        write(database, lambda db: keep(db, refused))
        with database.session(write=False) as db:
            one, today = get_indicator("activated-of-issued"), clock.now.date()
            return standing(db, one, world.province, goal, today=today) == refused

    other = replace(AIM, value=0.8), replace(AIM, is_share=False), replace(AIM, since=BEGAN - timedelta(days=7))
    assert told(AIM, GOAL) and told(None, None)
    assert [told(aim, GOAL) for aim in (None, *other)] == [False] * 4
    assert not told(AIM, None)


def test_a_time_before_the_campaign_says_that_the_forecast_is_of_a_later_one(client, database, counted, clock):
    """Under many weeks stood that they were too few: of those since the campaign began that had been so."""
    refused = Forecast("activated-of-issued", counted.province, clock.now, refused=TOO_FEW, aim=AIM)
    write(database, lambda db: keep(db, refused))
    sign_in(client, database, counted.leader, now=clock.now)
    client.set_cookie("language", "en")
    said = words(client.get(f"/figures/units/{counted.province}?period=2026-08"))
    assert "The numbers as a table" in said, "there is a course"
    assert "towards the target of the campaign that began on 24 September 2026, after the time chosen above." in said
    assert "fewer than eight weeks" not in said


def test_what_was_kept_before_its_aim_was_told_is_none(database, world, clock):
    refused = Forecast("activated-of-issued", world.province, clock.now, refused=TOO_FEW)

    def without(db):
        keep(db, refused)
        db.flush()
        db.get_one(StoredForecast, (refused.indicator, refused.unit_id)).content = None

    write(database, without)
    with database.session(write=False) as db:
        assert standing(db, get_indicator(refused.indicator), world.province, None, today=clock.now.date()) is None
        assert latest(db, refused.indicator, world.province) is None


@pytest.mark.parametrize(("days", "is_told"), [(7, True), (8, False)])
def test_a_forecast_that_misses_a_week_is_not_shown(leader, database, world, clock, days, is_told):
    forecast(database, world, clock, 0.75, 200, made_at=clock.now - timedelta(days=days))
    assert ("75.0% are forecast" in told(leader, world)) == is_told


def test_what_is_reached_is_said_to_be_and_may_not_hold(leader, database, world, clock):
    last = MONDAYS[10] + timedelta(days=6)
    forecast(database, world, clock, 0.9, 2000, probability=0.52, reached=(last, last), pace_now=1800.0, pace_needed=0)
    said = told(leader, world)
    assert "The target was reached by 22 November 2026. The chance that it holds on its day is 52%." in said
    assert "The chance to reach" not in said and "is reached between" not in said
    assert "Now 1,800 a week" in said


def test_a_target_out_of_reach_is_said_to_be(leader, database, world, clock):
    forecast(database, world, clock, 0.75, 200, probability=0.0)
    assert "is 0%. In nine of ten courses the target is not reached within a year." in told(leader, world)


@pytest.mark.parametrize("due", [date(2026, 12, 13), date(2026, 12, 16), date(2026, 12, 19)])
def test_the_gap_is_drawn_by_the_last_week_before_the_targets_day(world, due):
    history, path = (Point(MONDAYS[0], 0.5, 1, 2),), tuple(Band(day, 0.5, 0.4, 0.6) for day in MONDAYS[11:])
    assert Course(history, path, 0.85, due, None).at_due == path[2]


def test_a_forecast_is_of_the_end_of_its_last_week_where_the_targets_day_lies_behind_it(leader, database, world, clock):
    path = (Band(MONDAYS[11], 0.7, 0.6, 0.8),)
    forecast(database, world, clock, 0.75, 200, path=path)
    assert "By 29 November 2026 70.0% are forecast" in told(leader, world), "and not by 13 December"


@pytest.mark.parametrize("share", [0.5, 0.9, 0.98, 1.0])
def test_words_in_the_chart_stand_clear_of_its_edge_and_of_their_lines(share):
    history = tuple(Point(day, share, round(share * 200), 200) for day in MONDAYS[:11])
    course = Course(history, (), share, date(2026, 12, 13), None)
    drawn = str(charts.trend(course, "t", "d", charts.WIDE, "n"))
    line = float(re.search(r'<circle cx="[\d.]+" cy="([\d.]+)"', drawn)[1])
    for y in re.findall(r'<text class="strong[^"]*" x="[\d.]+" y="([\d.]+)"', drawn):
        assert float(y) >= charts.WIDE.top and (line - float(y) >= 9 or float(y) - line >= 20)
