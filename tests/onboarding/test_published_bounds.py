"""Bounds of what is hidden: from every published sum together no count under the threshold is known, nor to be small.

Small countries whose places are cut on many different days, some after late events, with records of no unit among them.
The attacker also knows that whatever is shown as suppressed holds something.
"""

from __future__ import annotations

import random
from collections.abc import Collection, Iterator, Mapping
from datetime import date, timedelta
from itertools import combinations, pairwise
from typing import Any

import pytest

from onboarding.figures import complementary
from onboarding.figures.complementary import cut_together
from onboarding.figures.protection import Place, candidates, cut_alone
from tests.onboarding.bounds import Row, Sums
from tests.onboarding.test_published import THRESHOLD, place, summed

FIRST, REST = date(2025, 6, 29), "rest"
Days = dict[date, tuple[int, int]]
Leaves = Mapping[tuple[Any, Any], Days]
KINDS = ([0, 0, 1, 5, 12], [0, 1, 12, 13, 30], [0, 0, 0, 3], [10, 11, 25], [0, 2, 10, 40])
"""What may be counted in a day: about the threshold, since that is where it is decided."""
MOST = 60


def country(chance: random.Random) -> Leaves:
    """Provinces of communes; numerators and denominators."""
    days = [FIRST + timedelta(days=number) for number in range(chance.choice([3, 5, 7, 9]))]
    leaves: dict[tuple[Any, Any], Days] = {}
    for province in range(chance.choice([1, 2, 3])):
        for commune in range(chance.choice([2, 3, 4, 5])):
            leaves[province, commune] = _of(chance, chance.choice(KINDS), days)
        leaves[province, REST] = _of(chance, chance.choice([[0], [0, 0, 1, 2]]), days)
    return {key: counts for key, counts in leaves.items() if counts}


def _of(chance: random.Random, numbers: list[int], days: Collection[date]) -> Days:
    pairs = {day: (chance.choice(numbers), chance.choice([*numbers, 0, 0])) for day in days}
    return {day: (some, some + others) for day, (some, others) in pairs.items() if some or others}


def come_late(chance: random.Random, leaves: Leaves) -> None:
    for _ in range(chance.choice([0, 3, 8])):
        days, day = chance.choice(list(leaves.values())), FIRST + timedelta(days=chance.randrange(3))
        some, all_ = days.get(day, (0, 0))
        days[day] = (some + chance.choice([0, 1]), all_ + 1)


def publish(leaves: Leaves, before: Collection[date] = ()) -> list[tuple[Place, list[Any]]]:
    """Every place with the leaves within it, cut as the worker does it."""
    order = candidates(FIRST, FIRST + timedelta(days=9), before, closing=14)
    nation = place(summed(leaves.values()))
    cut_alone(nation, order)
    inside = {name: [key for key in leaves if key[0] == name] for name, _ in leaves}
    provinces = {name: place(summed(leaves[key] for key in keys)) for name, keys in inside.items()}
    cut_together(nation, list(provinces.values()), place({}), order)
    found = [(nation, list(leaves)), *((one, inside[name]) for name, one in provinces.items())]
    for name, province in provinces.items():
        communes = {key: place(leaves[key]) for key in inside[name] if key[1] != REST}
        cut_together(province, list(communes.values()), place(leaves.get((name, REST), {})), order)
        found += [(one, [key]) for key, one in communes.items()]
    return found


class Told:
    """The published sums over the times between any two boundaries: (leaf, time, numerator or the others)."""

    def __init__(self, leaves: Leaves, places: list[tuple[Place, list[Any]]]) -> None:
        self.leaves = leaves
        ends = {FIRST, FIRST + timedelta(days=9), *(day for one, _ in places for day in one.boundaries)}
        self.times = list(pairwise(sorted(ends)))
        truth = dict.fromkeys(((key, time, part) for key in leaves for time in self.times for part in (0, 1)), 0)
        for key, days in leaves.items():
            for day, (some, all_) in days.items():
                time = next(time for time in self.times if time[0] <= day < time[1])
                truth[key, time, 0] += some
                truth[key, time, 1] += all_ - some
        rows = [
            self.row(keys, gap, [part]) for one, keys in places for gap in pairwise(one.boundaries) for part in (0, 1)
        ]
        whole = (self.times[0][0], self.times[-1][1])
        somebody = [(self.row(keys, whole, [0, 1]), 1) for _, keys in places]
        self.sums = Sums(truth, rows, somebody)

    def row(self, keys: Collection[Any], span: tuple[date, date], parts: Collection[int]) -> Row:
        inside = [time for time in self.times if span[0] <= time[0] and time[1] <= span[1]]
        return {(key, time, part): 1 for key in keys for time in inside for part in parts}

    def small(self) -> Iterator[tuple[Any, Row]]:
        """Leaves, two of them, and provinces, in any run of times: some, and fewer than the threshold."""
        names = {name for name, _ in self.leaves}
        groups = [*combinations(self.leaves, 1), *combinations(self.leaves, 2)]
        groups += [tuple(key for key in self.leaves if key[0] == name) for name in names]
        starts = [time[0] for time in self.times] + [self.times[-1][1]]
        for keys in groups:
            for span in combinations(starts, 2):
                for parts in ((0,), (1,), (0, 1)):
                    row = self.row(keys, span, parts)
                    if 0 < self.sums.sum_of(row) < THRESHOLD:
                        yield (keys, span, parts), row


def known_to_be_small(seed: int) -> list[Any]:
    chance = random.Random(seed)
    leaves = country(chance)
    before = {day for one, _ in publish(leaves) for day in one.boundaries}
    come_late(chance, leaves)
    told = Told(leaves, publish(leaves, before))
    targets = list(told.small())
    assert targets
    some = chance.sample(targets, min(MOST, len(targets)))
    return [name for name, row in some if told.sums.surely_below(row, THRESHOLD)]


@pytest.mark.parametrize("seed", range(8))
def test_from_all_sums_together_nothing_small_is_known(seed: int) -> None:
    assert known_to_be_small(seed) == []


@pytest.mark.parametrize("rule", ["_hide_beside", "_hide_after"])
def test_the_attack_succeeds_without_either_rule_of_what_hidden_places_hold_together(
    rule: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(complementary._Unions, rule, lambda *_: False)
    assert any(known_to_be_small(seed) for seed in range(8))
