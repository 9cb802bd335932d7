"""Publishing day after day, as the worker does: what stands in one publication stands in all later ones.

Whoever keeps each of them knows no more than the newest tells, as long as nothing came late; so that one being safe
(`test_published_bounds`) is enough.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import pytest

from onboarding.figures.complementary import cut_together
from onboarding.figures.protection import Place, candidates, cut_alone
from tests.onboarding.test_published import place, summed

NATION, YEAR = "nation", date(2025, 1, 1)
Days = Mapping[date, tuple[int, int]]
Leaves = Mapping[tuple[int, int], Days]
Published = Mapping[Any, frozenset[date]]


def publish(leaves: Leaves, today: date, before: Published) -> Published:
    """The boundaries of the nation, its provinces and their communes; `leaves` by province and commune."""
    known = {key: {day: counts for day, counts in days.items() if day < today} for key, days in leaves.items()}
    known = {key: days for key, days in known.items() if days}
    provinces = {name: [key for key in known if key[0] == name] for name, _ in known}
    places = {NATION: place(summed(known.values())), **{key: place(days) for key, days in known.items()}}
    places |= {name: place(summed(known[key] for key in keys)) for name, keys in provinces.items()}
    for name, one in places.items():
        one.published = before.get(name, frozenset())

    def cut(parent: Place, children: list[Place], *, is_top: bool) -> None:
        published = frozenset[date]().union(*(one.published for one in (parent, *children)))
        order, young = candidates(YEAR, today, published, closing=14), today.replace(day=1)
        if is_top:
            cut_alone(parent, order, young)
        cut_together(parent, children, place({}), order, young)

    cut(places[NATION], [places[name] for name in provinces], is_top=True)
    for name, keys in provinces.items():
        parent = place(summed(known[key] for key in keys))
        parent.boundaries = sorted(places[name].boundaries)
        cut(parent, [places[key] for key in keys], is_top=False)
    return {name: frozenset(one.boundaries) for name, one in places.items()}


def withdrawn(leaves: Leaves, days: list[date]) -> list[tuple[date, Any, date]]:
    """What one of the publications took back of the one before: the day of it, the place and the boundary."""
    found, before = [], publish(leaves, days[0], {})
    for today in days[1:]:
        now = publish(leaves, today, before)
        found += [(today, name, day) for name, old in before.items() for day in sorted(old - now[name])]
        before = now
    return found


def country(chance: random.Random, days: list[date]) -> Leaves:
    """Communes that each do much in one month and little in another."""
    keys = [
        (province, commune) for province in range(chance.choice([2, 3])) for commune in range(chance.choice([2, 4]))
    ]
    paces = {(key, month): chance.choice([0, 0.05, 0.3, 1, 4, 15]) for key in keys for month in range(1, 13)}
    return {key: _of(chance, [(day, paces[key, day.month]) for day in days]) for key in keys}


def _of(chance: random.Random, paces: list[tuple[date, float]]) -> Days:
    pairs = {day: (_about(chance, pace), _about(chance, pace / 2)) for day, pace in paces}
    return {day: (some, some + others) for day, (some, others) in pairs.items() if some or others}


def _about(chance: random.Random, pace: float) -> int:
    return sum(chance.random() < 0.5 for _ in range(int(2 * pace))) + (chance.random() < 2 * pace % 1)


@pytest.mark.parametrize("seed", range(6))
def test_day_by_day_nothing_that_was_published_is_withdrawn(seed: int) -> None:
    days = [date(2025, 6, 24) + timedelta(days=number) for number in range(45)]
    assert withdrawn(country(random.Random(seed), days), days[3:]) == []


def test_a_new_boundary_costs_none_that_was_published() -> None:
    """Three provinces: on 1 August a cut of all would make what A and C hide small, and B gave its day up for that."""
    counts = {
        0: {(7, 9): 3, (7, 30): 1, (7, 31): 3},
        1: {(6, 25): 12, (7, 2): 20, (7, 9): 1, (7, 30): 150, (7, 31): 1},
        2: {(6, 25): 150, (7, 2): 5, (7, 9): 12, (7, 31): 5, (8, 3): 150},
    }
    leaves = {(key, 0): {date(2025, *day): (n, n) for day, n in days.items()} for key, days in counts.items()}
    days = [date(2025, 7, 31), date(2025, 8, 1), date(2025, 8, 4), date(2025, 9, 1)]
    assert withdrawn(leaves, days) == []


def test_a_day_of_the_country_costs_no_province_its_month() -> None:
    """The country is cut on single days where provinces are too small for it; each of them is large in a month."""
    chance = random.Random(1)
    days = [date(2025, 7, 1) + timedelta(days=number) for number in range(31)]
    leaves = {(province, 0): _of(chance, [(day, 2) for day in days]) for province in range(8)}
    cut = publish(leaves, date(2025, 10, 1), {})
    assert len([day for day in cut[NATION] if day in days]) > 8
    assert all({date(2025, 7, 1), date(2025, 8, 1)} <= cut[province] for province in range(8))


JULY, AUGUST = date(2025, 7, 10), date(2025, 8, 10)
JULY_ENDS, AUGUST_ENDS = date(2025, 8, 1), date(2025, 9, 1)


def test_how_few_wait_is_not_told_by_months_in_which_many_more_came_and_many_more_were_decided() -> None:
    """30 applied and 10 were issued, then 10 and 27: twenty more and seventeen less, so three wait."""
    one = place({JULY: (10, 30), AUGUST: (27, 10)})
    cut_alone(one, candidates(YEAR, date(2025, 10, 1), (), closing=14))
    assert one.is_cut(JULY_ENDS) and not one.is_cut(AUGUST_ENDS)


def test_nor_by_what_is_left_of_the_whole_where_some_are_hidden() -> None:
    """Four wait of "few", nobody of "none": who is hidden with them must not leave it at four."""
    counts = {"few": [(10, 30), (26, 10)], "none": [(12, 32), (32, 12)], "next": [(20, 60), (50, 30)]}
    counts["many"] = [(60, 120), (80, 40)]
    days = {name: dict(zip((JULY, AUGUST), pairs, strict=True)) for name, pairs in counts.items()}
    whole, parts = place(summed(days.values())), {name: place(one) for name, one in days.items()}
    order = candidates(YEAR, date(2025, 10, 1), (), closing=14)
    cut_alone(whole, order)
    cut_together(whole, list(parts.values()), place({}), order)
    assert {name for name, one in parts.items() if one.is_cut(AUGUST_ENDS)} == {"many"}
