"""The queue of a day for those who come without an appointment: a number, and when it is likely to be called.

The expected time is plain arithmetic: how many wait before, times the mean of the last service times here (dated rule
`queue_service`), counted in office time. Who would not be called before the office closes is told so at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Select, func, select, update
from sqlalchemy.orm import Session

from identity.appointments.model import QueueNumber
from identity.appointments.slots import closed_days
from identity.base import Refused
from identity.deadlines import calendar, rule, today_in_vietnam
from identity.places import Office
from identity.turns import take_turns

RULE = "queue_service"


@dataclass(frozen=True, slots=True)
class Waiting:
    """A number that was not called yet, and when it is likely to be."""

    id: UUID
    number: int
    expected_at: datetime


def take_number(db: Session, office: Office, *, now: datetime) -> Waiting:
    """The next number of today. Refused "queue-closed" on a day off or when the office closes before its turn."""
    take_turns(db, office.id.bytes)
    day = today_in_vietnam(now)
    expected_at = _expected(db, office, len(_not_called(db, office, now=now)), now=now)
    if closed_days(db, office, day, day) or today_in_vietnam(expected_at) != day:
        raise Refused("queue-closed")
    highest = select(func.max(QueueNumber.number)).where(QueueNumber.office_id == office.id, QueueNumber.day == day)
    taken = QueueNumber(office_id=office.id, day=day, number=(db.scalar(highest) or 0) + 1, taken_at=now)
    db.add(taken)
    db.flush()
    return Waiting(taken.id, taken.number, expected_at)


def queue_now(db: Session, office: Office, *, now: datetime) -> list[Waiting]:
    """Who waits today, first come first."""
    mean = service_time(db, office, now=now)
    return [
        Waiting(one.id, one.number, calendar(office.opens).add_working_hours(now, mean * ahead))
        for ahead, one in enumerate(_not_called(db, office, now=now))
    ]


def being_served(db: Session, office: Office, *, now: datetime) -> list[QueueNumber]:
    """Numbers of today that were called and are not finished."""
    query = _of_today(office, now).where(QueueNumber.called_at.is_not(None), QueueNumber.done_at.is_(None))
    return list(db.scalars(query))


def call_next(db: Session, office: Office, *, now: datetime) -> QueueNumber:
    """Call the next number; two officers who press at once call two. Refused "queue-empty"."""
    take_turns(db, office.id.bytes)
    waiting = _not_called(db, office, now=now)
    if not waiting:
        raise Refused("queue-empty")
    waiting[0].called_at = now
    return waiting[0]


def finish(db: Session, office: Office, number_id: UUID, *, now: datetime) -> None:
    """The person was served; from call to here counts for those who come later. A second click changes nothing."""
    db.execute(
        update(QueueNumber)
        .where(QueueNumber.id == number_id, QueueNumber.office_id == office.id)
        .where(QueueNumber.called_at.is_not(None), QueueNumber.done_at.is_(None))
        .values(done_at=now)
    )


def service_time(db: Session, office: Office, *, now: datetime) -> timedelta:
    """Mean of the last service times of this office; before there is one, the time that the rule assumes."""
    rules = rule(RULE, today_in_vietnam(now))
    last = db.execute(
        select(QueueNumber.called_at, QueueNumber.done_at)
        .where(QueueNumber.office_id == office.id, QueueNumber.done_at.is_not(None))
        .order_by(QueueNumber.day.desc(), QueueNumber.number.desc())
        .limit(rules["last"])
    ).all()
    times = [done_at - called_at for called_at, done_at in last if called_at and done_at]
    return sum(times, timedelta()) / len(times) if times else timedelta(minutes=rules["assumed_minutes"])


def _expected(db: Session, office: Office, ahead: int, *, now: datetime) -> datetime:
    return calendar(office.opens).add_working_hours(now, service_time(db, office, now=now) * ahead)


def _not_called(db: Session, office: Office, *, now: datetime) -> list[QueueNumber]:
    return list(db.scalars(_of_today(office, now).where(QueueNumber.called_at.is_(None))))


def _of_today(office: Office, now: datetime) -> Select[QueueNumber]:
    query = select(QueueNumber).where(QueueNumber.office_id == office.id, QueueNumber.day == today_in_vietnam(now))
    return query.order_by(QueueNumber.number)
