"""The map of now made of cells: the same as by moving what was counted, adding up, and no more than is published."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from identity.places import ancestors
from onboarding.figures.many import exact_many
from onboarding.figures.maps import Atlas, figures_as
from onboarding.figures.model import NATION, UNALLOCATED
from onboarding.figures.published import Published, Status
from onboarding.figures.redrawn import Redrawn, _parts, added, redrawn, unallocated
from onboarding.figures.registry import get_indicator
from tests.onboarding.figures_scene import YEAR, count_from_scratch
from tests.onboarding.scene import communes
from tests.onboarding.test_figures_maps import ENDED, follow, village, visits

pytestmark = pytest.mark.any_engine
AT, DAY = datetime(2026, 11, 1, tzinfo=UTC), date(2026, 10, 31)
HELP = get_indicator("own-hand")
HIDDEN, NONE = Published(Status.SUPPRESSED, as_of=AT), Published(Status.MISSING)


def known(some, all_, through=DAY, **more):
    return Published(Status.VALUE if some else Status.ZERO, some, all_, through, AT, **more)


def drawn_now(db, units):
    """All those places by the map of now, exactly."""
    drawn = redrawn(db, on=ENDED, with_villages=True)
    wanted = {unit: [HELP] for unit in units}
    exact = exact_many(db, drawn.wanted(wanted), YEAR)
    cells = {("own-hand", unit): NONE for unit in drawn.wanted(wanted)}
    cells |= {cell: known(one.numerator, one.denominator) for cell, one in exact.items()}
    return {unit: figure for (_code, unit), figure in drawn.figures(wanted, cells).items()}


def test_nothing_ended_is_one_map(db, now):
    assert redrawn(db, on=ENDED) is not None, "the provinces before 1 July 2025"
    here = communes(db)[0]
    assert redrawn(db, on=ENDED).of(here.id) == {here.id: 1}


def test_a_place_made_of_cells_is_what_moving_its_records_gives(db, now):
    here, beside, far = communes(db)
    province, other = ancestors(db, here.id)[0].id, ancestors(db, far.id)[0].id
    first, second = village(db, here, 1), village(db, here, 2)
    visits(db, here, now, first, first, first, second, None)
    visits(db, beside, now, None, None)
    visits(db, far, now, None)
    count_from_scratch(db, now)
    follow(db, first, village(db, beside, 1))
    follow(db, second, village(db, far, 1))
    follow(db, here, beside, far)
    for whole, places in ((NATION, [province, other]), (province, [beside.id, here.id]), (other, [far.id])):
        wanted = {
            row.unit_id: row.figure.denominator for row in figures_as(db, "own-hand", whole, YEAR, map="now", on=ENDED)
        }
        found = drawn_now(db, [whole, *places])
        rest = unallocated(found[whole], [found[one] for one in places], guarded=False)
        counts = {one: found[one].denominator for one in places if found[one].denominator}
        assert counts | ({UNALLOCATED: rest.denominator} if rest else {}) == wanted
        assert sum(counts.values()) + (rest.denominator if rest else 0) == found[whole].denominator


def test_without_villages_a_split_commune_lies_in_the_lowest_place_that_holds_all_its_followers(db, now):
    here, beside, far = communes(db)
    visits(db, here, now, *[None] * 12)
    count_from_scratch(db, now)
    follow(db, here, beside, far)
    drawn = redrawn(db, on=ENDED)
    province = ancestors(db, here.id)[0].id
    assert drawn.of(here.id) == {} and drawn.of(beside.id) == {beside.id: 1}
    assert drawn.of(province) == {province: 1, here.id: -1}
    assert drawn.of(NATION) == {NATION: 1}
    assert redrawn(db, on=ENDED - timedelta(days=1)).of(here.id) == {here.id: 1}, "it stands until its last day"


def test_what_needs_a_suppressed_cell_is_suppressed_and_missing_ones_count_nothing():
    assert added([(known(5, 20), 1), (known(2, 8), -1)]) == known(3, 12)
    assert added([(known(5, 20), 1), (HIDDEN, 1)]).status is Status.SUPPRESSED
    assert added([(known(5, 20), 1), (NONE, -1)]) == known(5, 20)
    assert added([(NONE, 1)]).status is Status.MISSING
    assert added([(known(2, 8), 1), (known(2, 8), -1)]).status is Status.MISSING
    assert added([(known(0, 8), 1), (known(0, 4), 1)]).status is Status.ZERO
    early = replace(known(1, 9), through=date(2026, 9, 30))
    assert added([(known(1, 9), 1), (early, 1)]).through == early.through, "the day that all of it is known up to"


def test_a_denominator_of_a_paper_stays_with_its_place():
    one, gone = uuid4(), uuid4()
    paper = {"source": "A report", "vintage": "2025"}
    cells = {("skilled-adults", one): known(30, 100, **paper), ("skilled-adults", gone): known(20, 60, **paper)}
    figure = Redrawn({one: {one: 1, gone: 1}}).figures({one: [get_indicator("guided-adults")]}, {
        ("guided-adults", unit): figure for (_code, unit), figure in cells.items()
    })["guided-adults", one]  # fmt: skip
    assert (figure.numerator, figure.denominator, figure.source) == (50, 100, "A report")


def test_the_rest_is_shown_only_where_it_is_none_or_many():
    whole = known(40, 100)
    assert unallocated(whole, [known(40, 100)], guarded=True) is None
    assert unallocated(whole, [known(20, 60), HIDDEN], guarded=True) == known(20, 40)
    assert unallocated(whole, [known(36, 92), HIDDEN], guarded=True).status is Status.SUPPRESSED
    assert unallocated(whole, [known(36, 92)], guarded=False) == known(4, 8), "one's own"
    assert unallocated(whole, [known(30, 120)], guarded=False).status is Status.SUPPRESSED, "never below nothing"
    assert unallocated(HIDDEN, [known(1, 2)], guarded=False) is None
    paper = {"source": "A report", "vintage": "2025"}
    rest = unallocated(known(40, 900, **paper), [known(20, 600, **paper)], guarded=True)
    assert rest == known(20, None), "no paper says of how many"


class Map(Atlas):
    """A made-up country: provinces 1 and 2 of three communes each."""

    def __init__(self, ended, followed):
        self.names = {name: uuid4() for name in ("P", "Q", *"abc", *"xyz")}
        ids = self.names
        self.above = {ids["P"]: NATION, ids["Q"]: NATION}
        self.above |= {ids[one]: ids["P"] for one in "abc"} | {ids[one]: ids["Q"] for one in "xyz"}
        self.ended = {ids[one] for one in ended}
        self.followed = {ids[one]: [ids[after] for after in afters] for one, afters in followed.items()}


@given(
    counts=st.lists(st.integers(0, 50), min_size=6, max_size=6),
    strays=st.lists(st.integers(0, 9), min_size=3, max_size=3),
    ended=st.dictionaries(st.sampled_from("abc"), st.lists(st.sampled_from("xyz"), min_size=1, unique=True)),
    whole_province=st.booleans(),
)
@settings(max_examples=40, deadline=None)
def test_on_both_maps_every_place_is_the_sum_of_its_own(counts, strays, ended, whole_province):
    """Of made-up mergers and splits, a whole province's among them; strays are of no commune, or no province."""
    if whole_province:
        ended = {one: ended.get(one, ["x"]) for one in "abc"} | {"P": ["Q"]}
    map_ = Map(ended, ended)
    ids, cell = map_.names, {}
    for name, count in zip("abcxyz", counts, strict=True):
        cell[ids[name]] = count
    cell[ids["P"]] = sum(counts[:3]) + strays[0]
    cell[ids["Q"]] = sum(counts[3:]) + strays[1]
    cell[NATION] = cell[ids["P"]] + cell[ids["Q"]] + strays[2]
    drawn = Redrawn(_parts(map_, map_.moved()))
    now = {unit: sum(cell[part] * times for part, times in drawn.of(unit).items()) for unit in (*ids.values(), NATION)}
    assert all(number >= 0 for number in now.values())
    assert all(now[unit] == 0 for unit in map_.ended)
    assert now[NATION] == cell[NATION]
    for place in (ids["P"], ids["Q"], NATION):
        inner = [unit for unit, above in map_.above.items() if above == place]
        assert sum(now[unit] for unit in inner) <= now[place], "the rest is unallocated, and never less than nothing"
    for one, afters in ended.items():
        if len(afters) == 1 and one in "abc":
            assert now[ids[afters[0]]] >= cell[ids[one]], "what has one follower is all there"
