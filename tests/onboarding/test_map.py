"""Units in time: villages founded, merged and split; figures as then and as now, with the row *unallocated*."""

from __future__ import annotations

from dataclasses import replace
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
from onboarding.event import Arrival, add_event
from onboarding.indicators import Funnel
from onboarding.map import UNALLOCATED, ByMaps, as_now, as_then, visits_by_maps, visits_by_place, within_today
from onboarding.overview import overview_of
from onboarding.villages import add_village, end_village, follow_communes, move_village, villages_of
from tests.onboarding.scene import communes, entry, ids, member_of, resident, team_in
from tests.onboarding.test_indicators import applied

BY = Actor(None, "coordinator")
TODAY = date(2026, 7, 1)


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
        now = as_now(db, counted, on=TODAY)
        assert sum(as_then(counted).values()) == sum(now.values()) == total
        merged = [before for before, after in zip(ended, successors, strict=True) if len(after) > 1]
        assert set(now) <= {*today, *ended, UNALLOCATED} - set(merged)
        db.rollback()


def test_visits_are_counted_by_place_without_what_was_corrected(db, member, here, now):
    first = entry(now)
    for one in (first, entry(now, supersedes=first.id, minutes=5), entry(now)):
        take_in(db, member.account_id, one, now=now)
    span = {"since": now - timedelta(days=1), "until": now + timedelta(seconds=1)}
    assert visits_by_place(db, ids(here), **span) == {(here.id, None): 2}


# merged and split


@pytest.fixture
def atlas(db):
    """A was merged into B; S was split into C and D, of whose two villages each went with one; D is now E."""
    made = {name: unit_made(db, name, ended=name in "ASD") for name in "ABSCDE"}
    made.update({name: unit_made(db, name, parent=made[name[0]], ended=name[0] == "S") for name in ("S1", "S2")})
    made.update({name: unit_made(db, name, parent=made[name[0]]) for name in ("C1", "E2")})
    went = ("AB", "SC", "SD", "DE", ("S1", "C1"), ("S2", "E2"))
    db.add_all(UnitSuccession(from_id=made[before], to_id=made[after]) for before, after in went)
    db.flush()
    return made


def test_what_was_merged_counts_in_its_one_successor(db, atlas):
    counted = {(atlas["A"], None): 5, (atlas["B"], None): 2, (atlas["D"], None): 1}
    assert as_then(counted) == {atlas["A"]: 5, atlas["B"]: 2, atlas["D"]: 1}
    assert as_now(db, counted, on=TODAY) == {atlas["B"]: 7, atlas["E"]: 1}


def test_what_was_split_goes_with_its_village_and_the_rest_is_unallocated(db, atlas):
    split, alone = atlas["S"], unit_made(db, "S9", parent=atlas["S"], ended=True)
    counted = {(split, None): 4, (split, atlas["S1"]): 3, (split, atlas["S2"]): 2, (split, alone): 1}
    assert as_now(db, counted, on=TODAY) == {UNALLOCATED: 5, atlas["C"]: 3, atlas["E"]: 2}
    assert as_then(counted) == {split: 10}


def test_a_village_that_was_split_too_places_nothing_and_one_that_moved_decides(db, atlas):
    both = unit_made(db, "S3", parent=atlas["S"], ended=True)
    db.add_all(UnitSuccession(from_id=both, to_id=atlas[after]) for after in ("C1", "E2"))
    elsewhere = unit_made(db, "S4", parent=atlas["S"], ended=True)
    db.add(UnitSuccession(from_id=elsewhere, to_id=unit_made(db, "B4", parent=atlas["B"])))
    db.flush()
    assert as_now(db, {(atlas["S"], both): 1, (atlas["S"], elsewhere): 2}, on=TODAY) == {
        UNALLOCATED: 1,
        atlas["B"]: 2,
    }


def test_what_will_end_counts_as_it_is_until_that_day(db, atlas):
    ending, after = unit_made(db, "F", ended=True), atlas["C"]
    db.add(UnitSuccession(from_id=ending, to_id=after))
    db.flush()
    eve = date(2025, 6, 30)
    assert as_now(db, {(ending, None): 2}, on=eve) == {ending: 2}
    assert ending not in within_today(db, {after}, on=eve)
    assert as_now(db, {(ending, None): 2}, on=date(2025, 7, 1)) == {after: 2}


def test_a_place_has_its_own_people_and_those_of_what_went_wholly_into_it(db, atlas):
    assert within_today(db, {atlas["B"]}, on=TODAY) == {atlas["B"], atlas["A"]}
    assert within_today(db, {atlas["E"]}, on=TODAY) == {atlas["E"], atlas["E2"], atlas["D"], atlas["S2"]}
    assert atlas["S"] not in within_today(db, {atlas["C"]}, on=TODAY)


def logged(db, now, places):
    """A record a day ago in each place, as its team then would have made it."""
    when = now - timedelta(days=1)
    member = member_of(db, team_in(db, communes(db)[2], now=now), now=now)
    for unit_id, village_id in places:
        then = replace(member, unit_id=unit_id)
        one = entry(when, village_id=village_id)
        assert add_event(db, one, Arrival(then, one.id.bytes * 2, None, when))


def test_the_parts_of_a_split_unit_and_what_nobody_can_place_sum_up_to_it(db, atlas, now):
    s, c, e = atlas["S"], atlas["C"], atlas["E"]
    logged(db, now, [(s, None)] * 3 + [(s, atlas["S1"])] * 2 + [(s, atlas["S2"]), (c, None), (e, atlas["E2"])])
    span = {"since": now - timedelta(days=90), "until": now}
    found = visits_by_maps(db, s, on=TODAY, **span)
    assert found == ByMaps(6, {c: 2, e: 1}, 3)
    assert found.then == sum(found.now.values()) + found.unallocated
    own = ByMaps(1, {c: 3}, 3)
    assert visits_by_maps(db, c, on=TODAY, **span) == own, "its own, and its village's part of what was split"
    assert visits_by_maps(db, e, on=TODAY, **span) == ByMaps(1, {e: 2}, 3)


def test_a_merged_unit_is_counted_where_it_stands_now_and_not_twice(db, atlas, now):
    logged(db, now, [(atlas["A"], None)] * 2 + [(atlas["B"], None)])
    span = {"since": now - timedelta(days=90), "until": now}
    assert visits_by_maps(db, atlas["A"], on=TODAY, **span) == ByMaps(2, {atlas["B"]: 2}, 0)
    assert visits_by_maps(db, atlas["B"], on=TODAY, **span) == ByMaps(1, {atlas["B"]: 3}, 0)


def test_the_overview_of_a_unit_holds_the_people_and_the_teams_of_what_was_merged_into_it(db, atlas, now):
    before, after, split = (db.get_one(Unit, atlas[name]) for name in "ABS")
    for unit in (before, after, split):
        applied(db, unit, now, state="issued", person=resident(db, unit, now=now))
    team_in(db, before, now=now, name="Tổ của xã cũ")
    seen = overview_of(db, ids(after), now=now)
    assert seen.funnel == Funnel(2, 2, 0, waiting=2) and seen.people_waiting == 2
    assert sum((row.funnel for row in seen.units), Funnel()) == seen.funnel
    assert [team.name for team in seen.teams] == ["Tổ của xã cũ"]
    of_both_parts = overview_of(db, {atlas["C"], atlas["E"]}, now=now).funnel
    assert of_both_parts == Funnel(1, 1, 0, waiting=1), "of both parts: the whole"
    assert overview_of(db, {atlas["C"]}, now=now).funnel == Funnel(), "of one part: nobody knows who"


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
    assert successors(db, one.id, on=today_in_vietnam(later)) == {other.id}
    assert [village.name for village in villages_of(db, here.id, now=later)] == ["Thôn 2"]
    figures = visits_by_place(db, ids(here), since=now - timedelta(days=1), until=later)
    assert figures == {(here.id, one.id): 1}
    with pytest.raises(Refused, match="changed-meanwhile"):
        end_village(db, one.id, [], BY, now=later)


def test_a_village_that_moves_takes_its_visits_along_and_none_is_lost_or_doubled(db, here, now):
    """Acceptance test 8 of the field: by both maps, and the parts sum up to the old whole."""
    there, day = communes(db)[1], now - timedelta(days=1)
    one, other = (add_village(db, here.id, name, BY, now=day) for name in ("Thôn 1", "Thôn 2"))
    logged(db, now, [(here.id, one.id)] * 2 + [(here.id, other.id), (here.id, None), (there.id, None)])
    moved = move_village(db, one.id, there.id, BY, now=now)
    db.flush()
    assert (moved.name, moved.parent_id, one.valid_to) == ("Thôn 1", there.id, today_in_vietnam(now))
    span = {"since": day - timedelta(days=1), "until": now + timedelta(seconds=1), "on": today_in_vietnam(now)}
    assert visits_by_maps(db, here.id, **span) == ByMaps(4, {here.id: 2, there.id: 2}, 0)
    assert visits_by_maps(db, there.id, **span) == ByMaps(1, {there.id: 3}, 0)
    both = visits_by_place(db, ids(here, there), since=span["since"], until=span["until"])
    assert as_now(db, both, on=span["on"]) == {here.id: 2, there.id: 3}
    assert as_then(both) == {here.id: 4, there.id: 1}
    with pytest.raises(Refused, match="changed-meanwhile"):
        move_village(db, one.id, there.id, BY, now=now)


def test_a_village_moves_only_to_another_commune_without_its_name(db, here, now):
    there = communes(db)[1]
    one, _ = add_village(db, here.id, "Thôn 1", BY, now=now), add_village(db, there.id, "thon 1", BY, now=now)
    for place, code in ((here.id, "village-elsewhere"), (there.id, "village-exists"), (uuid4(), "not-found")):
        with pytest.raises(Refused, match=code):
            move_village(db, one.id, place, BY, now=now)
    assert one.valid_to is None


@pytest.mark.parametrize("into", ["itself", "elsewhere", "nowhere"])
def test_a_village_goes_into_another_of_its_commune_only(db, here, now, into):
    one = add_village(db, here.id, "Thôn 1", BY, now=now)
    far = add_village(db, communes(db)[1].id, "Thôn 1", BY, now=now)
    chosen = {"itself": one.id, "elsewhere": far.id, "nowhere": uuid4()}[into]
    with pytest.raises(Refused, match="village-elsewhere"):
        end_village(db, one.id, [chosen], BY, now=now)


def test_villages_of_a_commune_that_ended_go_on_in_what_followed_and_those_of_a_split_one_wait(db, here, member, now):
    there, ended = communes(db)[1], unit_made(db, "split", ended=True)
    names = {"Thôn 1": here.id, "Thôn 2": here.id, "Thôn 3": ended, "Thôn 9": there.id}
    villages = {name: add_village(db, commune, name, BY, now=now) for name, commune in names.items()}
    add_village(db, there.id, "Thôn 2", BY, now=now)
    take_in(db, member.account_id, entry(now, village_id=villages["Thôn 1"].id), now=now)
    assert follow_communes(db, now=now) == 0, "nothing of a commune that stands, or that split"
    later = now + timedelta(days=9)
    here.valid_to = today_in_vietnam(now) + timedelta(days=3)
    db.add(UnitSuccession(from_id=here.id, to_id=there.id))
    db.add_all(UnitSuccession(from_id=ended, to_id=unit_made(db, name)) for name in ("left", "right"))
    db.flush()
    assert follow_communes(db, now=later - timedelta(days=7)) == 0, "it stands until its last day"
    assert follow_communes(db, now=later) == 2
    assert follow_communes(db, now=later) == 0, "each once"
    db.flush()
    found = [village.name for village in villages_of(db, there.id, now=later)]
    assert found == sorted(["Thôn 1", "Thôn 2", f"Thôn 2 ({here.name})", "Thôn 9"])
    assert [village.name for village in villages_of(db, ended, now=later)] == ["Thôn 3"]
    figures = visits_by_place(db, ids(here), since=now - timedelta(days=1), until=later)
    assert as_now(db, figures, on=today_in_vietnam(later)) == {there.id: 1}
