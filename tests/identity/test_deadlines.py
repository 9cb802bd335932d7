import json
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from identity import deadlines
from identity.deadlines import (
    VIETNAM,
    Calendar,
    activate_by,
    age_on,
    amend,
    calendar,
    decision_due,
    end_of_day,
    end_of_term,
    receipt_due,
    rule,
)


def in_vietnam(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=VIETNAM)


def local(moment: datetime) -> str:
    return moment.astimezone(VIETNAM).strftime("%Y-%m-%d %H:%M")


A_YEAR_OF_MINUTES = 365 * 24 * 60
moments = st.integers(0, A_YEAR_OF_MINUTES).map(lambda m: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=m))


@pytest.mark.parametrize(
    ("day", "count", "expected"),
    [
        pytest.param("2026-11-21", 3, "2026-11-26", id="over Vietnam Culture Day on 24 November"),
        pytest.param("2026-02-13", 3, "2026-02-25", id="over Tết, 16 to 20 February"),
        pytest.param("2026-08-21", 1, "2026-08-22", id="the make-up Saturday works"),
        pytest.param("2026-08-28", 1, "2026-09-03", id="the swapped Monday and National Day do not"),
        pytest.param("2026-04-24", 1, "2026-04-28", id="Hùng Kings on a Sunday moves to Monday"),
        pytest.param("2026-11-25", 1, "2026-11-26", id="an ordinary Wednesday"),
        pytest.param("2026-11-27", 1, "2026-11-30", id="over a week-end"),
        pytest.param("2027-02-03", 1, "2027-02-11", id="over Tết of 2027"),
        pytest.param("2026-12-30", 2, "2027-01-04", id="over New Year's Day and the week-end after it"),
        pytest.param("2027-02-26", 1, "2027-03-01", id="over the end of February"),
    ],
)
def test_working_days_are_counted_without_the_first_day(day, count, expected):
    assert calendar().add_working_days(date.fromisoformat(day), count) == date.fromisoformat(expected)


@pytest.mark.parametrize(
    ("submitted", "expected"),
    [
        pytest.param("2026-11-25 07:30", "2026-11-25 17:00", id="at opening: one full office day"),
        pytest.param("2026-11-25 10:00", "2026-11-26 10:00", id="in the morning"),
        pytest.param("2026-11-25 12:00", "2026-11-26 11:30", id="in the lunch break"),
        pytest.param("2026-11-25 16:59", "2026-11-26 16:59", id="a minute before closing"),
        pytest.param("2026-11-25 17:00", "2026-11-26 17:00", id="at closing"),
        pytest.param("2026-11-25 23:30", "2026-11-26 17:00", id="at night"),
        pytest.param("2026-11-26 03:00", "2026-11-26 17:00", id="before dawn, still yesterday in UTC"),
        pytest.param("2026-11-23 14:00", "2026-11-25 14:00", id="over the holiday of 24 November"),
        pytest.param("2026-11-20 14:00", "2026-11-23 14:00", id="over a week-end"),
        pytest.param("2026-08-22 09:00", "2026-08-24 09:00", id="on the make-up Saturday"),
        pytest.param("2026-02-18 09:00", "2026-02-23 17:00", id="in Tết"),
        pytest.param("2026-12-31 14:00", "2027-01-04 14:00", id="over the end of the year"),
        pytest.param("2027-04-29 16:30", "2027-05-04 16:30", id="over 30 April, and 1 May that a Saturday moves on"),
    ],
)
def test_the_receipt_is_due_after_eight_working_hours(submitted, expected):
    assert local(receipt_due(in_vietnam(submitted))) == expected


@pytest.mark.parametrize(
    ("complete", "days", "expected"),
    [
        ("2026-11-20 16:00", 1, "2026-11-23 23:59"),
        ("2026-11-20 16:00", 3, "2026-11-26 23:59"),
        ("2026-11-20 23:59", 3, "2026-11-26 23:59"),
        ("2026-11-21 00:01", 7, "2026-12-02 23:59"),
        ("2026-12-31 16:00", 1, "2027-01-04 23:59"),
        ("2027-02-02 16:00", 7, "2027-02-18 23:59"),
    ],
)
def test_a_decision_is_due_at_the_end_of_the_last_working_day(complete, days, expected):
    assert local(decision_due(in_vietnam(complete), days)) == expected


def test_an_account_is_activated_within_seven_calendar_days():
    assert local(activate_by(in_vietnam("2026-11-20 09:00"))) == "2026-11-27 23:59"


@pytest.mark.parametrize(
    ("begun", "days", "expected"),
    [
        (date(2026, 11, 20), 90, date(2027, 2, 18)),  # a Thursday
        (date(2026, 11, 23), 90, date(2027, 2, 22)),  # a Sunday: Monday
        (date(2026, 11, 18), 90, date(2027, 2, 16)),
        (date(2027, 1, 5), 30, date(2027, 2, 11)),  # the first day of Tet 2027: the day after it
        (date(2026, 7, 23), 30, date(2026, 8, 22)),  # a Saturday that is worked
        (date(2026, 12, 2), 30, date(2027, 1, 4)),  # New Year's Day, then a weekend
    ],
)
def test_nobody_loses_a_right_on_a_day_off(begun, days, expected):
    assert end_of_term(begun, days) == end_of_day(expected)


def test_what_two_people_confirmed_counts_for_days_from_its_own_day_on():
    sunday, monday = date(2027, 2, 14), date(2027, 2, 15)
    earlier = date(2026, 12, 5)
    row = {"name": "working_days", "from": "2026-12-31", "source": "Công văn 1", "unit": ""}
    amend([{**row, "value": {str(sunday): True, str(monday): False, str(earlier): True}}])
    try:
        hours = calendar()
        said = [hours.is_working_day(day) for day in (sunday, monday, earlier, date(2026, 8, 22), date(2026, 11, 24))]
        assert said == [True, False, False, True, False]
        assert local(receipt_due(in_vietnam("2027-02-13 09:00"))) == "2027-02-14 17:00"
    finally:
        amend([])
    assert not calendar().is_working_day(sunday)


def test_an_override_beats_the_package():
    day = date(2026, 12, 5)
    assert not calendar().is_working_day(day)
    assert Calendar(((day, True),)).is_working_day(day)
    assert Calendar(((date(2026, 12, 4), False),)).add_working_days(date(2026, 12, 3), 1) == date(2026, 12, 7)


@given(moments, st.integers(0, 60))
def test_office_time_up_to_the_deadline_is_the_time_given(start, quarters):
    length = timedelta(minutes=15 * quarters)
    due = calendar().add_working_hours(start, length)
    assert due >= start or length == timedelta()
    assert calendar().working_time(start, due) == length


@given(moments, moments)
def test_who_submits_earlier_is_not_answered_later(one, other):
    earlier, later = sorted((one, other))
    assert receipt_due(earlier) <= receipt_due(later)


def test_a_rule_holds_from_its_first_day(monkeypatch, tmp_path):
    rows = [("2024-07-01", 14), ("2027-01-01", 12)]
    rules = [{"name": "age", "value": value, "from": first_day} for first_day, value in rows]
    (tmp_path / "rules.json").write_text(json.dumps({"rules": rules}))
    monkeypatch.setattr(deadlines, "RULES", tmp_path / "rules.json")
    _read_anew()
    try:
        assert rule("age", date(2026, 12, 31)) == 14
        assert rule("age", date(2027, 1, 1)) == 12
        with pytest.raises(LookupError):
            rule("age", date(2024, 6, 30))
    finally:
        _read_anew()


def _read_anew():
    deadlines._rule_data.cache_clear()
    deadlines._own_rows.cache_clear()


def test_every_rule_names_its_source():
    for row in deadlines._rule_data()["rules"]:
        assert {"name", "value", "from", "source", "unit"} <= row.keys()
        date.fromisoformat(row["from"])
        assert row["source"].keys() == {"vi", "en"} and all(row["source"].values()), "in both languages"


def test_age_is_reached_on_the_birthday():
    assert age_on(date(2012, 11, 21), date(2026, 11, 20)) == 13
    assert age_on(date(2012, 11, 21), date(2026, 11, 21)) == 14
    assert age_on(date(2012, 2, 29), date(2026, 2, 28)) == 13
    assert age_on(date(2012, 2, 29), date(2026, 3, 1)) == 14


def test_the_day_in_vietnam_begins_seven_hours_before_that_of_greenwich():
    assert deadlines.today_in_vietnam(datetime(2026, 11, 20, 17, 0, tzinfo=UTC)) == date(2026, 11, 21)
    assert deadlines.today_in_vietnam(datetime(2026, 11, 20, 16, 59, tzinfo=UTC)) == date(2026, 11, 20)
