"""Applicants who must come, and the times they may come at."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import count
from typing import Any

from sqlalchemy.orm import Session

from identity.application import Application
from identity.deadlines import VIETNAM
from identity.places import Office
from tests.identity.applicants import CITIZEN, submitted

_numbers = count(1)


def at(day: date, hour: int, minute: int = 0) -> datetime:
    """A moment of a Vietnamese day, in UTC."""
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=VIETNAM).astimezone(UTC)


def an_applicant(db: Session, *, now: datetime, **answers: Any) -> Application:
    """Somebody who applied, unlike all others."""
    number = next(_numbers)
    person = replace(CITIZEN, personal_number=f"0011901{number:05}", card_number=f"0011901{number:05}")
    person = replace(person, full_name=f"{CITIZEN.full_name} {'ABCDEFGHIJ'[number % 10]}{number}")
    return submitted(db, person, now=now, phone=f"+84913{number:06}", **answers)[0]


def office_of(db: Session, application: Application) -> Office:
    """The office that the applicant chose."""
    return db.get_one(Office, application.office_id)
