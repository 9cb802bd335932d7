"""Figures by the map of then and the map of now: successors, villages, and a row for what cannot be placed."""

from __future__ import annotations

from datetime import date, timedelta

from identity.names import fold
from identity.places import Unit, UnitKind, UnitSuccession, ancestors
from identity.places.units import UnitType
from onboarding.assistance import take_in
from onboarding.figures.facts import fact
from onboarding.figures.maps import figures_as
from onboarding.figures.model import NATION, UNALLOCATED
from onboarding.figures.periods import read_period
from onboarding.figures.refresh import count_some, mark_all
from onboarding.figures.restated import former, restatements
from tests.onboarding.figures_scene import YEAR, count_all, count_from_scratch
from tests.onboarding.scene import communes, entry, member_of, team_in

ENDED = date(2026, 12, 1)


def village(db, commune, number, valid_from=date(2026, 1, 1)):
    unit = Unit(
        code=f"{commune.code}-{number:03}",
        kind=UnitKind.VILLAGE,
        type=UnitType.VILLAGE,
        name=f"Thôn {number}",
        name_folded=fold(f"Thôn {number}"),
        search_folded=fold(f"Thôn {number}"),
        parent_id=commune.id,
        valid_from=valid_from,
    )
    db.add(unit)
    db.flush()
    return unit


def visits(db, unit, now, *places):
    member = member_of(db, team_in(db, unit, now=now), now=now)
    for place in places:
        take_in(db, member.account_id, entry(now, village_id=place and place.id), now=now)
    db.flush()


def follow(db, before, *units):
    before.valid_to = ENDED
    db.add_all(UnitSuccession(from_id=before.id, to_id=unit.id) for unit in units)
    db.flush()


def counts(rows):
    return {row.unit_id: row.figure.denominator for row in rows}


def test_a_merged_commune_counts_in_what_followed_it_and_stays_as_it_was(db, now):
    here, beside, _ = communes(db)
    province = ancestors(db, here.id)[0].id
    visits(db, here, now, None, None)
    visits(db, beside, now, None)
    count_from_scratch(db, now)
    follow(db, here, beside)
    assert counts(figures_as(db, "own-hand", province, YEAR, on=ENDED)) == {here.id: 2, beside.id: 1}
    assert counts(figures_as(db, "own-hand", province, YEAR, map="now", on=ENDED)) == {beside.id: 3}
    assert counts(figures_as(db, "own-hand", here.id, YEAR, map="now", on=ENDED)) == {beside.id: 2}
    assert counts(figures_as(db, "own-hand", here.id, YEAR, on=ENDED)) == {here.id: 2}
    eve = ENDED - timedelta(days=1)
    assert counts(figures_as(db, "own-hand", province, YEAR, map="now", on=eve)) == {here.id: 2, beside.id: 1}


def test_a_split_commune_goes_by_village_and_the_rest_is_not_allocated(db, now):
    here, beside, far = communes(db)
    province = ancestors(db, here.id)[0].id
    first, second = village(db, here, 1), village(db, here, 2)
    visits(db, here, now, first, first, first, second, None)
    count_from_scratch(db, now)
    follow(db, first, village(db, beside, 1))
    follow(db, second, village(db, far, 1))
    follow(db, here, beside, far)
    then = counts(figures_as(db, "own-hand", here.id, YEAR, on=ENDED))
    assert then == {first.id: 3, second.id: 1, UNALLOCATED: 1}
    assert counts(figures_as(db, "own-hand", here.id, YEAR, map="now", on=ENDED)) == {
        beside.id: 3,
        far.id: 1,
        UNALLOCATED: 1,
    }
    now_ = counts(figures_as(db, "own-hand", NATION, YEAR, map="now", on=ENDED))
    other = ancestors(db, far.id)[0].id
    assert now_ == {province: 3, other: 1, UNALLOCATED: 1}
    assert sum(now_.values()) == fact(db, "own-hand", NATION, YEAR).denominator == 5


def test_a_village_is_part_of_its_commune(db, now):
    here = communes(db)[0]
    one = village(db, here, 1)
    visits(db, here, now, one, None)
    count_all(db, now)
    assert fact(db, "own-hand", one.id, YEAR).denominator == 1
    assert fact(db, "own-hand", here.id, YEAR).denominator == 2


def test_a_late_record_restates_a_day_that_was_over_and_says_so(db, now):
    here = communes(db)[0]
    visits(db, here, now, None)
    member = member_of(db, team_in(db, here, now=now, name="Tổ số 3"), now=now)
    count_all(db, now)
    count_all(db, now + timedelta(hours=1))
    late = entry(now)
    assert restatements(db, "own-hand", here.id, YEAR) == [], "a day that runs grows"
    later = now + timedelta(days=3)
    take_in(db, member.account_id, late, now=later)
    count_all(db, later)
    week = read_period("2026-W48", on=date(2026, 1, 1))
    told = former(db, "own-hand", here.id, week)
    assert (told.at, told.before.denominator, told.after.denominator) == (later, 1, 2)
    assert former(db, "own-hand", here.id, read_period("2026-W47", on=date(2026, 1, 1))) is None


def test_a_past_that_is_counted_for_the_first_time_restates_nothing(db, now):
    here, began = communes(db)[0], now - timedelta(days=20)
    member = member_of(db, team_in(db, here, now=began), now=began)
    for days in (0, 8):
        at = began + timedelta(days=days)
        assert take_in(db, member.account_id, entry(at), now=at).refusal is None
    db.flush()
    mark_all(db)
    for number in range(100):
        if not count_some(db, now=now + timedelta(minutes=number), most=1):
            break
    assert fact(db, "own-hand", here.id, YEAR).denominator == 2
    assert restatements(db, "own-hand", here.id, YEAR) == []

    later = now + timedelta(days=3)
    take_in(db, member.account_id, entry(began + timedelta(days=4)), now=later)
    count_all(db, later)
    told = former(db, "own-hand", here.id, YEAR)
    assert (told.at, told.before.denominator, told.after.denominator) == (later, 2, 3)
