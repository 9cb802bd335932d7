"""Cutting the places within one, so that what is left of a published total gives nothing away (complementary rule).

At each boundary of the whole some of its parts are cut and the others are hidden. Whoever subtracts the parts that are
cut from the whole knows what the hidden ones hold together, so this *union* must not be small either:

- it is never one place alone, and in every guarded count zero or at least the threshold; as many more as places share
  it, since each of those that is shown as suppressed may be known to hold something;
- the same between any two boundaries, where the same places are hidden at both.

Where no part is cut nothing can be subtracted: only the whole is known, and that is harmless. Boundaries between which
nothing was counted anywhere are one (`_runs`): who is cut at one of them is cut at each.

Where a union is small, the smallest part that is cut there, and holds enough, joins the hidden ones; or no part is cut
there at all. What joins adds the threshold or more, so a union that was large never grows small by it. Of all that
would do, what costs no boundary that was published comes first: whoever kept an earlier publication would subtract it
from this one. There is always one, as long as nothing came late: what made the union small is a new boundary. Then a
fine boundary goes before a coarse one: a day of the country shall not cost the provinces their year.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date
from itertools import pairwise
from operator import add, sub

from onboarding.figures.protection import Place, Vector, guarded, rests

Gap = tuple[date, date]
"""The boundaries of one place beside a day on which it is hidden; the first and the last day of all beyond them."""
Way = list[tuple[Place, date]]
"""Boundaries that would be given up."""


def cut_together(
    parent: Place, children: Collection[Place], rest: Place, candidates: Iterable[date], young: date = date.max
) -> None:
    """For the places within one whose boundaries stand. `rest` is what lies in it and in none of them: never cut."""
    runs = _runs(parent.boundaries, [parent, *children, rest])
    first_of = {day: first for first, run in runs.items() for day in run}
    days = [day for day in candidates if day in first_of]
    for child in children:
        child.published = frozenset(first_of[day] for day in child.published if day in first_of)
        _cut(child, [day for day in days if first_of[day] in child.published], first_of, date.max)
        _cut(child, days, first_of, young)
    ranks = {first_of[day]: rank for rank, day in reversed(list(enumerate(days)))}
    unions = _Unions(parent, ranks, list(children), rest)
    while unions.hide():
        pass
    for child in children:
        child.boundaries = [day for first in child.boundaries for day in runs[first] if child.may_stand(day)]


def _runs(days: Sequence[date], places: Collection[Place]) -> dict[date, list[date]]:
    """Boundaries between which nothing was counted anywhere, by the first of them: one says what the others say.

    A place that is cut at one of them is cut at all of them for whoever subtracts, so it is looked at once.
    """
    active = sorted({day for place in places for day in place.days if any(place.on(day))})
    found: dict[date, list[date]] = {}
    for before, day in pairwise([None, *days]):
        assert day is not None
        is_same = before is not None and bisect_left(active, before) == bisect_left(active, day)
        found.setdefault(next(reversed(found)) if is_same else day, []).append(day)
    return found


def _cut(child: Place, days: Iterable[date], first_of: Mapping[date, date], young: date) -> None:
    for day in days:
        if child.may_cut(day, young):
            child.cut(first_of[day])


class _Unions:
    """What hidden places hold together, on both sides of each boundary and between any two."""

    def __init__(self, parent: Place, ranks: Mapping[date, int], children: Sequence[Place], rest: Place) -> None:
        self.parent, self.children, self.ranks = parent, children, ranks
        self.places = [*children, *([] if rest.is_empty else [rest])]
        self.days = sorted(ranks)
        """Boundaries before which something was counted (`_runs`), ranked as they are tried."""
        self.none = (0,) * len(rest.sums[0])
        self.begins_known = bool(self.days) and not any(parent.between(date.min, self.days[0]))
        """Whether nothing was counted before the first boundary: then what came before a part's own is known."""
        self.gaps: dict[date, dict[int, Gap]] = {}
        self.sides: dict[date, tuple[Vector, Vector]] = {}

    def hide(self) -> bool:
        """Whether anything had to join."""
        rules = (self._hide_the_lone, self._hide_beside, self._hide_rests, self._hide_after)
        joined = [day for rule in rules for day in self.days if rule(day)]
        return bool(joined)

    def _is_shown(self, day: date) -> bool:
        """Whether any part is cut here, so that something can be subtracted."""
        return len(self._hidden(day)) < len(self.places)

    def _hide_the_lone(self, day: date) -> bool:
        """One place alone that is not cut here could be subtracted: another with something to hide before it joins."""
        has_joined = False
        while self._is_shown(day) and (lone := self._lone(day)):
            self._take(day, self._ways_beside(day, *lone))
            has_joined = True
        return has_joined

    def _lone(self, day: date) -> tuple[int, int] | None:
        """The only place that holds something of a count before the day, and which count."""
        hidden = self._hidden(day)
        counts = {number: guarded(self._side(number, gap, day, is_before=True)) for number, gap in hidden.items()}
        for index in range(len(guarded(self.none))):
            hiding = [number for number, found in counts.items() if found[index]]
            if len(hiding) == 1:
                return hiding[0], index
        return None

    def _ways_beside(self, day: date, lone: int, index: int) -> Iterator[Way]:
        """Hide whoever has something of the count before the day, too."""
        for number, child in enumerate(self.children):
            if number != lone and guarded(child.until(day))[index]:
                yield [(child, lost) for lost in child.days_to_join(day, index)]

    def _hide_beside(self, day: date) -> bool:
        """Before the day and behind it, as far as each of the hidden places is not cut."""
        has_joined = False
        for is_before in (True, False):
            while self._is_shown(day) and (small := self._beside(day, is_before=is_before)):
                self._take(day, self._ways(day, small[0], is_before=is_before))
                has_joined = True
        return has_joined

    def _beside(self, day: date, *, is_before: bool) -> list[int]:
        gaps = self._hidden(day)
        ends = [first if is_before else last for first, last in gaps.values()]
        if not ends or date.max in ends or (date.min in ends and not self.begins_known):
            return []
        whole = guarded(self._sum(day)[0 if is_before else 1])
        if not _small([(count, len(gaps)) for count in whole], self.parent):
            return []
        parts = [self._side(place, gap, day, is_before=is_before) for place, gap in gaps.items()]
        return self._small_of(map(guarded, parts))

    def _hide_rests(self, day: date) -> bool:
        """What is between numerator and denominator of all that hidden places counted by the day, likewise."""
        has_joined = False
        while self._is_shown(day) and (small := self._rests(day)):
            ways = [[(one, day)] for one in self.children if one.is_cut(day) and rests(one.until(day))[small[0]]]
            self._take(day, ways)
            has_joined = True
        return has_joined

    def _rests(self, day: date) -> list[int]:
        gaps = self._hidden(day)
        if not self.begins_known and any(first == date.min for first, _last in gaps.values()):
            return []
        return self._small_of(rests(self.places[place].until(day)) for place in gaps)

    def _small_of(self, counts: Iterable[Vector]) -> list[int]:
        """Which counts of some places together are small for as many as share them."""
        return _small([(sum(found), sum(map(bool, found))) for found in zip(*counts, strict=True)], self.parent)

    def _hide_after(self, first: date) -> bool:
        """Between the day and each later one, as long as some place is in the same gap on both."""
        has_joined = False
        while self._is_shown(first) and (found := self._small_after(first)):
            day, index = found
            beside = [*self._ways(day, index, is_before=True), *self._ways(first, index, is_before=False)]
            self._take(day, [*beside, self._nobody(first)])
            has_joined = True
        return has_joined

    def _small_after(self, first: date) -> tuple[date, int] | None:
        """The first day until which what is hidden is small, and in which count.

        That is what lies behind the one day and before the other; of gaps that hold both days, what lies between.
        """
        behind = self._sum(first)[1]
        gaps = sorted((gap[1], number, gap) for number, gap in self._hidden(first).items())
        both = _added((self.places[number].between(*gap) for _end, number, gap in gaps), self.none)
        passed = 0
        for day in self.days[bisect_left(self.days, first) + 1 :]:
            while passed < len(gaps) and gaps[passed][0] <= day:
                both = tuple(map(sub, both, self.places[gaps[passed][1]].between(*gaps[passed][2])))
                passed += 1
            if passed == len(gaps):
                return None
            if self._is_shown(day):
                whole = tuple(map(sub, map(add, behind, self._sum(day)[0]), both))
                small = _small([(count, 1) for count in guarded(whole)], self.parent)
                if small:
                    return day, small[0]
        return None

    def _sum(self, day: date) -> tuple[Vector, Vector]:
        if day not in self.sides:
            gaps = self._hidden(day)
            before, behind = (
                [self._side(place, gap, day, is_before=is_before) for place, gap in gaps.items()]
                for is_before in (True, False)
            )
            self.sides[day] = _added(before, self.none), _added(behind, self.none)
        return self.sides[day]

    def _side(self, place: int, gap: Gap, day: date, *, is_before: bool) -> Vector:
        return self.places[place].between(gap[0], day) if is_before else self.places[place].between(day, gap[1])

    def _hidden(self, day: date) -> dict[int, Gap]:
        if day not in self.gaps:
            found = self.gaps[day] = {}
            for number, place in enumerate(self.places):
                if not place.is_cut(day):
                    found[number] = place.gap_around(day)
        return self.gaps[day]

    def _ways(self, day: date, index: int, *, is_before: bool) -> Iterator[Way]:
        """Hide a part that is cut here, with something of the count on that side, or one that is hidden for longer."""
        for child in self.children:
            far = child.gap_around(day)[0 if is_before else 1]
            if not child.is_cut(day):
                if child.is_cut(far):
                    yield [(child, far)]
            elif guarded(child.between(far, day) if is_before else child.between(day, far))[index]:
                yield [(child, day)]

    def _nobody(self, day: date) -> Way:
        """No part is cut here any more."""
        return [(child, day) for child in self.children if child.is_cut(day)]

    def _take(self, day: date, ways: Iterable[Way]) -> None:
        """Take the way that costs the fewest published and the finest boundaries, of the smallest place cut there.

        That no part is cut on the day is always one.
        """

        def price(way: Way) -> tuple[int, int, bool, bool, Vector]:
            place, lost = way[0][0], sum(one in part.published for part, one in way)
            coarsest, is_of_many = (
                min(self.ranks[one] for _part, one in way),
                any(part is not place for part, _one in way),
            )
            return lost, -coarsest, is_of_many, not place.is_cut(day), place.sums[-1]

        for place, lost in min([*ways, self._nobody(day)], key=price):
            first, last = place.gap_around(lost)
            place.give_up(lost)
            for other in [other for other in self.gaps if first < other < last]:
                del self.gaps[other]
                self.sides.pop(other, None)


def _small(counts: Iterable[tuple[int, int]], place: Place) -> list[int]:
    """Which counts are small for as many places as share each of them."""
    return [index for index, (count, many) in enumerate(counts) if 0 < count < place.threshold + max(many - 1, 0)]


def _added(vectors: Iterable[Vector], none: Vector) -> Vector:
    return tuple(map(sum, zip(none, *vectors, strict=True)))
