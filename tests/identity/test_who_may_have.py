"""Who may have what: each row of the table, on the birthday in Vietnam and the day before."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from identity.application.eligibility import Wish, check_age
from identity.base import Refused, new_id
from identity.deadlines import VIETNAM
from identity.levels import Way, first_age, way_to
from tests.identity.applicants import CITIZEN, FOREIGNER

ONLINE, IN_PERSON = Way(False, False, False), Way(True, False, False)
BY_GUARDIAN = Way(False, True, False)
ON_REQUEST_BY_GUARDIAN = Way(False, True, True)
WITH_GUARDIAN = Way(True, True, True)
TABLE = [
    ("citizen", 5, ON_REQUEST_BY_GUARDIAN, None),
    ("citizen", 6, BY_GUARDIAN, WITH_GUARDIAN),
    ("citizen", 13, BY_GUARDIAN, WITH_GUARDIAN),
    ("citizen", 14, ONLINE, IN_PERSON),
    ("citizen", 60, ONLINE, IN_PERSON),
    ("foreigner", 0, ON_REQUEST_BY_GUARDIAN, None),
    ("foreigner", 5, ON_REQUEST_BY_GUARDIAN, None),
    ("foreigner", 6, ON_REQUEST_BY_GUARDIAN, WITH_GUARDIAN),
    ("foreigner", 13, ON_REQUEST_BY_GUARDIAN, WITH_GUARDIAN),
    ("foreigner", 14, Way(False, False, True), Way(True, False, True)),
]
TODAY = date(2026, 11, 23)


@pytest.mark.parametrize(("kind", "age", "level_1", "level_2"), TABLE)
def test_each_row_of_the_table(kind: str, age: int, level_1: Way, level_2: Way | None) -> None:
    assert (way_to(1, kind, age, on=TODAY), way_to(2, kind, age, on=TODAY)) == (level_1, level_2)


def born(years: int, *, days_later: int = 0) -> date:
    return TODAY.replace(year=TODAY.year - years) + timedelta(days=days_later)


EVENING, MIDNIGHT = datetime(2026, 11, 22, 23, 59, 59, tzinfo=VIETNAM), datetime(2026, 11, 23, tzinfo=VIETNAM)


@pytest.mark.parametrize("base", [CITIZEN, FOREIGNER])
@pytest.mark.parametrize(
    ("level", "years", "guardian", "before", "after"),
    [
        (2, 6, True, "too-young", None),
        (2, 6, False, "too-young", "guardian-needed"),
        (2, 14, False, "guardian-needed", None),
        (1, 14, False, "guardian-needed", None),
        (1, 6, True, None, None),
        (1, 6, False, "guardian-needed", "guardian-needed"),
    ],
)
def test_an_age_is_reached_on_the_birthday_at_midnight_in_vietnam(
    base: object, level: int, years: int, guardian: bool, before: str | None, after: str | None
) -> None:
    from dataclasses import replace

    record = replace(base, birth_date=born(years))  # type: ignore[type-var]
    wish = Wish(level, guardian_id=new_id() if guardian else None)
    for moment, code in ((EVENING, before), (MIDNIGHT, after)):
        if code is None:
            check_age(record, wish, now=moment)
        else:
            with pytest.raises(Refused, match=f"^{code}$"):
                check_age(record, wish, now=moment)


def test_born_on_29_february_an_age_is_reached_on_1_march_of_a_common_year() -> None:
    from dataclasses import replace

    record = replace(CITIZEN, birth_date=date(2012, 2, 29))
    check_age(record, Wish(1), now=datetime(2026, 3, 1, tzinfo=VIETNAM))
    with pytest.raises(Refused, match="guardian-needed"):
        check_age(record, Wish(1), now=datetime(2026, 2, 28, 23, 59, tzinfo=VIETNAM))


def test_the_sentence_names_the_age_from_the_table() -> None:
    assert first_age(2, "citizen", on=TODAY) == 6
    assert first_age(1, "foreigner", on=TODAY, alone=True) == 14
