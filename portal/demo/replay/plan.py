"""Who does what on which day: drawn once from the seed, the same for every process and every resumption.

Whole numbers come first: exactly so many are issued, exactly so many of these activated. The days are drawn after that,
so that a rounding never changes a figure. Officers work on working days; people apply and activate on any day.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from random import Random

from identity.deadlines import VIETNAM, Calendar
from portal.demo.replay.campaign import Group, Played, province_by_commune
from portal.demo.replay.people import person

SEED = 20250701
CALENDAR = Calendar()
WORKING_DAY, DAY_OFF = 10, 3
"""How many apply on a day, one to the other."""
CALLS, VISITS, DECISIONS, ACTIVATIONS = (0, 0, 1), (0, 0, 1, 2), (0, 0, 1, 1, 2), (0, 0, 0, 1, 1, 2, 3, 4, 6)
"""How many days pass before the next step; working days for the office, days of the week for the person."""


class End(StrEnum):
    """How far somebody comes within the campaign."""

    ACTIVATED = "activated"
    ISSUED = "issued"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    SUPPLEMENT = "supplement"


class Act(StrEnum):
    """What is done on a day, in this order."""

    APPLY = "apply"
    RECEIVE = "receive"
    WITHDRAW = "withdraw"
    ASK = "ask"
    VISIT = "visit"
    REFUSE = "refuse"
    APPROVE = "approve"
    ACTIVATE = "activate"


UNISSUED = (End.REFUSED, End.REFUSED, End.WITHDRAWN, End.SUPPLEMENT, End.SUPPLEMENT)


@dataclass(frozen=True, slots=True)
class Step:
    """One act of one person at a moment."""

    act: Act
    number: int
    at: datetime


Day = Mapping[Act, list[Step]]


def draw_plan(played: Played, seed: int = SEED) -> dict[tuple[int, date], Day]:
    """The steps of every working group (by its number) on every day."""
    source = Random(f"{seed}:{played.name}:{played.scale}")
    ends = [*_ends(played)]
    source.shuffle(ends)
    weights = [WORKING_DAY if CALENDAR.is_working_day(day) else DAY_OFF for day in played.days]
    applied = source.choices(played.days, weights, k=played.applied)
    by_province, provinces = _groups_by_province(played), province_by_commune(played.first_day)
    found: dict[tuple[int, date], dict[Act, list[Step]]] = defaultdict(lambda: defaultdict(list))
    for number, (end, day) in enumerate(zip(ends, applied, strict=True)):
        groups = by_province[provinces[person(number, seed, played.first_day).unit_code]]
        group = groups[number % len(groups)]
        for step in _steps(Random(f"{seed}:{played.name}:{number}"), number, end, day, played.last_day):
            found[group.number, _day_of(step.at)][step.act].append(step)
    return {key: dict(day) for key, day in found.items()}


def _ends(played: Played) -> Iterator[End]:
    yield from [End.ACTIVATED] * played.activated
    yield from [End.ISSUED] * (played.issued - played.activated)
    yield from (UNISSUED[n % len(UNISSUED)] for n in range(played.applied - played.issued))


def _groups_by_province(played: Played) -> dict[str, list[Group]]:
    found: dict[str, list[Group]] = defaultdict(list)
    for group in played.groups:
        for code in group.provinces:
            found[code].append(group)
    return found


def _steps(source: Random, number: int, end: End, day: date, last: date) -> Iterator[Step]:
    """One after the other, none after the campaign's last day."""
    applied = _at(day, time(7), source.randint(0, 45 if day == last else 600))
    yield Step(Act.APPLY, number, applied)
    received = _office(source, applied, CALLS, last)
    yield Step(Act.RECEIVE, number, received)
    if end in (End.WITHDRAWN, End.SUPPLEMENT):
        yield Step(Act.WITHDRAW if end is End.WITHDRAWN else Act.ASK, number, _soon(source, received))
        return
    visited = _office(source, received, VISITS, last)
    yield Step(Act.VISIT, number, visited)
    decided = _office(source, visited, DECISIONS, last)
    yield Step(Act.REFUSE if end is End.REFUSED else Act.APPROVE, number, decided)
    if end is End.ACTIVATED:
        day = min(_day_of(decided) + timedelta(days=source.choice(ACTIVATIONS)), last)
        evening = _at(day, time(18), source.randint(0, 180))
        yield Step(Act.ACTIVATE, number, max(evening, _soon(source, decided)))


def _office(source: Random, after: datetime, waits: tuple[int, ...], last: date) -> datetime:
    """Soon on the same working day, or in the morning of a later one."""
    day = _day_of(after)
    wait = source.choice(waits)
    if not wait and CALENDAR.is_working_day(day) and after.astimezone(VIETNAM).hour < 16:
        return max(_soon(source, after), _at(day, time(8), source.randint(0, 20)))
    later = CALENDAR.add_working_days(day, max(wait, 1))
    if later > last:
        return _soon(source, after)
    return _at(later, time(8), source.randint(0, 120))


def _soon(source: Random, after: datetime) -> datetime:
    return after + timedelta(minutes=source.randint(15, 40))


def _at(day: date, hour: time, minutes: int) -> datetime:
    return datetime.combine(day, hour, VIETNAM).astimezone(UTC) + timedelta(minutes=minutes)


def _day_of(moment: datetime) -> date:
    return moment.astimezone(VIETNAM).date()
