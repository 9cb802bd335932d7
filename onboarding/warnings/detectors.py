"""What counts as odd, as plain rules over numbers. Thresholds are wide: every warning costs somebody a visit.

Modified z-score: Iglewicz and Hoaglin, How to Detect and Handle Outliers (1993), with their limit of 3.5.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import sqrt
from statistics import median

FEWEST_WEEKS, HIGHEST_SCORE, LEAST = 8, 3.5, 10
"""Weeks that are known before one is judged; the limit of the score; and what is too few to speak of."""
JUMP_DAYS, JUMP_TIMES, JUMP_LEAST = 7, 3, 20
"""Days with anything before a day is judged, how many times the highest of them it is, and how much more."""
BUNCH_DAYS, BUNCH_SHARE, BUNCH_LEAST = 3, 0.5, 20
BURST_MINUTES, BURST_RECORDS = 15, 8
CLAIMS, CONFIRMED_SHARE = 10, 0.5
"""Claims that could be confirmed before a team is judged, and the share of them that should have been."""
SILENT_WORKING_DAYS = 10


@dataclass(frozen=True, slots=True)
class Outlier:
    """How far the last number lies from the middle of those before it."""

    number: int
    middle: float
    score: float


def outlier(numbers: Sequence[int]) -> Outlier | None:
    """The last of these weeks beside those before it. Counts scatter by their root at least."""
    *before, last = numbers
    if len(before) < FEWEST_WEEKS:
        return None
    middle = median(before)
    spread = median(abs(number - middle) for number in before)
    score = (last - middle) / max(spread / 0.6745, sqrt(max(middle, 1)))
    if abs(score) <= HIGHEST_SCORE or abs(last - middle) < LEAST:
        return None
    return Outlier(last, middle, round(score, 1))


def is_jump(numbers: Sequence[int]) -> bool:
    """Whether the last of these days is far above every day before it."""
    *before, last = numbers
    if sum(number > 0 for number in before) < JUMP_DAYS:
        return False
    return last >= JUMP_TIMES * max(before) and last - max(before) >= JUMP_LEAST


def is_bunched(by_day: Sequence[int]) -> bool:
    """Whether half of a month's records or more are of its last three days."""
    whole = sum(by_day)
    return whole >= BUNCH_LEAST and sum(by_day[-BUNCH_DAYS:]) >= BUNCH_SHARE * whole


def burst(moments: Sequence[datetime]) -> tuple[datetime, datetime, int] | None:
    """The fullest quarter of an hour of one member's day, when nobody could help so many."""
    found: tuple[datetime, datetime, int] | None = None
    in_order, first = sorted(moments), 0
    for last, moment in enumerate(in_order):
        while moment - in_order[first] > timedelta(minutes=BURST_MINUTES):
            first += 1
        number = last - first + 1
        if number >= BURST_RECORDS and (found is None or number > found[2]):
            found = (in_order[first], moment, number)
    return found


def is_unconfirmed(claims: int, confirmed: int) -> bool:
    """Whether the system saw less than half of what was claimed and could be seen."""
    return claims >= CLAIMS and confirmed < CONFIRMED_SHARE * claims
