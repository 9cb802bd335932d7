"""When an office has room: its hours on working days, cut into slots, without its closures and the seats taken.

Length, seats, and how far ahead one may book are dated rules (`identity/data/rules.json`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from identity.appointments.model import Appointment, OfficeClosure
from identity.deadlines import VIETNAM, calendar, rule, today_in_vietnam
from identity.places import Office

RULE = "appointment_slots"


@dataclass(frozen=True, slots=True)
class Slot:
    """A time to come, in UTC, and how many seats are left."""

    starts_at: datetime
    ends_at: datetime
    free: int


@dataclass(frozen=True, slots=True)
class OpenDay:
    """A day with room, and how many seats it has left."""

    day: date
    free: int


def open_days(db: Session, office: Office, *, now: datetime) -> list[OpenDay]:
    """The days on which a seat is left, from today to the last that may be booked."""
    first = today_in_vietnam(now)
    days = [first + timedelta(days=ahead) for ahead in range(_rules(first)["days_ahead"] + 1)]
    closed, taken = closed_days(db, office, days[0], days[-1]), _taken(db, office, days[0], days[-1])
    found = [OpenDay(day, _room(_slots(office, day, taken, now))) for day in days if day not in closed]
    return [one for one in found if one.free]


def slots_of(db: Session, office: Office, day: date, *, now: datetime) -> list[Slot]:
    """The slots of a day that can still be booked, the full ones too; none on a day off, past or too far away."""
    if not is_in_reach(day, now=now) or closed_days(db, office, day, day):
        return []
    return _slots(office, day, _taken(db, office, day, day), now)


def is_in_reach(day: date, *, now: datetime) -> bool:
    """Whether a day can be booked by its date alone: not past, and not further away than the rule."""
    today = today_in_vietnam(now)
    return today <= day <= today + timedelta(days=_rules(today)["days_ahead"])


def closed_days(db: Session, office: Office, first: date, last: date) -> set[date]:
    """Days of the office's own closures."""
    closed = select(OfficeClosure.day).where(OfficeClosure.office_id == office.id)
    return set(db.scalars(closed.where(OfficeClosure.day.between(first, last))))


def bounds(first: date, last: date) -> tuple[datetime, datetime]:
    """From the first moment of `first` to the first moment after `last`, in Vietnam."""
    return midnight(first), midnight(last + timedelta(days=1))


def midnight(day: date) -> datetime:
    """When the day begins in Vietnam."""
    return datetime.combine(day, time(), VIETNAM).astimezone(UTC)


def _slots(office: Office, day: date, taken: Mapping[datetime, int], now: datetime) -> list[Slot]:
    rules = _rules(day)
    length, earliest = timedelta(minutes=rules["minutes"]), now + timedelta(hours=rules["notice_hours"])
    found = []
    for opens, closes in calendar(office.opens).office_hours(day):
        start, end = (datetime.combine(day, at, VIETNAM).astimezone(UTC) for at in (opens, closes))
        while start + length <= end:
            if start >= earliest:
                held = sum(seats for at, seats in taken.items() if start <= at < start + length)
                found.append(Slot(start, start + length, max(rules["seats"] - held, 0)))
            start += length
    return found


def _taken(db: Session, office: Office, first: date, last: date) -> dict[datetime, int]:
    begin, end = bounds(first, last)
    query = (
        select(Appointment.starts_at, func.count())
        .where(Appointment.office_id == office.id, Appointment.seat.is_not(None))
        .where(Appointment.starts_at >= begin, Appointment.starts_at < end)
        .group_by(Appointment.starts_at)
    )
    return dict(db.execute(query).all())


def _room(slots: list[Slot]) -> int:
    return sum(slot.free for slot in slots)


def _rules(day: date) -> dict[str, Any]:
    found: dict[str, Any] = rule(RULE, day)
    return found
