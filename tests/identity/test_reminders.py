"""People who wait to activate are reminded on the days of the rule, once, in the daytime, while the window is open."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from identity.account import Account, create_account
from identity.deadlines import VIETNAM, activate_by
from identity.jobs import Job
from identity.outbox import OutboxMessage
from identity.person import Person, add_person
from identity.reminders import JOB, remind_some, start_the_days_reminders

ISSUED = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)


def waiting(db: Session, *, state: str = "issued") -> None:
    person = Person(kind="citizen", sex="female", nationality="VNM", age_band="18-29", created_at=ISSUED)
    add_person(db, person, full_name="Nguyễn Thị Chờ", birth_date=date(2000, 1, 1), phone="+84900000001")
    db.flush()
    account = create_account(
        db, "resident", "900000000001", person_id=person.id, display_name="Chờ", now=ISSUED, state=state
    )
    account.activate_by = activate_by(ISSUED)
    db.flush()


def reminded(db: Session, day: float) -> int:
    return len(told(db, day))


def told(db: Session, day: float) -> list[str]:
    """The kinds of messages that leave on this day after the notice."""
    before = set(db.scalars(select(OutboxMessage.id)))
    assert remind_some(db, None, now=ISSUED + timedelta(days=day)) is None
    return [row.kind for row in db.scalars(select(OutboxMessage)) if row.id not in before]


def test_reminders_leave_on_the_days_of_the_rule_and_afterwards_people_hear_that_nothing_is_lost(db: Session) -> None:
    waiting(db)
    by_day = {day: kinds for day in range(50) if (kinds := told(db, day))}
    assert set(by_day) == {1, 3, 5, 6, 8, 15, 30}
    assert all(by_day[day] == ["activation-reminder" if day < 7 else "activation-late"] for day in by_day)


@pytest.mark.parametrize("hour", [0, 23])
@pytest.mark.parametrize(
    "notice", [date(2027, 2, 3), date(2026, 12, 29), date(2028, 2, 26)], ids=["over Tết", "new year", "29 February"]
)
def test_days_count_from_the_notice_also_over_holidays_and_the_ends_of_months(
    db: Session, notice: date, hour: int
) -> None:
    """Art. 14 counts days, not working days; the notice may leave in the first or the last minutes of a day."""
    waiting(db)
    left = datetime.combine(notice, time(hour, 59), VIETNAM)
    account = db.scalars(select(Account)).one()
    account.activate_by = activate_by(left)
    db.flush()
    days = [notice + timedelta(days=day) for day in range(1, 9)]
    sent = [len(told(db, (datetime.combine(day, time(8, 30), VIETNAM) - ISSUED) / timedelta(days=1))) for day in days]
    assert [number for number, count in enumerate(sent, 1) if count] == [1, 3, 5, 6, 8]
    assert account.activate_by.astimezone(VIETNAM).date() == notice + timedelta(days=7)


def test_a_code_that_was_issued_again_begins_anew(db: Session) -> None:
    waiting(db)
    db.scalars(select(Account)).one().activate_by = activate_by(ISSUED + timedelta(days=20))
    db.flush()
    assert [day for day in range(60) if reminded(db, day)] == [21, 23, 25, 26, 28, 35, 50]


def test_a_window_that_ends_at_midnight_is_counted_in_whole_days_of_vietnam(db: Session) -> None:
    waiting(db)
    last_minute = activate_by(ISSUED) - timedelta(minutes=1)
    assert remind_some(db, None, now=last_minute) is None
    assert db.scalars(select(OutboxMessage)).all() == [], "the seventh day is none of the rule's"
    assert remind_some(db, None, now=last_minute + timedelta(minutes=2)) is None
    assert [row.kind for row in db.scalars(select(OutboxMessage))] == ["activation-late"]


def test_nobody_is_reminded_twice_a_day(db: Session) -> None:
    waiting(db)
    assert [reminded(db, 1), reminded(db, 1)] == [1, 0]


def test_who_has_an_e_mail_address_is_reminded_there_too(db: Session) -> None:
    """The notice may have gone there alone ("By e-mail only")."""
    waiting(db)
    db.scalars(select(Person)).one().email = "cho@example.vn"
    db.flush()
    assert told(db, 1) == ["activation-reminder"] * 2
    assert set(db.scalars(select(OutboxMessage.channel))) == {"sms", "email"}
    assert reminded(db, 1) == 0


def test_who_is_active_is_left_in_peace(db: Session) -> None:
    waiting(db, state="active")
    assert reminded(db, 1) == 0


@pytest.mark.parametrize(("hour", "jobs"), [(0, 0), (2, 1)])
def test_the_days_job_is_asked_for_once_and_not_at_night(db: Session, hour: int, jobs: int) -> None:
    now = datetime(2026, 11, 24, hour, 30, tzinfo=UTC)
    for _ in range(3):
        start_the_days_reminders(db, now=now)
    assert [job.kind for job in db.scalars(select(Job))] == [JOB] * jobs
