"""The calendar of an office: working days, holidays by name, its own closures, seats taken and free."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from identity.appointments.model import Appointment
from identity.appointments.slots import bounds, closed_days, is_in_reach, slots_of
from identity.deadlines import VIETNAM, calendar
from identity.national_days import name_of
from identity.places import Office


@dataclass(frozen=True, slots=True)
class OfficeDay:
    """One day. `holiday` is its name where it has one; `free` counts seats that can still be booked; none are where
    the day is past or too far away to be booked yet."""

    day: date
    is_working: bool
    is_closed: bool
    holiday: str
    booked: int
    free: int | None


def office_days(
    db: Session, office: Office, first: date, count: int, *, language: str, now: datetime
) -> list[OfficeDay]:
    """`count` days from `first` on; holidays are named in `language` (vi or en)."""
    days = [first + timedelta(days=ahead) for ahead in range(count)]
    closed, booked = closed_days(db, office, days[0], days[-1]), _booked(db, office, days[0], days[-1])
    hours = calendar(office.opens)
    return [
        OfficeDay(
            day,
            hours.is_working_day(day),
            day in closed,
            name_of(day, language),
            booked.get(day, 0),
            sum(slot.free for slot in slots_of(db, office, day, now=now)) if is_in_reach(day, now=now) else None,
        )
        for day in days
    ]


def _booked(db: Session, office: Office, first: date, last: date) -> dict[date, int]:
    begin, end = bounds(first, last)
    query = select(Appointment.starts_at, func.count()).where(
        Appointment.office_id == office.id,
        Appointment.seat.is_not(None),
        Appointment.starts_at >= begin,
        Appointment.starts_at < end,
    )
    found: dict[date, int] = {}
    for starts_at, seats in db.execute(query.group_by(Appointment.starts_at)):
        day = starts_at.astimezone(VIETNAM).date()
        found[day] = found.get(day, 0) + seats
    return found
