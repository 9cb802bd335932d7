"""Units in time: villages founded, merged and split; figures as then and as now, with the row *unallocated*."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from identity.audit import Actor
from identity.base import Refused
from identity.deadlines import today_in_vietnam
from identity.places import Unit, UnitSuccession, find_units, successors
from onboarding.assistance import take_in
from onboarding.map import UNALLOCATED, as_now, as_then, visits_by_place
from onboarding.villages import add_village, end_village, villages_of
from tests.onboarding.scene import communes, entry, ids, member_of, team_in

BY = Actor(None, "coordinator")


@pytest.fixture
def here(db):
    return communes(db)[0]


@pytest.fixture
def team(db, here, now):
    return team_in(db, here, now=now)


@pytest.fixture
def member(db, team, now):
    return member_of(db, team, now=now)


def unit_made(db, name, parent=None, ended=False):
    unit = Unit(
        code=f"X{name}",
        kind="village" if parent else "commune",
        type="village" if parent else "commune",
        name=name,
        name_folded=name,
        search_folded=name,
        parent_id=parent,
        valid_from=date(2020, 1, 1),
        valid_to=date(2025, 7, 1) if ended else None,
    )
    db.add(unit)
    db.flush()
    return unit.id


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    successors=st.lists(st.sets(st.integers(0, 3), max_size=3), min_size=1, max_size=4),
    figures=st.lists(st.tuples(st.integers(0, 7), st.none() | st.integers(0, 3), st.integers(0, 50)), max_size=20),
)
def test_sums_hold_whatever_became_of_the_units(bare_database, successors, figures):
    with bare_database.session(write=True) as db:
        today = [unit_made(db, f"now{n}") for n in range(4)]
        villages = [unit_made(db, f"village{n}", parent=id_) for n, id_ in enumerate(today)]
        ended = [unit_made(db, f"then{n}", ended=True) for n in range(len(successors))]
        for before, after in zip(ended, successors, strict=True):
            db.add_all(UnitSuccession(from_id=before, to_id=today[n]) for n in after)
        db.flush()
        everywhere = [*today, *ended]
        counted = {}
        for unit, village, number in figures:
            place = (everywhere[unit % len(everywhere)], None if village is None else villages[village])
            counted[place] = counted.get(place, 0) + number
        total = sum(counted.values())
        now = as_now(db, counted)
        assert sum(as_then(counted).values()) == sum(now.values()) == total
        merged = [before for before, after in zip(ended, successors, strict=True) if len(after) > 1]
        assert set(now) <= {*today, *ended, UNALLOCATED} - set(merged)
        db.rollback()


def test_visits_are_counted_by_place_without_what_was_corrected(db, member, here, now):
    first = entry(now)
    for one in (first, entry(now, supersedes=first.id, minutes=5), entry(now)):
        take_in(db, member.account_id, one, now=now)
    span = {"since": now - timedelta(days=1), "until": now}
    assert visits_by_place(db, ids(here), **span) == {(here.id, None): 2}


# villages


def test_villages_stand_as_people_count_and_are_found_without_marks(db, here, now):
    for name in ("Tổ 10", "Tổ 2", "Ấp Đông"):
        add_village(db, here.id, name, BY, now=now)
    assert [village.name for village in villages_of(db, here.id, now=now)] == ["Ấp Đông", "Tổ 2", "Tổ 10"]
    [found] = find_units(db, f"ap dong {here.name}", on=today_in_vietnam(now))
    assert (found.name, found.parent_id) == ("Ấp Đông", here.id)
    with pytest.raises(Refused, match="village-exists"):
        add_village(db, here.id, "tổ 2", BY, now=now)
    with pytest.raises(Refused, match="not-found"):
        add_village(db, found.id, "Xóm trong", BY, now=now)


def test_a_merged_village_leads_to_the_one_it_went_into_and_figures_follow(db, here, member, now):
    one, other = (add_village(db, here.id, name, BY, now=now) for name in ("Thôn 1", "Thôn 2"))
    take_in(db, member.account_id, entry(now, village_id=one.id), now=now)
    later = now + timedelta(days=1)
    end_village(db, one.id, [other.id], BY, now=later)
    db.flush()
    assert successors(db, one.id) == {other.id}
    assert [village.name for village in villages_of(db, here.id, now=later)] == ["Thôn 2"]
    figures = visits_by_place(db, ids(here), since=now - timedelta(days=1), until=now)
    assert figures == {(here.id, one.id): 1}
    with pytest.raises(Refused, match="changed-meanwhile"):
        end_village(db, one.id, [], BY, now=later)


@pytest.mark.parametrize("into", ["itself", "elsewhere", "nowhere"])
def test_a_village_goes_into_another_of_its_commune_only(db, here, now, into):
    one = add_village(db, here.id, "Thôn 1", BY, now=now)
    far = add_village(db, communes(db)[1].id, "Thôn 1", BY, now=now)
    chosen = {"itself": one.id, "elsewhere": far.id, "nowhere": uuid4()}[into]
    with pytest.raises(Refused, match="village-elsewhere"):
        end_village(db, one.id, [chosen], BY, now=now)
