"""A province learns again, at a small scale: teams, sessions, checks and help add up to the published shares."""

from __future__ import annotations

import time
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from itertools import count as counting

import pytest
from sqlalchemy import select

from identity.jobs import Job
from identity.places import unit_by_code
from onboarding.figures.facts import fact
from onboarding.figures.periods import read_period
from onboarding.figures.published import JOB, Status, published
from onboarding.figures.registry import get_indicator
from portal.demo.replay import command
from portal.demo.replay.dak_lak.plan import draw_plan, person
from portal.demo.replay.dak_lak.published import adults_by_commune, read
from portal.demo.replay.dak_lak.run import replay
from portal.demo.replay.people import places_on
from tests.flows.test_replay import asked, count  # noqa: F401 - a fixture

SCALE = 40_000
AFTERWARDS = datetime(2025, 10, 2, 5, tzinfo=UTC)
"""Days are published one by one: the sooner it is counted, the fewer they are."""


class Stopped(Exception):
    """Somebody pressed Ctrl-C."""


def stop_on(last: date):
    def told(day: date, _so_far: int, _of: int) -> None:
        if day == last:
            raise Stopped

    return told


@pytest.mark.any_engine
def test_a_province_ends_with_the_published_shares_also_when_it_was_stopped(asked, database, capsys):  # noqa: F811
    played = read(SCALE)
    with pytest.raises(Stopped):
        replay(asked.settings, SCALE, None, stop_on(date(2025, 8, 15)), clock=lambda: AFTERWARDS)
    records = "SELECT count(*) FROM assistance_event"
    assert 0 < count(database, records) < played.guided
    seconds = counting()
    command.run(
        asked.settings,
        "dak-lak",
        SCALE,
        None,
        1,
        clock=time.monotonic,
        now=lambda: AFTERWARDS + timedelta(seconds=next(seconds)),
    )
    told = capsys.readouterr().out.splitlines()
    assert told[0] == "one made-up person for 40,000 (1:40000)"
    assert told[-4:] == [
        "communes       102",
        "teams           28   in Ea Kao ward, its task forces among them",
        "skilled         38   66.7% of 57 adults",
        "guided          38   66.7% of 57 adults",
    ]
    assert count(database, records) == played.guided
    check_events(database, played)
    check_published(database, played)
    check_lease_renewed(database)


def check_events(database, played):
    by_learner = "SELECT learner_id FROM skill_check WHERE passed GROUP BY learner_id HAVING count(*) = 5"
    five = f"SELECT count(*) FROM ({by_learner}) AS complete"
    assert count(database, five) == count(database, "SELECT count(*) FROM attendance") == played.skilled
    helped = "SELECT count(DISTINCT pseudonym) FROM assistance_event WHERE mode = 'guided' AND result = 'done'"
    assert count(database, helped) == played.guided
    active = "SELECT count(*) FROM account WHERE kind = 'resident' AND state = 'active'"
    assert count(database, active) == played.guided, "the system saw every guided activation"
    assert count(database, "SELECT count(*) FROM team") == 101 + 28
    assert count(database, "SELECT count(*) FROM campaign_group") == 3
    assert count(database, "SELECT count(*) FROM outbox_message WHERE delivered_at IS NULL") == 0


def check_lease_renewed(database):
    """Else a worker beside it takes the publication over, five minutes after the replay began."""
    with database.session(write=False) as db:
        job = db.scalars(select(Job).where(Job.kind == JOB)).one()
    assert job.finished_at - job.queued_at >= timedelta(seconds=job.done)


def check_published(database, played):
    year = read_period("2025", on=played.last_day)
    with database.session(write=False) as db:
        province = unit_by_code(db, played.code, on=played.first_day)
        for code, some in (("skilled-adults", played.skilled), ("guided-adults", played.guided)):
            found = published(db, get_indicator(code), province.id, year)
            assert (found.status, found.numerator, found.denominator) == (Status.VALUE, some, played.adults)
        assisted = fact(db, "confirmed-of-claimed", province.id, year)
        assert assisted.numerator == assisted.denominator == played.guided
        reached = fact(db, "reached", province.id, year)
        assert reached.numerator == played.guided, "who learned had been guided before, and is one person"


def test_the_plan_has_the_published_shares_at_the_shown_scale():
    played = read()
    assert (played.scale, len(played.communes()), len(played.teams_in(played.ward))) == (100, 102, 28)
    assert f"{played.skilled / played.adults:.1%} {played.guided / played.adults:.1%}" == "66.3% 66.4%"
    plan = draw_plan(played)
    guided = Counter(number for teams in plan.values() for team in teams.values() for number in team.guided)
    trained = Counter(number for teams in plan.values() for team in teams.values() for number in team.trained)
    assert (len(guided), len(trained)) == (played.guided, played.skilled)
    assert set(guided.values()) == set(trained.values()) == {1}
    assert sum(adults_by_commune(played).values()) == played.adults
    assert set(adults_by_commune(played)) == {commune for commune, _day in plan}
    assert all(played.first_day <= day <= played.last_day for _commune, day in plan)


def test_nobody_of_the_plan_shares_a_number_or_a_birthday_with_another():
    lists = places_on(date(2025, 7, 1))
    people = [person(number, "24169", 1, date(2025, 7, 1), lists) for number in range(0, read().adults, 50)]
    assert len({one.personal_number for one in people}) == len({one.birth_date for one in people}) == len(people)
    assert person(7, "24169", 1, date(2025, 7, 1), lists) == person(7, "24169", 1, date(2025, 7, 1), lists)
