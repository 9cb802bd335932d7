"""Cutting the places within one, so that what is left of a published total gives nothing away (complementary rule).

At each boundary of the whole some of its parts are cut and the others are hidden. Whoever subtracts the parts that are
cut from the whole knows what the hidden ones hold together, so this *union* must not be small either:

- it is never one place alone, and in every guarded count zero or at least the threshold; as many more as places share
  it, since each of those that is shown as suppressed may be known to hold something;
- the same between any two boundaries, where the same places are hidden at both.

Boundaries between which nothing was counted anywhere are one (`_runs`): who is cut at one of them is cut at each.

Where it is small, the smallest part that is cut there, and holds enough, joins the hidden ones. What joins adds the
threshold or more, so a union that was large never grows small by it. Of all that would do, what costs no boundary that
was published comes first: whoever kept an earlier publication would subtract it from this one.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import partial
from itertools import pairwise

from onboarding.figures.protection import Place, Vector, guarded

Gap = tuple[date, date]
"""The boundaries of one place beside a day on which it is hidden; the first and the last day of all beyond them."""
Way = tuple[Place, Callable[[Place], None]]
"""A place, and what it would give up."""


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
    is_small = True
    while is_small:
        while any(_hide_the_lone(day, children, rest, parent.boundaries[-1]) for day in runs):
            pass
        is_small = _Unions(parent, list(runs), list(children), rest).hide()
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


def _hide_the_lone(day: date, children: Collection[Place], rest: Place, last: date) -> bool:
    """One place alone that is not cut here could be subtracted: the smallest other with something to hide joins it.

    What it has to hide must lie before the `last` boundary of the whole: nobody can miss what is in no total.
    """
    hidden = [(one, guarded(one.hidden_around(day, last))) for one in (*children, rest) if not one.is_cut(day)]
    for index in range(len(guarded(rest.sums[-1]))):
        hiding = [one for one, counts in hidden if counts[index]]
        if len(hiding) == 1:
            others = [one for one in children if one is not hiding[0] and guarded(one.between(date.min, last))[index]]
            if _take_cheapest(day, [(one, partial(Place.join, day=day, index=index, last=last)) for one in others]):
                return True
    return False


def _take_cheapest(day: date, ways: Collection[Way]) -> Place | None:
    """Take the way that costs the fewest published boundaries, of the smallest place that is cut there first."""
    if not ways:
        return None
    place, give_up = min(ways, key=lambda way: (way[0].price(way[1]), not way[0].is_cut(day), way[0].sums[-1]))
    give_up(place)
    return place


class _Unions:
    """What hidden places hold together, on both sides of each boundary and between any two."""

    def __init__(self, parent: Place, days: Sequence[date], children: Sequence[Place], rest: Place) -> None:
        self.parent, self.children = parent, children
        self.places = [*children, *([] if rest.is_empty else [rest])]
        self.days = days
        """Boundaries before which something was counted (`_runs`)."""
        self.none = (0,) * len(rest.sums[0])
        self.begins_known = bool(self.days) and not any(parent.between(date.min, self.days[0]))
        """Whether nothing was counted before the first boundary: then what came before a part's own is known."""
        self.gaps: dict[date, dict[int, Gap]] = {}
        self.sides: dict[date, tuple[Vector, Vector]] = {}

    def hide(self) -> bool:
        """Whether anything had to join."""
        beside = [self._hide_beside(day) for day in self.days]
        return any([*beside, *(self._hide_after(day) for day in self.days)])

    def _hide_beside(self, day: date) -> bool:
        """Before the day and behind it, as far as each of the hidden places is not cut."""
        has_joined = False
        for is_before in (True, False):
            while any(self._join(day, index, is_before=is_before) for index in self._beside(day, is_before=is_before)):
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
        counts = [guarded(part) for part in parts]
        return _small([(sum(found), sum(map(bool, found))) for found in zip(*counts, strict=True)], self.parent)

    def _hide_after(self, first: date) -> bool:
        """Between the day and each later one, as long as some place is in the same gap on both."""
        has_joined = False
        for day in self.days[bisect_left(self.days, first) + 1 :]:
            if not self._in_both(first, day):
                break
            while any(self._join(day, index, is_before=True) for index in self._between(first, day)):
                has_joined = True
        return has_joined

    def _in_both(self, first: date, day: date) -> dict[int, Gap]:
        """Places with the same gap around both."""
        return {place: gap for place, gap in self._hidden(first).items() if gap[1] > day}

    def _between(self, first: date, day: date) -> list[int]:
        """What is behind the one day and before the other; of gaps that hold both days, what lies between."""
        both = [*self._sum(first)[1:], *self._sum(day)[:1]]
        whole = [sum(counts) for counts in zip(*both, strict=True)]
        for place, gap in self._in_both(first, day).items():
            whole = [all_ - some for all_, some in zip(whole, self.places[place].between(*gap), strict=True)]
        return _small([(count, 1) for count in guarded(tuple(whole))], self.parent)

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

    def _join(self, day: date, index: int, *, is_before: bool) -> bool:
        """Hide a part that is cut here, with something of the count on that side, or one that is hidden for longer."""
        place = _take_cheapest(day, list(self._ways(day, index, is_before=is_before)))
        if place is None:
            return False
        first, last = place.gap_around(day)
        for other in [other for other in self.gaps if first < other < last]:
            del self.gaps[other]
            self.sides.pop(other, None)
        return True

    def _ways(self, day: date, index: int, *, is_before: bool) -> Iterator[Way]:
        for child in self.children:
            far = child.gap_around(day)[0 if is_before else 1]
            if not child.is_cut(day):
                if child.is_cut(far):
                    yield child, partial(Place.give_up, day=far)
            elif guarded(child.between(far, day) if is_before else child.between(day, far))[index]:
                yield child, partial(Place.join, day=day, index=index, last=self.days[-1])


def _small(counts: Iterable[tuple[int, int]], place: Place) -> list[int]:
    """Which counts are small for as many places as share each of them."""
    return [index for index, (count, many) in enumerate(counts) if 0 < count < place.threshold + max(many - 1, 0)]


def _added(vectors: Iterable[Vector], none: Vector) -> Vector:
    return tuple(map(sum, zip(none, *vectors, strict=True)))
