"""What is published gives no small count away: not by itself, and not by subtracting what else is published."""

from __future__ import annotations

import random
from collections import Counter
from datetime import date, timedelta
from fractions import Fraction
from itertools import combinations

import pytest

from onboarding.figures.complementary import cut_together
from onboarding.figures.periods import after, read_period
from onboarding.figures.protection import Place, candidates, cut_alone, is_protected

FIRST, DAYS = date(2025, 6, 29), 34
END = FIRST + timedelta(days=DAYS)
EVERY_DAY = [FIRST + timedelta(days=day) for day in range(DAYS)]
THRESHOLD = 10


def place(days, width=2):
    return Place(days, width, THRESHOLD)


def world(seed):
    """A small country: provinces of communes with a few events a day each, some communes nearly empty."""
    chance = random.Random(seed)
    return {
        (province, commune): {
            FIRST + timedelta(days=day): (some, some + more)
            for day in range(DAYS)
            if (some := _number(chance, pace)) + (more := _number(chance, pace / 2)) > 0
        }
        for province in range(chance.choice([2, 3]))
        for commune in range(chance.choice([2, 3, 4]))
        for pace in [chance.choice([0.05, 0.4, 1.5, 6, 20])]
    }


def _number(chance, pace):
    return sum(chance.random() < 0.5 for _ in range(int(pace * 2))) + (chance.random() < pace * 2 % 1)


def summed(parts):
    whole = {}
    for days in parts:
        for day, vector in days.items():
            whole[day] = tuple(a + b for a, b in zip(whole.get(day, (0, 0)), vector, strict=True))
    return whole


def published_places(communes):
    """As the worker does it: the nation, its provinces, their communes."""
    order = candidates(FIRST, END, set(), closing=14)
    nation = place(summed(communes.values()))
    cut_alone(nation, order)
    provinces = {
        name: place(summed(days for (at, _), days in communes.items() if at == name))
        for name in {at for at, _ in communes}
    }
    cut_together(nation, list(provinces.values()), place({}), order)
    leaves = {}
    for name, province in provinces.items():
        inside = {key: place(days) for key, days in communes.items() if key[0] == name}
        cut_together(province, list(inside.values()), place({}), order)
        leaves.update(inside)
    return nation, provinces, leaves


def gaps(one):
    return list(zip(one.boundaries, one.boundaries[1:], strict=False))


def equations(communes, nation, provinces, leaves, index):
    """Each published gap as a row over the unknowns (commune, day); in a gap of zero each of them is known."""
    inside = [(nation, set(communes))]
    inside += [(one, {key for key in communes if key[0] == name}) for name, one in provinces.items()]
    inside += [(one, {key}) for key, one in leaves.items()]
    for one, members in inside:
        for first, end in gaps(one):
            cells = [(key, day) for key in members for day in EVERY_DAY if first <= day < end]
            if one.between(first, end)[index]:
                yield dict.fromkeys(cells, 1)
            else:
                yield from ({cell: 1} for cell in cells)


class Attacker:
    """Knows every published figure, and that no count is below zero; subtracts in every way there is."""

    def __init__(self, rows):
        self.pivots = {}
        for row in rows:
            left = self.reduced(row)
            if left:
                pivot = min(left)
                self.pivots[pivot] = {cell: value / left[pivot] for cell, value in left.items()}

    def reduced(self, row):
        left = {cell: Fraction(value) for cell, value in row.items()}
        while True:
            pivot = next((cell for cell in sorted(left) if cell in self.pivots), None)
            if pivot is None:
                return left
            times = left[pivot]
            for cell, value in self.pivots[pivot].items():
                left[cell] = left.get(cell, Fraction()) - times * value
            left = {cell: value for cell, value in left.items() if value}

    def knows(self, row):
        return not self.reduced(row)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("index", [0, 1])
def test_no_difference_of_published_figures_gives_a_small_count_away(seed, index):
    communes = world(seed)
    attacker = Attacker(equations(communes, *published_places(communes), index))
    assert attacker.pivots
    small = [(name, cell) for name, cell in targets(communes) if is_small(communes, cell, index)]
    assert small
    assert [name for name, cell in small if attacker.knows(dict.fromkeys(cell, 1))] == []


def targets(communes):
    """Communes and provinces, and several of them together, in days, weeks, months, the whole."""
    inside = {name: {key for key in communes if key[0] == name} for name, _ in communes}
    groups = {key: set(key) for members in inside.values() for key in several(members)}
    groups |= {key: set().union(*(inside[name] for name in key)) for key in several(inside)}
    codes = {day.isoformat() for day in EVERY_DAY}
    codes |= {"2025-W27", "2025-W28", "2025-W29", "2025-W30", "2025-06", "2025-07", "S2025-07", "2025-Q2", "2025"}
    for name, members in groups.items():
        for code in sorted(codes):
            period = read_period(code, on=FIRST)
            days = [day for day in EVERY_DAY if period.first <= day < period.end]
            yield (name, code), [(key, day) for key in members for day in days]


def several(of):
    """One of them, two of them, and so on."""
    return [some for number in range(1, len(of) + 1) for some in combinations(sorted(of), number)]


def is_small(communes, cell, index):
    return 0 < sum(communes[key].get(day, (0, 0))[index] for key, day in cell) < THRESHOLD


def test_the_attack_succeeds_where_only_small_cells_are_kept_back():
    """The attacker is able: with the plain threshold rule it subtracts what is hidden."""
    communes = {(0, 0): {FIRST: (3, 3)}, (0, 1): {FIRST: (40, 80)}}
    rows = [{((0, 0), FIRST): 1, ((0, 1), FIRST): 1}, {((0, 1), FIRST): 1}]
    assert Attacker(rows).knows({((0, 0), FIRST): 1})
    assert not Attacker(equations(communes, *published_places(communes), 0)).knows({((0, 0), FIRST): 1})


@pytest.mark.parametrize("small", [{1: 1, 2: 1}, {1: 3, 2: 2}, dict.fromkeys(range(1, 11), 1)])
def test_hidden_places_are_together_not_small_either(small):
    """What is suppressed is not zero: ten that have ten between them have one each."""
    parts = [{FIRST: (60, 60)}, {FIRST: (20, 20)}, *({FIRST: (number, number)} for number in small.values())]
    whole, children = place(summed(parts)), [place(days) for days in parts]
    order = candidates(FIRST, FIRST + timedelta(days=1), set(), closing=14)
    cut_alone(whole, order)
    cut_together(whole, children, place({}), order)
    assert len(whole.boundaries) == 2
    hidden = [child.sums[-1][0] for child in children if len(child.boundaries) < 2]
    assert sorted(hidden) == sorted([*small.values(), 20]), "the smaller of the large ones, and not both"


def test_hidden_places_are_together_not_small_between_two_days_apart():
    """Before the first day and behind the last they hold many, between the two only four."""
    days = [FIRST + timedelta(days=number) for number in range(4)]
    parts = [
        {days[0]: (30, 30), days[1]: (2, 2), days[2]: (30, 30)},
        {days[0]: (30, 30), days[1]: (2, 2), days[2]: (30, 30)},
        *(dict.fromkeys(days[:3], (20, 20)) for _ in range(2)),
    ]
    whole, children = place(summed(parts)), [place(one) for one in parts]
    order = candidates(FIRST, days[3], set(), closing=14)
    cut_alone(whole, order)
    assert whole.boundaries == days
    cut_together(whole, children, place({}), order)
    for first, end in combinations(days, 2):
        left = whole.between(first, end)[0]
        left -= sum(one.between(first, end)[0] for one in children if one.is_cut(first) and one.is_cut(end))
        assert left == 0 or left >= THRESHOLD, (first, end)


@pytest.mark.parametrize("seed", range(6))
def test_large_places_are_published_in_full(seed):
    chance = random.Random(seed)
    days = {FIRST + timedelta(days=day): (chance.randint(20, 40), chance.randint(60, 90)) for day in range(DAYS)}
    one = place(days)
    cut_alone(one, candidates(FIRST, END, set(), closing=14))
    assert len(one.boundaries) == DAYS + 1
    assert is_protected(one)


def test_coarse_periods_come_before_fine_ones():
    """Twelve in each month, one every other day: the months can be published, so weeks and days cannot."""
    first = date(2025, 1, 1)
    days = {first + timedelta(days=number): (1, 1) for number in range(0, 181, 2)}
    one = Place(days, 2, THRESHOLD)
    cut_alone(one, candidates(first, date(2025, 7, 1), set(), closing=14))
    assert {after(first, number) for number in range(7)} <= set(one.boundaries)
    assert is_protected(one)


def test_what_was_published_stays_cut_and_what_grew_small_does_not():
    days = {date(2025, 1, 1): (12, 12), date(2025, 1, 8): (12, 12)}
    order = candidates(date(2025, 1, 1), date(2025, 2, 1), {date(2025, 1, 7)}, closing=14)
    assert order[0] == date(2025, 1, 7)
    one = Place(days, 2, THRESHOLD)
    cut_alone(one, order)
    assert date(2025, 1, 7) in one.boundaries
    late = Place({**days, date(2025, 1, 6): (1, 1), date(2025, 1, 7): (1, 1), date(2025, 1, 8): (7, 7)}, 2, THRESHOLD)
    cut_alone(late, order)
    assert is_protected(late)


def test_the_difference_to_the_denominator_is_guarded_too():
    one = place({FIRST: (48, 50)})
    assert not one.is_harmless(one.between(FIRST, END))
    assert place({FIRST: (50, 50)}).is_harmless((50, 50))
    assert Counter(place({FIRST: (0, 12)}).between(FIRST, END)) == Counter({0: 1, 12: 1})
