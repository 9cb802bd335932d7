"""Where the lines of a table are going: published weeks only, and a date that plain arithmetic gives."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest

from onboarding.figures.model import IndicatorFact, PublishedSpan
from onboarding.figures.registry import get_indicator
from onboarding.forecast import Point, arrival, recent
from onboarding.forecast.paces import SHOWN
from tests.statements import heard

pytestmark = pytest.mark.any_engine
MONDAY, AS_OF = date(2026, 1, 5), datetime(2026, 11, 1, tzinfo=UTC)
ONE = get_indicator("activated-of-issued")
WEEK = timedelta(days=7)


def weeks(*pairs):
    return [Point(MONDAY + WEEK * at, some / all_, some, all_) for at, (some, all_) in enumerate(pairs)]


def steady(number, some, all_):
    return weeks(*((some * at, all_ * at) for at in range(1, number + 1)))


def test_a_target_is_reached_when_the_lacking_are_made_at_the_pace_of_four_weeks():
    history = weeks(*((10 * at, 200) for at in range(1, 11)))
    found = arrival(history, 0.75)
    assert found.day == history[-1].week + WEEK * 5 + timedelta(days=6), "50 lacking, ten a week"


def test_a_denominator_that_grows_takes_the_target_with_it():
    history = weeks(*((10 * at, 100 + 10 * at) for at in range(1, 11)))
    found = arrival(history, 0.75)
    lacking, gain = 0.75 * 200 - 100, 10 - 0.75 * 10
    assert found.day == history[-1].week + WEEK * round(lacking / gain) + timedelta(days=6)


def test_at_the_same_share_for_ever_it_is_never_reached_and_what_is_reached_is():
    assert arrival(steady(10, 5, 10), 0.75).day is None
    assert arrival(steady(10, 9, 10), 0.75).day == MONDAY + WEEK * 9 + timedelta(days=6)
    slow = weeks(*((at, 100_000) for at in range(1, 11)))
    assert arrival(slow, 0.75).day is None, "in a thousand years is never"


def test_where_less_is_better_a_share_gets_there_from_above():
    history = weeks(*((100, 100 + 10 * at) for at in range(1, 11)))
    assert arrival(history, 0.4, -1).day == history[-1].week + WEEK * 5 + timedelta(days=6), "100 of 250"
    assert arrival(history, 0.6, -1).day == history[-1].week + timedelta(days=6), "100 of 200 are few enough"
    assert arrival(steady(10, 9, 10), 0.75, -1).day is None


def test_fewer_than_eight_weeks_tell_nothing():
    assert arrival(steady(7, 5, 10), 0.75).refused == "too-few-points"
    assert arrival(steady(8, 5, 10), 0.75).refused is None
    every = weeks(*((10 * at, 200) for at in range(1, 21)))
    some = [every[at] for at in (0, 2, 4, 6, 9, 12, 15, 19)]
    assert arrival(some[1:], 0.95).refused == "too-few-points", "seven of twenty weeks are published"
    assert arrival([*every[:7], every[13]], 0.95) == arrival(every[:14], 0.95), "four weeks, and not four points"


def fill(db, unit, boundaries, days):
    db.add(PublishedSpan(family=ONE.family, unit_id=unit, boundaries=[str(day) for day in boundaries], as_of=AS_OF))
    for day, (some, all_) in days.items():
        counts = {"numerator": some, "denominator": all_, "version": 1, "as_of": AS_OF}
        for kind, starts in (("day", day), ("month", day.replace(day=1))):
            held = db.get(IndicatorFact, (ONE.code, unit, kind, starts, AS_OF))
            if held is None:
                db.add(IndicatorFact(indicator=ONE.code, unit_id=unit, kind=kind, starts=starts, **counts))
            else:
                held.numerator, held.denominator = held.numerator + some, held.denominator + all_
            db.flush()


def spans(db):
    return db.query(PublishedSpan).all()


def test_the_last_half_year_of_many_places_takes_two_statements_and_only_published_weeks(database):
    first, second = uuid4(), uuid4()
    mondays = [MONDAY + WEEK * at for at in range(40)]
    with database.transaction() as db:
        for unit, boundaries in ((first, mondays), (second, [*mondays[:2], *mondays[30:33]])):
            fill(db, unit, [date(2026, 1, 1), *boundaries], dict.fromkeys(mondays[:36], (2, 5)))
    with database.session(write=False) as db, heard(database) as statements:
        known = spans(db)
        found = recent(db, ONE, known)
    assert len(statements) == 3, "the spans, what was before, and the days"
    assert len(found[first]) == SHOWN
    for place, cut in ((first, mondays), (second, [*mondays[:2], *mondays[30:33]])):
        told = {point.week + WEEK: (point.numerator, point.denominator) for point in found[place]}
        for end in cut[-SHOWN:]:
            number = sum(day < end for day in mondays[:36])
            assert not number or told[end] == (2 * number, 5 * number)
    assert [point.week + WEEK for point in found[second]] == [mondays[1], *mondays[30:33]], "no other week"
    assert found[second][-1].week == mondays[32] - WEEK, "after the last cut nothing is told"


def test_a_share_of_a_paper_and_a_place_without_cuts_have_no_course(database):
    unit = uuid4()
    with database.transaction() as db:
        fill(db, unit, [], {MONDAY: (2, 5)})
    with database.session(write=False) as db:
        assert recent(db, ONE, spans(db)) == {}
        assert recent(db, get_indicator("skilled-adults"), spans(db)) == {}
