"""What a rule may be changed to: the form of the value of today, words that the code knows, numbers that can be meant.

Two people agree on what is meant, not on what a slip of the keyboard does: without an end a term of a billion days
stops every page that reckons with it, and it could not be taken back before the next day.
"""

from __future__ import annotations

from datetime import date, time
from itertools import pairwise
from typing import Any

from identity.deadlines import WORKING_DAYS

MOST = {
    "years": 200,
    "percent of approvals": 100,
    "day of the month": 28,
    "working days": 366,
    "working hours": 2000,
    "characters": 64,
    "pixels of the shorter side": 2000,
}
"""The largest number, by the rule's unit."""
MOST_OF_ALL = 100_000
MAY_BE_NONE = frozenset({"percent of approvals", "requests"})
"""Units in which zero says something; anywhere else it would shut everybody out or end what the rule is for."""
LEAST = {"publication_threshold": 5}
"""The smallest number of a rule: with less, a day's publication could tell of single people, and not be taken back."""
MORE_WORDS = {"supplement_clock": frozenset({"remainder", "restart"})}
HOURS, DIGITS = "office_hours", "foreigner_number_prefix"
LONGEST_PREFIX = 3


def can_be_meant(name: str, wanted: Any, current: Any, unit: str) -> bool:
    """Whether the code could work with this value in place of the one of today."""
    if name == HOURS:
        return _are_hours(wanted)
    if name == WORKING_DAYS:
        return _are_days(wanted)
    if name == DIGITS:
        return isinstance(wanted, str) and wanted.isascii() and wanted.isdigit() and len(wanted) <= LONGEST_PREFIX
    if name in LEAST and isinstance(wanted, int | float) and wanted < LEAST[name]:
        return False
    words = _words_in(current) | MORE_WORDS.get(name, frozenset())
    return _is_alike(wanted, current, unit) and _words_in(wanted) <= words


def _is_alike(wanted: Any, current: Any, unit: str) -> bool:
    """The same shape: where code reads a number stays a number, and a list stays one with something in it."""
    if isinstance(current, bool) or isinstance(wanted, bool):
        return type(wanted) is type(current)
    if isinstance(current, int | float):
        return _is_number(wanted, current, unit)
    if isinstance(current, dict):
        alike = isinstance(wanted, dict) and wanted.keys() == current.keys()
        return alike and all(_is_alike(wanted[name], one, unit) for name, one in current.items())
    if isinstance(current, list):
        filled = isinstance(wanted, list) and (bool(wanted) or not current)
        return filled and all(any(_is_alike(one, example, unit) for example in current) for one in wanted)
    return type(wanted) is type(current)


def _is_number(wanted: Any, current: float, unit: str) -> bool:
    if not isinstance(wanted, int | float) or (isinstance(wanted, float) and not isinstance(current, float)):
        return False
    least = 0 if current == 0 or unit in MAY_BE_NONE else 1 if isinstance(current, int) else 1e-6
    return least <= wanted <= MOST.get(unit, MOST_OF_ALL)


def _words_in(value: Any) -> frozenset[str]:
    """Every word that stands in a value; names of an object are compared by its shape."""
    if isinstance(value, str):
        return frozenset({value})
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return frozenset().union(*(_words_in(part) for part in parts))


def _are_hours(wanted: Any) -> bool:
    """Spans of one day, one after the other: a day without any would make a term in working hours run for ever."""
    try:
        ends = [time.fromisoformat(end) for span in wanted for end in span]
        paired = all(isinstance(span, list) and len(span) == 2 for span in wanted)
    except (TypeError, ValueError):
        return False
    return bool(ends) and paired and all(end.tzinfo is None for end in ends) and all(a < b for a, b in pairwise(ends))


def _are_days(wanted: Any) -> bool:
    """Days of the calendar, each worked or off; those that stay unnamed are as the national table has them."""
    try:
        named = isinstance(wanted, dict) and all(date.fromisoformat(day).isoformat() == day for day in wanted)
    except ValueError:
        return False
    return named and all(isinstance(working, bool) for working in wanted.values())
