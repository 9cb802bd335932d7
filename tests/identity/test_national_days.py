"""The table of days off says what the package says, and no process loads the package for it."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import date, timedelta

import holidays
import pytest

from identity.national_days import TABLE, YEARS, ask_package, is_working_day, name_of

WITHOUT_PACKAGE = """
import sys
from datetime import UTC, datetime
import portal.assembly
from identity.deadlines import receipt_due
assert receipt_due(datetime(2026, 11, 23, 3, tzinfo=UTC)).isoformat() == "2026-11-25T03:00:00+00:00"
assert "holidays" not in sys.modules, "loaded"
"""


def test_the_table_is_what_the_package_says() -> None:
    """Else make it anew: `python -m identity.national_days`."""
    assert json.loads(TABLE.read_text(encoding="utf-8")) == ask_package(YEARS)


@pytest.mark.parametrize("year", [2019, 2024, 2026, 2041])
def test_a_day_is_worked_as_in_the_package_inside_and_outside_the_table(year: int) -> None:
    package, day = holidays.country_holidays("VN"), date(year, 1, 1)
    while day.year == year:
        assert is_working_day(day) == package.is_working_day(day), day
        day += timedelta(days=1)


def test_a_day_off_has_its_name_in_our_languages() -> None:
    day = date(2026, 11, 24)
    assert [name_of(day, language) for language in ("vi", "en", "ko")] == [
        "Ngày Văn hóa Việt Nam",
        "Vietnam Cultural Day",
        "Vietnam Cultural Day",
    ]
    assert name_of(date(2026, 11, 25), "vi") == ""


def test_no_process_carries_the_package() -> None:
    subprocess.run([sys.executable, "-c", WITHOUT_PACKAGE], check=True, timeout=120)
