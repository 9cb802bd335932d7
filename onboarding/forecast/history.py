"""The weekly series that a forecast is made of: what was reached by the end of each complete week.

Exact for a ward, whose own people read it. Above it, what is published: a point only where a week ends on a published
boundary. Only such points are counted, shown and compared with; what reckons week by week spreads evenly what lies
between two of them (`filled`), so that nothing hidden is reckoned with.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from onboarding.figures.facts import DAY, fact, series
from onboarding.figures.model import PublishedSpan
from onboarding.figures.periods import span
from onboarding.figures.registry import Indicator
from onboarding.forecast.shape import Point, share_of

LONGEST = 104
WEEK = timedelta(days=7)
Pairs = Mapping[date, tuple[int, int]]


def exact_history(db: Session, one: Indicator, unit_id: UUID, since: date | None, *, today: date) -> tuple[Point, ...]:
    """From the first day counted (or `since`) to the last complete week; at most 104 weeks of it."""
    days = _days(db, one, unit_id, since, None)
    if not days:
        return ()
    first, last = monday(min(days)), monday(today)
    ends = [first + WEEK * number for number in range(1, (last - first).days // 7 + 1)]
    return _points(db, one, unit_id, days, ends, None)[-LONGEST:]


def spans_of(db: Session, unit_id: UUID) -> dict[str, PublishedSpan]:
    """What is published of a place, by family."""
    return {row.family: row for row in db.scalars(select(PublishedSpan).where(PublishedSpan.unit_id == unit_id))}


def published_history(db: Session, one: Indicator, known: PublishedSpan, since: date | None) -> tuple[Point, ...]:
    """Published weeks only, with the counts of the publication; the others are left out."""
    days = [date.fromisoformat(day) for day in known.boundaries]
    begins = [day for day in days if since is None or day >= since]
    if not begins:
        return ()
    counts = _days(db, one, known.unit_id, begins[0], known.as_of)
    ends = [day for day in begins[1:] if day.isoweekday() == 1]
    points = _points(db, one, known.unit_id, counts, ends, known.as_of)
    return tuple(point for point in points if point.week > points[-1].week - WEEK * LONGEST)


def begun_late(db: Session, one: Indicator, known: PublishedSpan, since: date | None) -> date | None:
    """The first day of `published_history` where what was counted before it, from `since` on, is not published.

    None where nothing is left out. Between two boundaries it is not told whether there was anything.
    """
    days = [date.fromisoformat(day) for day in known.boundaries]
    begins = next((day for day in days if since is None or day >= since), None)
    if begins is None or begins == since:
        return None
    if begins == days[0] and not any(
        day < begins and any(pair) for day, pair in _days(db, one, known.unit_id, None, known.as_of).items()
    ):
        return None
    return begins


def monday(day: date) -> date:
    """The first day of its week."""
    return day - timedelta(days=day.weekday())


def _days(db: Session, one: Indicator, unit_id: UUID, since: date | None, as_of: datetime | None) -> Pairs:
    found = series(db, [one.code], [unit_id], DAY, as_of)
    return {day: pair for (_code, _unit, day), pair in found.items() if since is None or day >= since}


def _points(
    db: Session, one: Indicator, unit_id: UUID, days: Pairs, ends: list[date], as_of: datetime | None
) -> tuple[Point, ...]:
    """What was reached before each of the `ends`."""
    if not ends or not days:
        return ()
    level = _level(db, one, unit_id, days, ends[-1], as_of)
    found, some, all_ = [], 0, 0
    waiting = sorted(days)
    for end in ends:
        while waiting and waiting[0] < end:
            pair = days[waiting.pop(0)]
            some, all_ = some + pair[0], all_ + pair[1]
        whole = all_ if level is None else level
        if some or whole:  # nothing of nothing is missing, not zero
            found.append(_point(end - WEEK, some, whole))
    return tuple(found)


def _level(db: Session, one: Indicator, unit_id: UUID, days: Pairs, end: date, as_of: datetime | None) -> int | None:
    """A denominator that papers give stands beside the counts and does not grow with them: the newest one."""
    if any(all_ for _some, all_ in days.values()):
        return None
    whole = fact(db, one.code, unit_id, span(min(days), max(min(days), end - timedelta(days=1))), as_of)
    return whole.denominator if whole is not None and whole.denominator else None


def filled(points: Sequence[Point]) -> tuple[Point, ...]:
    """A point for every week: between two that are known, in a straight line. To reckon with, never to show."""
    found: list[Point] = []
    for point in points:
        if found:
            before, weeks = found[-1], (point.week - found[-1].week).days // 7
            for number in range(1, weeks):
                some = before.numerator + (point.numerator - before.numerator) * number // weeks
                all_ = before.denominator + (point.denominator - before.denominator) * number // weeks
                found.append(_point(before.week + WEEK * number, some, all_))
        found.append(point)
    return tuple(found)


def _point(week: date, some: int, all_: int) -> Point:
    return Point(week, share_of(some, all_), some, all_)
