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
from tests.onboarding.test_published import THRESHOLD, Attacker, place, summed

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


ENDS = (date(2025, 8, 1), date(2025, 9, 1), date(2025, 10, 1))
"""Days of three publications."""
JULY_TO_SEPTEMBER = [date(2025, 7, 1) + timedelta(days=number) for number in range(92)]


def communes_of(chance: random.Random) -> list[dict[date, tuple[int, int]]]:
    """Communes that each do much in one month and little in another."""
    paces = [[chance.choice([0.1, 0.5, 1.5, 5, 15]) for _ in ENDS] for _ in range(chance.choice([3, 4, 5]))]
    found = []
    for pace in paces:
        counts = {
            day: sum(chance.random() < 0.5 for _ in range(round(2 * pace[day.month - 7]))) for day in JULY_TO_SEPTEMBER
        }
        few = {day: 1 for day in JULY_TO_SEPTEMBER if chance.random() < 2 * pace[day.month - 7] % 1}
        found.append({day: (n, n) for day in JULY_TO_SEPTEMBER if (n := counts[day] + few.get(day, 0))})
    return found


def _about(chance: random.Random, pace: float) -> int:
    return sum(chance.random() < 0.5 for _ in range(int(2 * pace))) + (chance.random() < 2 * pace % 1)


def known_from_all_publications(seed: int) -> list[Any]:
    """Small months of communes that whoever kept each publication reckons from them. Nothing comes late."""
    communes = communes_of(random.Random(seed))
    rows: list[Row] = []
    before: list[frozenset[date]] = [frozenset()] * (len(communes) + 1)
    for end in ENDS:
        known = [{day: counts for day, counts in days.items() if day < end} for days in communes]
        whole, parts = place(summed(known)), [place(days) for days in known]
        for one, published in zip([whole, *parts], before, strict=True):
            one.published = published
        order, young = candidates(date(2025, 7, 1), end, frozenset().union(*before), closing=14), end.replace(day=1)
        cut_alone(whole, order, young)
        cut_together(whole, [one for one in parts if not one.is_empty], place({}), order, young)
        before = [frozenset(one.boundaries) for one in [whole, *parts]]
        for one, members in [(whole, range(len(parts))), *((one, [number]) for number, one in enumerate(parts))]:
            for first, last in pairwise(one.boundaries):
                cells = {(at, day): 1 for at in members for day in JULY_TO_SEPTEMBER if first <= day < last}
                rows += [cells] if any(one.between(first, last)) else [{cell: 1} for cell in cells]
    attacker, months = Attacker(rows), []
    for at, days in enumerate(communes):
        for month in (7, 8, 9):
            cell = {(at, day): 1 for day in JULY_TO_SEPTEMBER if day.month == month}
            if 0 < sum(days[day][0] for _, day in cell if day in days) < THRESHOLD and attacker.knows(cell):
                months.append((at, month))
    return months


@pytest.mark.parametrize("seed", range(24))
def test_who_keeps_every_publication_learns_no_small_month(seed: int) -> None:
    assert known_from_all_publications(seed) == []


def test_what_is_in_no_published_total_hides_nobody() -> None:
    """The smallest other place has counts only behind the last boundary of the whole: nothing would be missed there."""
    day, behind = date(2025, 7, 1), date(2025, 7, 20)
    counts = {"large": {day: (60, 60)}, "small": {day: (3, 3)}, "next": {day: (20, 20)}, "later": {behind: (6, 6)}}
    whole, parts = place(summed(counts.values())), {name: place(days) for name, days in counts.items()}
    order = candidates(day, day + timedelta(days=10), (), closing=14)
    cut_alone(whole, order)
    cut_together(whole, list(parts.values()), place({}), order)
    cut = {name for name, one in parts.items() if one.is_cut(day + timedelta(days=1))}
    assert cut == {"large", "later"}
