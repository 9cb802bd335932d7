"""Forecasts: what they say of series whose truth is known, when there is none, and who may be made to pay for them."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import numpy as np
import pytest
from sqlalchemy import insert, select

from identity import jobs
from identity.audit import SYSTEM
from identity.places import Unit, ancestors
from onboarding.assistance import take_in
from onboarding.campaign import Aim as Target
from onboarding.campaign import AimKind, Plan, plan_campaign, set_target
from onboarding.catalogue import Obstacle, Result
from onboarding.figures.facts import DAY
from onboarding.figures.model import NATION, IndicatorFact, PublishedSpan
from onboarding.figures.registry import get_indicator
from onboarding.forecast import Forecast, Point, latest
from onboarding.forecast.backtest import back_test
from onboarding.forecast.history import begun_late, exact_history, filled, published_history, spans_of
from onboarding.forecast.limits import cautions_of, limits_of
from onboarding.forecast.making import JOB, forecast_once_a_day, keep_some, places, reckon_some
from onboarding.forecast.outlook import look_ahead
from onboarding.forecast.reckoning import simulate
from onboarding.forecast.shape import DAMPED, RUN_RATE, Aim, as_data, from_data
from tests.onboarding.scene import communes, entry, member_of, team_in
from tests.servers import ROOT

MONDAY = date(2026, 8, 3)
CODE = "activated-of-applied"
EMPTY = Forecast(CODE, UUID(int=7), datetime(2026, 11, 23, tzinfo=UTC))
KINDS = ("flat", "saturating", "growing", "wandering")


def points(pairs, first=MONDAY):
    rows = enumerate(pairs)
    return tuple(
        Point(first + timedelta(weeks=n), some / all_ if all_ else 0.0, some, all_) for n, (some, all_) in rows
    )


def steady(weeks, pace=50, whole=2000):
    return points([(pace * (week + 1), whole) for week in range(weeks)])


def truth(kind, chance, weeks):
    """A weekly rate that is known, and counts scattered around it (some of them more than Poisson)."""
    base, time = chance.uniform(40, 400), np.arange(weeks)
    rate = {
        "flat": np.full(weeks, base),
        "saturating": base * np.exp(-chance.uniform(0.02, 0.06) * time),
        "growing": base * (1 + chance.uniform(0, 0.6) * (1 - np.exp(-time / 8))),
        "wandering": np.maximum(base + np.cumsum(chance.normal(0, base * 0.05, weeks)), 1),
    }[kind]
    spread = chance.choice([1, 3, 10])
    counts = chance.poisson(rate) if spread == 1 else chance.negative_binomial(rate / spread, 1 / (1 + spread))
    return [(int(some), 40_000) for some in np.cumsum(counts)]


def test_bands_cover_at_their_stated_rate_on_series_with_known_truth():
    inside: dict[int, list[bool]] = {1: [], 4: [], 12: []}
    for seed in range(200):
        chance = np.random.default_rng(seed)
        known = (8, 12, 20)[seed % 3]
        series = truth(KINDS[seed % 4], chance, known + 12)
        better, _tested = back_test(series[:known])
        some, _all = simulate(better, series[:known], 12, seed=seed, paths=500)
        low, high = np.quantile(some, [0.1, 0.9], axis=0)
        for ahead, held in inside.items():
            held.append(bool(low[ahead - 1] <= series[known + ahead - 1][0] <= high[ahead - 1]))
    rates = {ahead: round(sum(held) / len(held), 3) for ahead, held in inside.items()}
    assert all(0.77 <= rate <= 0.88 for rate in rates.values()), rates


@pytest.mark.parametrize("model", [RUN_RATE, DAMPED])
def test_paths_never_fall_and_never_pass_their_denominator(model):
    some = np.cumsum([0, 80, 0, 70, 90, 0, 0, 60, 80, 0, 75, 0])
    some_paths, all_paths = simulate(model, [(int(one), int(some[-1]) + 40) for one in some], 30)
    assert (np.diff(some_paths, axis=1) >= 0).all()
    assert (some_paths <= all_paths).all()
    assert (all_paths == some[-1] + 40).all(), "what papers give does not grow"
    assert some_paths.max() == some[-1] + 40, "the bound is reached"


@pytest.mark.parametrize("model", [RUN_RATE, DAMPED])
def test_a_campaign_that_ended_long_ago_leaves_no_doubt_behind(model):
    campaign = [(66 * week, 100 * week) for week in range(1, 8)]
    some, all_ = simulate(model, [*campaign, *campaign[-1:] * 40], 12)
    assert np.ptp(np.quantile(some[:, -1] / all_[:, -1], [0.1, 0.9])) < 0.01


def test_a_denominator_that_grows_goes_on_growing():
    some, all_ = simulate(RUN_RATE, [(40 * week, 100 * week) for week in range(1, 11)], 5)
    assert np.allclose(all_[:, -1], 1500)
    assert np.allclose(some[:, -1], 600)


def test_a_steady_pace_reaches_the_goal_on_its_day():
    found = look_ahead(EMPTY, steady(10), Aim(0.5, True, MONDAY + timedelta(weeks=22)))
    assert (found.refused, found.model) == (None, RUN_RATE), "of equals the simpler"
    assert found.pace_now == 50
    assert found.pace_needed == pytest.approx((1000 - 500) / 12)
    assert found.probability == 1
    assert found.reached_middle == MONDAY + timedelta(weeks=20) - timedelta(days=1)
    assert found.reached == (found.reached_middle, found.reached_middle)
    assert found.path[0].week == MONDAY + timedelta(weeks=10)
    assert found.path[0].middle == pytest.approx(550 / 2000)


def test_a_goal_out_of_reach_has_no_chance_and_no_day():
    found = look_ahead(EMPTY, steady(10, pace=2), Aim(0.9, True, MONDAY + timedelta(weeks=20)))
    assert found.probability == 0
    assert found.reached == (None, None)
    assert found.reached_middle is None
    assert found.pace_needed == pytest.approx((1800 - 20) / 10)


def test_a_goal_that_is_reached_or_whose_day_is_over_is_said_as_it_is():
    reached = look_ahead(EMPTY, steady(10), Aim(0.2, True, MONDAY + timedelta(weeks=30)))
    assert (reached.probability, reached.pace_needed) == (1, 0)
    assert reached.reached_middle == MONDAY + timedelta(weeks=9, days=6)
    over = look_ahead(EMPTY, steady(10), Aim(0.9, True, MONDAY))
    assert (over.probability, over.pace_needed) == (0, None)


def test_a_number_to_be_counted_is_a_goal_too():
    found = look_ahead(EMPTY, steady(10), Aim(900, False, MONDAY + timedelta(weeks=20)))
    assert (found.target, found.probability) == (0.45, 1)
    assert found.pace_needed == pytest.approx(400 / 10)


def test_where_less_is_better_the_chance_is_to_stay_at_or_below_the_target():
    due = MONDAY + timedelta(weeks=20)
    low, high = (look_ahead(EMPTY, steady(10), Aim(share, True, due, is_most=True)) for share in (0.6, 0.3))
    assert (low.probability, high.probability) == (1, 0), "a quarter now, half by then"
    assert low.reached_middle == MONDAY + timedelta(weeks=9, days=6)
    kept, passed = (look_ahead(EMPTY, steady(10), Aim(most, False, due, is_most=True)) for most in (1100, 900))
    assert (kept.probability, passed.probability) == (1, 0)
    assert kept.reached == (None, None), "a limit is kept on its day, and reached on none before"
    assert kept.pace_needed == pytest.approx(600 / 10), "so many a week there may be"
    assert look_ahead(EMPTY, steady(10), Aim(0.2, True, MONDAY, is_most=True)).probability == 0


def test_seven_points_are_refused_and_eight_are_not():
    assert look_ahead(EMPTY, steady(7), None) == replace(EMPTY, refused="too-few-points")
    assert look_ahead(EMPTY, (), None).refused == "too-few-points"
    found = look_ahead(EMPTY, steady(8), None)
    assert found.refused is None
    assert found.target is found.probability is found.pace_needed is None
    assert found.backtest.points == 6


def test_weeks_between_published_ones_are_neither_counted_nor_compared_with():
    every = steady(20)
    few = tuple(every[at] for at in (0, 2, 5, 9, 12, 15, 19))
    assert look_ahead(EMPTY, few, None).refused == "too-few-points", "seven points of twenty weeks"
    some = tuple(every[at] for at in (*range(7), 17, 18))
    found = look_ahead(EMPTY, some, None)
    assert (found.refused, found.history) == (None, some)
    assert found.backtest.points == 2 + 1 + 1 + 1, "each from a published week, to published weeks"
    assert found.pace_now == 50
    wrong = replace(every[17], numerator=every[6].numerator)
    missed = look_ahead(EMPTY, tuple(wrong if point.week == wrong.week else point for point in some), None)
    assert missed.backtest.baseline_error > 0.05, "the line up to a week does not foretell it"


def test_a_share_of_nothing_is_refused_and_its_number_is_not():
    weeks = tuple(Point(MONDAY + timedelta(days=7 * week), 0.0, 40 * week, 0) for week in range(1, 11))
    assert look_ahead(EMPTY, weeks, None).refused == "too-few-points"
    assert look_ahead(EMPTY, weeks, Aim(500, False, date(2026, 12, 31))).refused is None


def test_the_better_of_the_two_is_named_and_both_errors_are_told():
    rising = points([(week * week * 6, 40_000) for week in range(1, 21)])
    found = look_ahead(EMPTY, rising, None)
    assert found.model == DAMPED
    assert found.backtest.model_error < found.backtest.baseline_error
    rate = (rising[-1].numerator - rising[-5].numerator) / 4
    goes_on = [(rising[-1].numerator + rate * week) / 40_000 for week in range(1, len(found.path) + 1)]
    assert found.beside == pytest.approx(goes_on, rel=0.05), "the baseline's own forecast, week by week"
    assert found.path[-1].middle > found.beside[-1]
    assert from_data(CODE, EMPTY.unit_id, EMPTY.made_at, as_data(found)) == found
    before = {key: value for key, value in as_data(found).items() if key != "beside"}
    assert from_data(CODE, EMPTY.unit_id, EMPTY.made_at, before) == replace(found, beside=())
    chance = np.random.default_rng(2)
    level = [(int(one), 9000) for one in np.cumsum(chance.poisson(30, 9))]
    better, tested = back_test(level)
    assert (better == DAMPED) == (tested.model_error < tested.baseline_error)


def test_the_same_series_gives_the_same_forecast():
    chance = np.random.default_rng(4)
    history = points([(int(one), 9000) for one in np.cumsum(chance.poisson(30, 15))])
    aim = Aim(0.0671, True, MONDAY + timedelta(weeks=18))
    assert look_ahead(EMPTY, history, aim) == look_ahead(EMPTY, history, aim)
    assert 0 < look_ahead(EMPTY, history, aim).probability < 1


def counted(db, now, unit_id, weeks, *, pace=14, whole=21, code=CODE, first=MONDAY):
    """Facts of every day of so many weeks, as counting leaves them."""
    days = [first + timedelta(days=number) for number in range(weeks * 7)]
    row = {"indicator": code, "version": 1, "unit_id": unit_id, "kind": DAY, "replaced_at": None, "as_of": now}
    numbers = {"numerator": pace // 7, "denominator": whole // 7}
    db.execute(insert(IndicatorFact), [{**row, "starts": day, **numbers} for day in days])


def goal(db, now, unit, value=600, due=MONDAY + timedelta(weeks=20), code=CODE, kind=AimKind.SHARE):
    plan = Plan("Mùa thu", MONDAY, MONDAY + timedelta(weeks=25), "1/KH", (unit.id,))
    campaign = plan_campaign(db, plan, SYSTEM, None, now=now)
    set_target(db, campaign, Target(code, unit.id, value, due, "QĐ 1", kind), SYSTEM, None, now=now)
    db.flush()


def make_all(db, now):
    """As the worker does it: look first, then the step."""
    cursor = keep_some(db, None, now=now)
    while cursor is not None:
        cursor = keep_some(db, cursor, now=now, found=reckon_some(db, cursor, now=now))
        db.flush()


def test_a_ward_with_a_goal_is_forecast_from_its_exact_weeks(db, now):
    here = communes(db)[0]
    counted(db, now, here.id, 16)
    goal(db, now, here)
    assert here.id in places(db, now=now)
    make_all(db, now)
    found = latest(db, CODE, here.id)
    assert [point.numerator for point in found.history[:2]] == [14, 28]
    assert len(found.history) == 16, "the week of today is not complete"
    assert (found.target, found.due) == (0.6, MONDAY + timedelta(weeks=20))
    assert found.probability == 1
    assert found.pace_now == 14
    assert latest(db, "own-hand", here.id) is None


def test_two_in_three_for_ever_miss_a_target_of_six_in_ten_where_less_is_better(db, now):
    here = communes(db)[0]
    counted(db, now, here.id, 16, code="unmet-need")
    goal(db, now, here, code="unmet-need")
    make_all(db, now)
    found = latest(db, "unmet-need", here.id)
    assert (found.target, found.probability, found.reached) == (0.6, 0, (None, None))


@pytest.mark.any_engine
def test_a_ward_is_forecast_towards_the_share_that_is_aimed_at_above_it(db, now):
    here, beside, far = communes(db)
    for one in (here, beside, far):
        counted(db, now, one.id, 16)
    counted(db, now, here.id, 16, code="issued-of-applied")
    goal(db, now, db.get_one(Unit, here.parent_id))
    make_all(db, now)
    assert [latest(db, CODE, one.id).target for one in (here, beside)] == [0.6, 0.6]
    assert latest(db, "issued-of-applied", here.id) is None, "nobody aims at it"
    assert latest(db, CODE, far.id) is None
    plan = Plan("Cả nước", MONDAY, MONDAY + timedelta(weeks=25), "1/KH", (), is_national=True)
    campaign = plan_campaign(db, plan, SYSTEM, None, now=now)
    set_target(db, campaign, Target(CODE, None, 700, campaign.last_day, "QĐ 1"), SYSTEM, None, now=now)
    db.flush()
    make_all(db, now)
    assert [latest(db, CODE, one.id).target for one in (here, far)] == [0.6, 0.7]


@pytest.mark.any_engine
def test_a_ward_with_a_goal_and_few_weeks_is_refused_and_says_so(db, now):
    here = communes(db)[0]
    counted(db, now, here.id, 7, first=MONDAY + timedelta(weeks=9))
    goal(db, now, here)
    make_all(db, now)
    aim = Aim(0.6, True, MONDAY + timedelta(weeks=20), since=MONDAY)
    assert latest(db, CODE, here.id) == Forecast(CODE, here.id, now, refused="too-few-points", aim=aim)


def published_weeks(db, now, unit_id, weeks):
    days = [(MONDAY + timedelta(weeks=week)).isoformat() for week in weeks]
    db.add(PublishedSpan(family=get_indicator(CODE).family, unit_id=unit_id, boundaries=days, as_of=now))
    db.flush()


@pytest.mark.any_engine
def test_above_a_ward_nothing_is_reckoned_with_that_is_not_published(db, now):
    province = ancestors(db, communes(db)[0].id)[0]
    counted(db, now, province.id, 16)
    published_weeks(db, now, province.id, [0, 1, 5, 10, 12])
    found = published_history(db, get_indicator(CODE), spans_of(db, province.id)["e-id"], None)
    assert [(point.week - MONDAY).days // 7 for point in found] == [0, 4, 9, 11], "no week that nobody counted"
    assert [point.numerator for point in found] == [14, 70, 140, 168]
    row = db.scalars(select(IndicatorFact).where(IndicatorFact.starts == MONDAY + timedelta(weeks=2))).one()
    row.numerator += 7
    row = db.scalars(select(IndicatorFact).where(IndicatorFact.starts == MONDAY + timedelta(weeks=3))).one()
    row.numerator -= 2
    db.flush()
    again = published_history(db, get_indicator(CODE), spans_of(db, province.id)["e-id"], None)
    assert [point.numerator for point in again] == [14, 75, 145, 173], (
        "only the sum between two published days is known"
    )
    assert [point.numerator for point in filled(again)[:5]] == [14, 29, 44, 59, 75], "reckoned with a straight line"
    make_all(db, now)
    assert latest(db, CODE, province.id).refused == "too-few-points", "four weeks are published of twelve"


@pytest.mark.any_engine
def test_the_nation_and_its_provinces_are_forecast_with_no_goal(db, now):
    counted(db, now, NATION, 16)
    published_weeks(db, now, NATION, range(17))
    make_all(db, now)
    found = latest(db, CODE, NATION)
    assert (found.refused, found.target, len(found.history)) == (None, None, 16)
    assert sum(isinstance(unit, UUID) for unit in places(db, now=now)) == 35


@pytest.mark.any_engine
@pytest.mark.parametrize(("cut", "late"), [(range(17), None), (range(1, 17), MONDAY + timedelta(weeks=1))])
def test_a_course_whose_first_days_are_hidden_says_from_when_and_a_number_is_refused(db, now, cut, late):
    province = db.get_one(Unit, communes(db)[0].parent_id)
    counted(db, now, province.id, 16)
    published_weeks(db, now, province.id, cut)
    goal(db, now, province)
    make_all(db, now)
    found = latest(db, CODE, province.id)
    assert (found.begun_late, found.history[-1].numerator) == (late, 14 * (16 if late is None else 15))
    goal(db, now, province, value=400, kind=AimKind.COUNT, due=MONDAY + timedelta(weeks=19))
    make_all(db, now)
    assert latest(db, CODE, province.id).refused == (None if late is None else "beginning-hidden")


@pytest.mark.any_engine
def test_a_campaign_that_began_before_anything_was_counted_is_counted_whole(db, now):
    province = db.get_one(Unit, communes(db)[0].parent_id)
    counted(db, now, province.id, 16)
    published_weeks(db, now, province.id, range(17))
    known, one = spans_of(db, province.id)["e-id"], get_indicator(CODE)
    assert begun_late(db, one, known, MONDAY - timedelta(days=9)) is None
    assert begun_late(db, one, known, MONDAY + timedelta(days=1)) == MONDAY + timedelta(weeks=1)
    assert begun_late(db, one, known, None) is None


@pytest.mark.any_engine
def test_weeks_before_a_campaign_do_not_count_for_its_goal(db, now):
    here = communes(db)[0]
    counted(db, now, here.id, 16)
    found = exact_history(db, get_indicator(CODE), here.id, MONDAY + timedelta(weeks=4), today=date(2026, 11, 23))
    assert (len(found), found[0].numerator) == (12, 14)


@pytest.mark.any_engine
def test_what_limits_is_told_exactly_in_a_ward_and_as_published_above_it(db, now):
    """The rule for all published figures: exact or not at all, never rounded, and by published days alone."""
    here = communes(db)[0]
    member = member_of(db, team_in(db, here, now=now), now=now)
    for obstacle, number in ((Obstacle.NO_PHONE, 13), (Obstacle.LATE_CODE, 9)):
        for _ in range(number):
            one = entry(now, result=Result.BLOCKED, obstacle=obstacle)
            take_in(db, member.account_id, one, now=now)
    db.flush()
    today = date(2026, 11, 23)
    assert limits_of(db, here.id, today=today, is_exact=True) == (("no-phone", 13), ("late-code", 9))
    assert limits_of(db, here.parent_id, today=today, is_exact=False) == (), "nothing is published of it"
    for unit in (here.parent_id, NATION):
        for code, some in (("unmet-no-phone", 14), ("unmet-late-code", 7)):
            counted(db, now, unit, 12, code=code, pace=some)
        days = [(MONDAY + timedelta(weeks=week)).isoformat() for week in (0, 7, 9, 11)]
        db.add(PublishedSpan(family="reason", unit_id=unit, boundaries=days, as_of=now))
        db.flush()
        at = MONDAY + timedelta(weeks=16)
        assert limits_of(db, unit, today=at, is_exact=False) == (("no-phone", 56), ("late-code", 28)), "of four weeks"
        assert limits_of(db, unit, today=at + timedelta(weeks=3), is_exact=False) == (), "all that is known is old"


def test_tet_and_long_holidays_are_a_caution():
    assert ("tet", date(2027, 2, 8)) in cautions_of(date(2027, 1, 11), 8)
    assert cautions_of(date(2026, 9, 14), 8) == ()


def test_forecasts_are_begun_once_a_day_after_the_figures_are_published(db, now):
    from onboarding.figures import published
    from onboarding.figures.refresh import refresh

    def begun():
        return len(db.scalars(select(jobs.Job.id).where(jobs.Job.kind == JOB)).all())

    def publish(now):
        published.publish_once_a_day(db, now=now)
        forecast_once_a_day(db, now=now)
        assert begun() == before, "the publication is still under way"
        db.query(jobs.Job).filter(jobs.Job.kind == published.JOB).update({jobs.Job.finished_at: now})

    before = 0
    forecast_once_a_day(db, now=now)
    assert begun() == 0
    refresh(db, now=now)
    publish(now)
    for _ in range(2):
        forecast_once_a_day(db, now=now)
    assert begun() == 1
    before, tomorrow = 1, now + timedelta(days=1)
    publish(tomorrow)
    forecast_once_a_day(db, now=tomorrow)
    assert begun() == 2


TOLD = "import sys; told = lambda: print(bool({'numpy', 'pandas', 'scipy', 'statsmodels'} & set(sys.modules)))"


def test_only_a_worker_that_forecasts_loads_statsmodels(tmp_path):
    """In fresh interpreters; the memory of the web processes depends on it."""
    web = "import portal.assembly; portal.assembly.application(); told()"
    worker = "import portal.worker; told(); import onboarding.forecast.outlook; told()"
    environment = {"PATH": "", "PYTHONPATH": str(ROOT), "SETTING": "demonstration", "VAR": str(tmp_path)}
    environment |= {"SECRET_KEY": "0" * 32}
    begun = [
        subprocess.Popen(
            [sys.executable, "-c", f"{TOLD}; {act}"], cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True
        )
        for act in (web, worker)
    ]
    answers = [process.communicate(timeout=120)[0].split() for process in begun]
    assert answers == [["False"], ["False", "True"]]


def test_the_worker_does_a_forecast_from_its_job(database, clock, app):
    from portal.worker import Worker

    now = clock.now
    with database.transaction() as db:
        here = communes(db)[0]
        counted(db, now, here.id, 16)
        goal(db, now, here)
        jobs.enqueue(db, JOB, {}, now=now)
        here_id = here.id
    assert Worker(app, {}).do_jobs() == 1
    with database.session(write=False) as db:
        assert latest(db, CODE, here_id).probability == 1
        assert db.scalar(select(jobs.Job.finished_at).where(jobs.Job.kind == JOB)) is not None
        assert db.get(Unit, here_id) is not None
