"""What was counted stays true when its sources go, when an account waits again, and when the map is redrawn late."""

from __future__ import annotations

import copy
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from identity.account import Account
from identity.deadlines import today_in_vietnam
from identity.guardians.hand_over import take_over
from identity.places import Unit, UnitSuccession, ancestors, load_units, loading
from identity.retention.run import purge_some
from identity.session import SignInSession
from onboarding.assistance import AssistanceEvent
from onboarding.feeds.rows import units_below
from onboarding.figures.facts import count_anew
from onboarding.figures.kept import use_gone_before
from onboarding.figures.maps import figures_as
from onboarding.figures.model import NATION, FigureDay
from onboarding.figures.periods import read_period
from tests.onboarding.figures_scene import count_all, count_from_scratch, current, pair
from tests.onboarding.scene import communes, member_of, team_in
from tests.onboarding.test_figures import activated, issued
from tests.onboarding.test_figures_visits import helped, signed_in

pytestmark = pytest.mark.any_engine
USED, ISSUED, DAY = "used-of-activated", "issued-of-applied", timedelta(days=1)


@pytest.fixture(autouse=True)
def read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the margin for late commits each entry of the trail is read once: what it misses stays missed."""
    monkeypatch.setattr("onboarding.figures.refresh._read_again_from", lambda last: UUID(int=last.int + 1))


def purge(db: Session, now: datetime) -> None:
    cursor = purge_some(db, None, now=now)
    while cursor is not None:
        cursor = purge_some(db, cursor, now=now)


def test_a_count_from_scratch_after_sessions_are_gone_says_no_less_than_before(db: Session, now: datetime) -> None:
    here, beside, _ = communes(db)
    people = [issued(db, unit, now - 2 * DAY, active_at=now) for unit in (here, here, beside)]
    raised = issued(db, here, now - DAY, active_at=now - 45 * DAY)
    signed_in(db, raised, now - 40 * DAY)
    for number, person in enumerate(people):
        signed_in(db, person, now + 3 * DAY + timedelta(seconds=number))
    count_from_scratch(db, now + 50 * DAY)
    assert (pair(db, USED, here.id), pair(db, USED, NATION)) == ((3, 3), (4, 4))
    known, later = current(db), now + timedelta(days=365 * 5 + 20)
    purge(db, later)
    gone = use_gone_before(db)
    assert gone is not None
    assert gone > now and not db.scalar(select(func.count()).select_from(SignInSession))
    fresh = issued(db, beside, later - 40 * DAY, active_at=later - 35 * DAY)
    signed_in(db, fresh, later - 34 * DAY)
    days = {starts for _code, _unit, kind, starts, *_ in known if kind == "day"}
    count_anew(db, {*days, today_in_vietnam(later - 35 * DAY), today_in_vietnam(later - 40 * DAY)}, now=later)
    assert current(db) >= known, "what was known stays"
    assert (pair(db, USED, here.id), pair(db, USED, NATION)) == ((3, 3), (4, 4))
    assert pair(db, USED, beside.id, read_period("2031", on=date(2026, 1, 1))) == (1, 1), "what has sessions is counted"


def test_an_account_that_a_young_person_takes_over_waits_again_on_its_day_too(db: Session, now: datetime) -> None:
    here = communes(db)[0]
    child = issued(db, here, now - 9 * DAY)
    activated(db, child, now)
    count_all(db, now)
    assert pair(db, "activated-of-issued", here.id) == (1, 1)
    account, later = db.scalars(select(Account).where(Account.person_id == child.id)).one(), now + 5 * DAY
    take_over(db, account, child, "+84987654321", None, now=later)
    count_all(db, later)
    assert pair(db, "activated-of-issued", here.id) == (0, 1)
    activated(db, child, later + DAY)
    count_all(db, later + DAY)
    step_by_step = current(db)
    count_from_scratch(db, later + DAY)
    assert step_by_step == current(db)
    assert pair(db, "activated-of-issued", here.id) == (1, 1)


@pytest.fixture
def merge(db: Session, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """As a later release may bring it: a province went into another on a day, with all its communes."""

    def into(one: Unit, other: Unit, day: date, now: datetime) -> None:
        shipped: Any = copy.deepcopy(loading._shipped())
        row = next(row for row in shipped["provinces"] if row[0] == one.code)
        shipped["provinces"].remove(row)
        shipped["ended"].append([*row, day.isoformat(), other.code])
        shipped["communes"][other.code] += shipped["communes"].pop(one.code)
        monkeypatch.setattr(loading, "_shipped", lambda: shipped)
        load_units(db, now=now)
        db.expire_all()

    return into


def test_a_commune_that_the_table_ends_counts_in_what_followed_and_the_parts_still_add_up(
    db: Session, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, beside, far = communes(db)
    province, july = ancestors(db, here.id)[0], read_period("2026", on=now.date())
    for unit, many in ((here, 3), (beside, 2)):
        for _ in range(many):
            issued(db, unit, now - 9 * DAY)
    count_all(db, now)
    shipped: Any = copy.deepcopy(loading._shipped())
    row = next(one for one in shipped["communes"][province.code] if one.startswith(here.code))
    shipped["communes"][province.code].remove(row)
    ended = [here.code, row[6:], row[5], here.valid_from.isoformat(), now.date().isoformat(), province.code]
    for after, kept, rest in (([beside.code], 5, None), ([beside.code, far.code], 2, 3)):
        shipped["ended_communes"] = [[*ended, after]]
        monkeypatch.setattr(loading, "_shipped", lambda: shipped)
        db.query(UnitSuccession).filter(UnitSuccession.from_id == here.id).delete()
        load_units(db, now=now)
        db.expire_all()
        count_all(db, now + DAY)
        then = {row.unit_id: row.figure.numerator for row in figures_as(db, ISSUED, province.id, july, on=now.date())}
        assert then == {here.id: 3, beside.id: 2}, "as then it stays where it was counted"
        whole = NATION if rest else province.id
        rows = figures_as(db, ISSUED, province.id, july, map="now", on=now.date())
        assert {row.unit_id: row.figure.numerator for row in rows} == {beside.id: kept}
        assert pair(db, ISSUED, whole, july)[0] == kept + (rest or 0)
        listed = [unit.id for unit in units_below(db, province, now.date())]
        assert here.id not in listed and beside.id in listed


def test_a_merger_that_is_loaded_late_changes_what_lay_there_as_a_count_from_scratch_does(
    db: Session, now: datetime, merge: Callable[..., None]
) -> None:
    here, _beside, there = communes(db)
    first, second = (ancestors(db, unit.id)[0] for unit in (here, there))
    teams = [member_of(db, team_in(db, unit, now=now), now=now) for unit in (here, first)]
    for member in teams:
        for days in (12, 3, 0):
            helped(db, member, now - days * DAY)
    issued(db, here, now - 30 * DAY)
    count_all(db, now)
    assert pair(db, "data-clean", first.id) == (6, 6)
    merge(first, second, now.date() - 5 * DAY, now)
    count_all(db, now + DAY)
    step_by_step = current(db)
    assert pair(db, "data-clean", NATION) == (4, 6), "two records are of a province that was no more"
    assert pair(db, "data-clean", second.id) == (3, 3), "communes count where they lie"
    count_from_scratch(db, now + DAY)
    assert step_by_step == current(db)
    assert not db.scalar(select(FigureDay).limit(1))
    assert db.scalar(select(func.count()).select_from(AssistanceEvent)) == 6
