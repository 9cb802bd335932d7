"""People who wait to activate are reminded on the days of the rule, once, in the daytime, while the window is open."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from identity.account import create_account
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
    account.activate_by = ISSUED + timedelta(days=7)
    db.flush()


def reminded(db: Session, day: int) -> int:
    before = len(db.scalars(select(OutboxMessage.id)).all())
    assert remind_some(db, None, now=ISSUED + timedelta(days=day)) is None
    return len(db.scalars(select(OutboxMessage.id)).all()) - before


def test_reminders_leave_on_the_days_of_the_rule(db: Session) -> None:
    waiting(db)
    assert [day for day in range(10) if reminded(db, day)] == [1, 3, 5, 6]


def test_nobody_is_reminded_twice_a_day(db: Session) -> None:
    waiting(db)
    assert [reminded(db, 1), reminded(db, 1)] == [1, 0]


def test_who_is_active_is_left_in_peace(db: Session) -> None:
    waiting(db, state="active")
    assert reminded(db, 1) == 0


@pytest.mark.parametrize(("hour", "jobs"), [(0, 0), (2, 1)])
def test_the_days_job_is_asked_for_once_and_not_at_night(db: Session, hour: int, jobs: int) -> None:
    now = datetime(2026, 11, 24, hour, 30, tzinfo=UTC)
    for _ in range(3):
        start_the_days_reminders(db, now=now)
    assert [job.kind for job in db.scalars(select(Job))] == [JOB] * jobs
