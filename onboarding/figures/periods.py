"""The times that figures are for, in Vietnamese days.

Codes follow ISO 8601 where it has one: `2025`, `2025-H1`, `2025-Q3`, `2025-07`, `2025-W27`, `2025-07-01`.
`2025-07-01-D12` is the twelfth day of a campaign that began on 1 July: 12 July. `S2025-07`
is a month of state reporting, which ends on a closing day of its own (dated rule `state_reporting_closing_day`;
Decree 09/2019/ND-CP reports a month from the 15th to the 14th, and so quarter, half-year, nine months and year:
`S2025-Q3`, `S2025-H1`, `S2025-9M`, `S2025`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from identity.base import Refused
from identity.deadlines import rule

FIRST_YEAR, LAST_YEAR = 1900, 9000
SHAPE = re.compile(
    r"(?P<year>\d{4})(?:-H(?P<half>[12])|-Q(?P<quarter>[1-4])|-W(?P<week>\d\d)|-(?P<month>\d\d)(?:-(?P<day>\d\d)"
    r"(?:-D(?P<number>[1-9]\d{0,2}))?)?)?",
    re.ASCII,
)
STATE_SHAPE = re.compile(
    r"S(?P<year>\d{4})(?:-(?:(?P<month>\d\d)|Q(?P<quarter>[1-4])|H(?P<half>[12])|(?P<nine>9M)))?", re.ASCII
)


class PeriodKind(StrEnum):
    """How long."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    STATE_MONTH = "state-month"
    STATE_QUARTER = "state-quarter"
    STATE_HALF_YEAR = "state-half-year"
    STATE_NINE_MONTHS = "state-nine-months"
    STATE_YEAR = "state-year"
    QUARTER = "quarter"
    HALF_YEAR = "half-year"
    YEAR = "year"
    SPAN = "span"


@dataclass(frozen=True, slots=True)
class Period:
    """From the first day to the last, both within."""

    kind: PeriodKind
    first: date
    last: date
    code: str

    @property
    def end(self) -> date:
        """The first day after it."""
        return self.last + timedelta(days=1)


def read_period(text: str, *, on: date) -> Period:
    """What a code names; `year`, `quarter` and `month` are those of the day `on`. Refused `period-unknown`."""
    text = {"year": f"{on.year}", "month": f"{on:%Y-%m}", "quarter": _quarter_of(on)}.get(text, text)
    try:
        if state := STATE_SHAPE.fullmatch(text):
            return _of_state(state, _year(state["year"]), text)
        found = SHAPE.fullmatch(text)
        if found is None:
            raise ValueError
        return _plain(found, _year(found["year"]), text)
    except (ValueError, LookupError):
        raise Refused("period-unknown", field="period") from None


def span(first: date, last: date) -> Period:
    """Any days that follow one another, like those of a campaign."""
    return Period(PeriodKind.SPAN, first, last, f"{first.isoformat()}/{last.isoformat()}")


def campaign_day(first: date, number: int) -> Period:
    """The day `number` of a campaign, counted from 1."""
    day = first + timedelta(days=number - 1)
    return Period(PeriodKind.DAY, day, day, day.isoformat())


def month_of(day: date) -> date:
    """The first day of its month."""
    return day.replace(day=1)


def after(first: date, months: int) -> date:
    """The first of a month, so many months later."""
    index = first.year * 12 + first.month - 1 + months
    return date(index // 12, index % 12 + 1, 1)


def _plain(found: re.Match[str], year: int, code: str) -> Period:
    if found["day"]:
        day = date(year, int(found["month"]), int(found["day"]))
        if found["number"]:
            return campaign_day(day, int(found["number"]))
        return Period(PeriodKind.DAY, day, day, code)
    if found["week"]:
        first = date.fromisocalendar(year, int(found["week"]), 1)
        return Period(PeriodKind.WEEK, first, first + timedelta(days=6), code)
    for kind, name, months in (
        (PeriodKind.MONTH, "month", 1),
        (PeriodKind.QUARTER, "quarter", 3),
        (PeriodKind.HALF_YEAR, "half", 6),
    ):
        if found[name]:
            return _months(kind, date(year, (int(found[name]) - 1) * months + 1, 1), months, code)
    return _months(PeriodKind.YEAR, date(year, 1, 1), 12, code)


def _months(kind: PeriodKind, first: date, months: int, code: str) -> Period:
    return Period(kind, first, after(first, months) - timedelta(days=1), code)


def _of_state(found: re.Match[str], year: int, code: str) -> Period:
    """From the closing day of the month before the first, until that of the last."""
    kind, first, months = PeriodKind.STATE_YEAR, 1, 12
    if found["month"]:
        kind, first, months = PeriodKind.STATE_MONTH, int(found["month"]), 1
    elif found["quarter"]:
        kind, first, months = PeriodKind.STATE_QUARTER, int(found["quarter"]) * 3 - 2, 3
    elif found["half"]:
        kind, first, months = PeriodKind.STATE_HALF_YEAR, int(found["half"]) * 6 - 5, 6
    elif found["nine"]:
        kind, months = PeriodKind.STATE_NINE_MONTHS, 9
    begins = date(year, first, 1)
    return Period(kind, _closing(after(begins, -1)) + timedelta(days=1), _closing(after(begins, months - 1)), code)


def _closing(month: date) -> date:
    """The closing day of a month, by the rule of its first day."""
    return month + timedelta(days=int(rule("state_reporting_closing_day", month)) - 1)


def _quarter_of(on: date) -> str:
    return f"{on.year}-Q{(on.month + 2) // 3}"


def _year(text: str) -> int:
    if not FIRST_YEAR <= int(text) <= LAST_YEAR:
        raise ValueError
    return int(text)
