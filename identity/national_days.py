"""Days off of Viet Nam by name, and the Saturdays worked for them: a table made from the package `holidays`.

The package loads the days of every country and stays in memory, so processes read the table; it is asked only for
years that the table lacks. `python -m identity.national_days` makes the table anew; a test says when it is due.
"""

from __future__ import annotations

import json
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

TABLE = Path(__file__).parent / "data" / "national_days.json"
YEARS = range(2020, 2041)
LANGUAGES = {"vi": "vi", "en": "en_US"}
"""Ours, and what the package calls them."""
FRIDAY = 4


def is_working_day(day: date) -> bool:
    """Monday to Friday unless a day off, and Saturdays worked for one."""
    known = _known(day.year)
    if day.weekday() > FRIDAY:
        return day.isoformat() in known["worked"]
    return day.isoformat() not in known["off"]


def name_of(day: date, language: str) -> str:
    """What a day off is called in `vi` or else in English; '' for any other day."""
    names = _known(day.year)["off"].get(day.isoformat(), {})
    return str(names.get(language if language in LANGUAGES else "en", ""))


def ask_package(years: range) -> dict[str, Any]:
    """The days off of these years with their names, and the weekend days that are worked; days in ISO form."""
    import holidays

    named = {ours: holidays.country_holidays("VN", years=years, language=theirs) for ours, theirs in LANGUAGES.items()}
    off = {day.isoformat(): {ours: days[day] for ours, days in named.items()} for day in sorted(named["vi"])}
    worked = sorted(day.isoformat() for day in named["vi"].weekend_workdays if day.year in years)
    return {"off": off, "worked": worked}


def _known(year: int) -> dict[str, Any]:
    return _table() if year in YEARS else _asked(year)


@lru_cache(maxsize=1)
def _table() -> dict[str, Any]:
    return dict(json.loads(TABLE.read_text(encoding="utf-8")))


@lru_cache(maxsize=8)
def _asked(year: int) -> dict[str, Any]:
    return ask_package(range(year, year + 1))


if __name__ == "__main__":
    TABLE.write_text(json.dumps(ask_package(YEARS), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
