"""Where figures may be cut for publication, so that no small count can be got back from them.

A published figure is exact or suppressed. Each place has *boundaries*: days at which its time may be cut; a period is
published when it begins and ends on one. Two rules make differences harmless, over time and over the hierarchy:

- between two neighbouring boundaries of a place every guarded count (numerators, denominators, their differences) is
  zero or at least the threshold. So is whatever can be subtracted within the place, weeks from months too;
- a place is cut only where what it lies in is cut, and there at least two places with something to hide are not, or
  none; what those hold together is zero or at least the threshold too (`complementary`).

A family within another is cut only where that one is cut (`allowed`), so that parts and whole give nothing away. Where
a paper says how many there are (`bounds`), those left over are none or at least the threshold too.

Boundaries are taken coarse before fine (years, half-years, quarters, months, state months, weeks, days), and first of
all those that the place itself published before: only a late event that makes a gap small withdraws one. Days of the
running month are cut only where much happens, since a cut that stands in the way of the month's end could not be taken
back.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import date, timedelta
from itertools import pairwise
from operator import itemgetter, sub

from identity.deadlines import rule

MUCH = 10
"""How many times the threshold, where a cut comes early."""
Vector = tuple[int, ...]
"""Guarded counts, summed from the first day on: numerators and denominators of a family's indicators by turns."""
Bound = tuple[date, tuple[int | None, ...]]
"""How many there are from a day on, as papers say, indicator by indicator."""


class Place:
    """One place's counts by day, and the boundaries taken so far."""

    def __init__(
        self,
        days: Mapping[date, Vector],
        width: int,
        threshold: int,
        bounds: Sequence[Bound] = (),
        allowed: Collection[date] | None = None,
    ) -> None:
        self.threshold, self.days, self.bounds, self.allowed = threshold, sorted(days), bounds, allowed
        self.sums: list[Vector] = [(0,) * width]
        for day in self.days:
            self.sums.append(tuple(a + b for a, b in zip(self.sums[-1], days[day], strict=True)))
        self._until: dict[date, Vector] = {}
        self.boundaries: list[date] = []
        self.published: frozenset[date] = frozenset()
        """Boundaries of the publication before. They are known: whoever kept them subtracts from them for ever."""

    @property
    def is_empty(self) -> bool:
        """Whether nothing was ever counted here: a zero that hides nothing, and nobody."""
        return not any(map(any, self.sums))

    def between(self, first: date, end: date) -> Vector:
        """The counts from one day until before another."""
        return tuple(map(sub, self.until(end), self.until(first)))

    def until(self, day: date) -> Vector:
        """The counts before the day."""
        if day not in self._until:
            self._until[day] = self.sums[bisect_left(self.days, day)]
        return self._until[day]

    def on(self, day: date) -> Vector:
        """The counts of one day."""
        return self.between(day, day + timedelta(days=1))

    def around(self, day: date) -> tuple[Vector, Vector]:
        """What would lie between the day and the boundaries beside it, both ways; outside them, nothing."""
        at = bisect_left(self.boundaries, day)
        none = (0,) * len(self.sums[0])
        left = self.between(self.boundaries[at - 1], day) if at else none
        right = self.between(day, self.boundaries[at]) if at < len(self.boundaries) else none
        return left, right

    def may_cut(self, day: date, young: date = date.max) -> bool:
        """Whether both new gaps are harmless; from the day `young` on, also with much to spare."""
        times = MUCH if day > young else 1
        return self.may_stand(day) and all(self.is_harmless(gap, times) for gap in self.around(day))

    def may_stand(self, day: date) -> bool:
        """Whether the family that this one lies within is cut here, and none or enough are left: of all there are by
        papers, and of all that were counted by then, for gaps of more and of less may cancel out."""
        if self.allowed is not None and day not in self.allowed:
            return False
        return not any(0 < rest < self.threshold for rest in rests(self.until(day))) and self._leaves_many(day)

    def _leaves_many(self, day: date) -> bool:
        """Whether none or enough are left until the day, of all there were by then and by every later paper."""
        until = self.until(day)[::2]
        known = max(bisect_left(self.bounds, day, key=itemgetter(0)) - 1, 0)
        pairs = (pair for _since, whole in self.bounds[known:] for pair in zip(until, whole, strict=True))
        return not any(bound is not None and 0 < bound - some < self.threshold for some, bound in pairs)

    def is_harmless(self, gap: Vector, times: int = 1) -> bool:
        """Zero or at least the threshold, in every count and in numerator against denominator."""
        return all(count == 0 or count >= self.threshold * times for count in guarded(gap))

    def gap_around(self, day: date) -> tuple[date, date]:
        """The boundaries before and behind the day, itself left out; beyond them the first and the last day of all."""
        at = bisect_left(self.boundaries, day)
        behind = at + 1 if self.is_cut(day) else at
        first = self.boundaries[at - 1] if at else date.min
        return first, self.boundaries[behind] if behind < len(self.boundaries) else date.max

    def is_cut(self, day: date) -> bool:
        """Whether the day is a boundary."""
        at = bisect_left(self.boundaries, day)
        return self.boundaries[at : at + 1] == [day]

    def days_to_join(self, day: date, index: int) -> list[date]:
        """The boundaries to give up so that it is hidden on the day, and something of this count before it."""
        at = bisect_left(self.boundaries, day)
        lost = [day] if self.is_cut(day) else []
        while at and not guarded(self.between(self.boundaries[at - 1], day))[index]:
            at -= 1
            lost.append(self.boundaries[at])
        return lost

    def give_up(self, day: date) -> None:
        """The day is no boundary any more."""
        if self.is_cut(day):
            self.boundaries.remove(day)

    def cut(self, day: date) -> None:
        """Take the boundary."""
        if not self.is_cut(day):
            insort(self.boundaries, day)


def guarded(gap: Vector) -> Vector:
    """Every count that must not be small: numerators, denominators, and what is between the two."""
    return (*map(abs, gap), *rests(gap))


def rests(counts: Vector) -> Vector:
    """What is between numerator and denominator: as those who applied and wait, once counted from the first day on."""
    return tuple(abs(all_ - some) for some, all_ in zip(counts[::2], counts[1::2], strict=True))


def threshold_on(day: date) -> int:
    """The smallest count that is published (rule `publication_threshold`)."""
    return int(rule("publication_threshold", day))


def cut_alone(place: Place, candidates: Iterable[date], young: date = date.max) -> None:
    """For the place at the top."""
    for day in candidates:
        if place.may_cut(day, young):
            place.cut(day)


def candidates(first: date, end: date, published: Collection[date], *, closing: int) -> list[date]:
    """The days from `first` to `end` in the order in which they are tried."""
    rank = _rank_of(closing)
    found = [first + timedelta(days=number) for number in range((end - first).days + 1)]
    return sorted(found, key=lambda day: (day not in published, rank(day), day))


def _rank_of(closing: int) -> Callable[[date], int]:
    def rank(day: date) -> int:
        firsts = {1: 0, 7: 1, 4: 2, 10: 2}
        if day.day == 1:
            return firsts.get(day.month, 3)
        if day.day == closing + 1:
            return 4 if day.month % 3 == 0 else 5
        return 6 if day.isoweekday() == 1 else 7

    return rank


def is_protected(place: Place) -> bool:
    """Whether every gap of the place is harmless; what the tests ask."""
    return all(place.is_harmless(place.between(a, b)) for a, b in pairwise(place.boundaries))
