"""Legal clocks and the numbers behind them, as dated data in Vietnam time.

Counting (Civil Code 2015): a term in hours begins at once (Art. 147.1); of a term in days the first day is not counted
(147.2) and it ends at the end of its last day (148). A working day is Monday to Friday without public holidays, plus
make-up Saturdays; `national_days` knows most of them and the rule `working_days` overrides it.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from identity.national_days import is_working_day

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")
RULES = Path(__file__).parent / "data" / "rules.json"
LAST_MOMENT = time(23, 59, 59)
WORKING_DAYS = "working_days"

Row = dict[str, Any]
"""One dated value of a rule: its name, day, value, unit and source."""
_with_amended: dict[str, list[Row]] | None = None
"""The release's own rows and those that count beside them, by rule; None while there are none beside them."""

Hours = tuple[tuple[time, time], ...]


def rule(name: str, on: date) -> Any:
    """The value of a dated rule on a day; of two from the same day the later row. LookupError when there is none."""
    today = on.isoformat()
    begun = [row for row in _rows().get(name, ()) if row["from"] <= today]
    if not begun:
        raise LookupError(f"no rule {name} on {on}")
    return max(reversed(begun), key=lambda row: str(row["from"]))["value"]


def newest_rules(on: date) -> dict[str, dict[str, Any]]:
    """Every rule with its unit, day and source, as it holds on a day."""
    found: dict[str, dict[str, Any]] = {}
    for row in sorted(_every_row(), key=lambda row: str(row["from"])):
        if row["from"] <= on.isoformat():
            found[row["name"]] = {**found.get(row["name"], {}), **row}
    return found


def coming_rules(after: date) -> list[dict[str, Any]]:
    """Rules whose day has not come yet, the next one first; of two from the same day the later row, as `rule` says."""
    rows = {(row["name"], row["from"]): row for row in _every_row() if row["from"] > after.isoformat()}
    return sorted(rows.values(), key=lambda row: str(row["from"]))


def amend(rows: Sequence[dict[str, Any]]) -> None:
    """From now on these rows count beside the release's own (`identity.operation.rule_changes`)."""
    global _with_amended
    _with_amended = _by_name([*_rule_data()["rules"], *rows]) if rows else None


def today_in_vietnam(now: datetime) -> date:
    """The calendar day in Vietnam, on which ages, codes and terms are reckoned."""
    return now.astimezone(VIETNAM).date()


def first_day_of_quarter(day: date) -> date:
    """On which the quarter of `day` began."""
    return date(day.year, (day.month - 1) // 3 * 3 + 1, 1)


def years_before(now: datetime, years: int) -> datetime:
    """The same moment in Vietnam some years before (29 February: 28 February, so that nothing goes early)."""
    local = now.astimezone(VIETNAM)
    try:
        return local.replace(year=local.year - years)
    except ValueError:
        return local.replace(year=local.year - years, month=3, day=1) - timedelta(days=1)


def end_of_day(day: date) -> datetime:
    """The last second of a Vietnamese day, in UTC."""
    return datetime.combine(day, LAST_MOMENT, VIETNAM).astimezone(UTC)


def age_on(birth_date: date, on: date) -> int:
    """Full years; reached on the birthday (born on 29 February: on 1 March of a common year)."""
    return on.year - birth_date.year - ((on.month, on.day) < (birth_date.month, birth_date.day))


def birthday(birth_date: date, age: int) -> date:
    """The day on which `age` is reached; born on 29 February: 1 March of a common year."""
    try:
        return birth_date.replace(year=birth_date.year + age)
    except ValueError:
        return date(birth_date.year + age, 3, 1)


@dataclass(frozen=True, slots=True)
class Calendar:
    """Working days and office hours. `overrides` beats the national days; `hours` is the rule whose hours count."""

    overrides: tuple[tuple[date, bool], ...] = ()
    hours: str = "office_hours"

    def is_working_day(self, day: date) -> bool:
        """Monday to Friday unless a holiday, and make-up Saturdays."""
        for overridden, working in self.overrides:
            if overridden == day:
                return working
        return is_working_day(day)

    def office_hours(self, day: date) -> Hours:
        """Opening spans of the day in local time; none on a day off."""
        if not self.is_working_day(day):
            return ()
        return tuple((time.fromisoformat(start), time.fromisoformat(end)) for start, end in rule(self.hours, day))

    def add_working_days(self, day: date, count: int) -> date:
        """The `count`-th working day after `day`, which itself is not counted."""
        while count > 0:
            day += timedelta(days=1)
            count -= self.is_working_day(day)
        return day

    def add_working_hours(self, start: datetime, length: timedelta) -> datetime:
        """The moment when `length` of office time has passed since `start`."""
        day = today_in_vietnam(start)
        while True:
            for opens, closes in self._spans(day):
                begin = max(opens, start)
                if begin < closes and length <= closes - begin:
                    return (begin + length).astimezone(UTC)
                length -= max(closes - begin, timedelta())
            day += timedelta(days=1)

    def working_time(self, start: datetime, end: datetime) -> timedelta:
        """How much office time lies between two moments (nothing when `end` is earlier)."""
        total, day = timedelta(), today_in_vietnam(start)
        while day <= today_in_vietnam(end):
            for opens, closes in self._spans(day):
                total += max(min(closes, end) - max(opens, start), timedelta())
            day += timedelta(days=1)
        return total

    def _spans(self, day: date) -> list[tuple[datetime, datetime]]:
        hours = self.office_hours(day)
        return [(datetime.combine(day, a, VIETNAM), datetime.combine(day, b, VIETNAM)) for a, b in hours]


def calendar(hours: str = "office_hours") -> Calendar:
    """The national calendar with what the rule `working_days` says of single days: the Government swaps a Monday for a
    Saturday, or gives one more day, in the year before or at short notice. A row speaks of days from its own day on."""
    rows = _rows().get(WORKING_DAYS, ())
    said: dict[str, bool] = {}
    for row in sorted(rows, key=lambda row: str(row["from"])):
        said |= {day: working for day, working in row["value"].items() if day >= row["from"]}
    return Calendar(tuple((date.fromisoformat(day), working) for day, working in said.items()), hours)


def receipt_due(submitted_at: datetime) -> datetime:
    """When the officer's receipt or request for a supplement is due (Decree 45/2020: 8 working hours)."""
    hours = rule("receipt_working_hours", today_in_vietnam(submitted_at))
    return calendar().add_working_hours(submitted_at, timedelta(hours=hours))


def decision_due(complete_at: datetime, working_days: int) -> datetime:
    """End of the last working day to decide on a file complete at `complete_at` (Decree 69/2024, Art. 13)."""
    return end_of_day(calendar().add_working_days(today_in_vietnam(complete_at), working_days))


def end_of_term(begun: date, days: int) -> datetime:
    """The last moment of a term of days within which somebody may act: a last day off gives way to the next working
    day (Civil Code 2015, Art. 148.5), so that nobody loses a right over Tet."""
    hours, last = calendar(), begun + timedelta(days=days)
    return end_of_day(last if hours.is_working_day(last) else hours.add_working_days(last, 1))


def activate_by(notified_at: datetime) -> datetime:
    """End of the activation window: 7 calendar days after the notice (Decree 69/2024, Art. 14)."""
    day = today_in_vietnam(notified_at)
    return end_of_day(day + timedelta(days=rule("activation_days", day)))


def _rows() -> dict[str, list[Row]]:
    return _own_rows() if _with_amended is None else _with_amended


def _every_row() -> list[Row]:
    return [row for rows in _rows().values() for row in rows]


@lru_cache(maxsize=1)
def _own_rows() -> dict[str, list[Row]]:
    return _by_name(_rule_data()["rules"])


def _by_name(rows: Sequence[Row]) -> dict[str, list[Row]]:
    """In the order in which they came: of two from the same day the later one counts."""
    found: dict[str, list[Row]] = {}
    for row in rows:
        found.setdefault(row["name"], []).append(row)
    return found


@lru_cache(maxsize=1)
def _rule_data() -> Any:
    return json.loads(RULES.read_text(encoding="utf-8"))
