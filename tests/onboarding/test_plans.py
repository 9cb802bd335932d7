"""How SQLite goes about it, where its way with the same question was slow once: PostgreSQL plans by itself."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import event

from onboarding.figures.many import Cut, _sums
from onboarding.figures.sources import count_day
from onboarding.team_figures import team_figures
from tests.onboarding.scene import communes, team_in

pytestmark = pytest.mark.any_engine
"""The first of the engines, which is SQLite."""
DAY = date(2026, 11, 20)


@pytest.fixture
def plans(db):
    """The plan of every statement that is run in the block."""
    assert db.get_bind().dialect.name == "sqlite"

    @contextmanager
    def heard():
        asked, found = [], []

        def hear(_connection, _cursor, statement, parameters, *_given):
            asked.append((statement, parameters))

        event.listen(db.get_bind(), "before_cursor_execute", hear)
        yield found
        event.remove(db.get_bind(), "before_cursor_execute", hear)
        for statement, parameters in asked:
            rows = db.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
            found.append(" | ".join(row[3] for row in rows))

    return heard


def test_what_became_of_helped_people_is_looked_up_and_not_made_for_everybody(db, now, plans):
    team = team_in(db, communes(db)[0], now=now)
    with plans() as found:
        team_figures(db, team.id, DAY, DAY)
        count_day(db, DAY)
    about = [plan for plan in found if "help_consent" in plan]
    assert len(about) >= 2 and not [plan for plan in about if "MATERIALIZE outcome" in plan or "SCAN account" in plan]


def test_each_run_of_days_of_many_places_is_found_through_the_index(db, plans):
    at = datetime(2026, 11, 23, tzinfo=UTC)
    cuts = {Cut(("own-hand",), date(2025, 1, 1), DAY - timedelta(days=ago), at): [uuid4()] for ago in range(12)}
    with plans() as found:
        assert _sums(db, cuts) == {}
    (plan,) = (one for one in found if "indicator_fact" in one)
    assert plan.count("SEARCH indicator_fact") == 2 * len(cuts) == plan.count("kind=? AND starts>? AND starts<?")
