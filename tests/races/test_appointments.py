"""Sixteen applicants at once want one time: as many get it as it has seats, and the others are told."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime
from itertools import count
from uuid import UUID

from sqlalchemy import func, select

from identity.application import Application
from identity.appointments import Appointment, book, take_number
from identity.base import Refused
from identity.places import Office
from portal.database import Database
from tests.identity.applicants import an_office
from tests.identity.appointment_scene import an_applicant, at
from tests.races.at_once import CALLERS, at_once

SEATS = 4
TIME = at(date(2026, 11, 25), 9)


def booked(database: Database, applicant: UUID, time: datetime, now: datetime) -> str:
    try:
        with database.transaction() as db:
            application = db.get_one(Application, applicant)
            book(db, application, db.get_one(Office, application.office_id), time, now=now)
    except Refused as refusal:
        return refusal.code
    return "booked"


def test_a_time_is_never_given_to_more_than_it_has_seats_for(database: Database, now: datetime) -> None:
    with database.transaction() as db:
        applicants = [an_applicant(db, now=now).id for _ in range(CALLERS)]
    turn = count()
    answers = at_once(lambda: booked(database, applicants[next(turn)], TIME, now))
    assert Counter(answers) == {"booked": SEATS, "appointment-full": CALLERS - SEATS}
    with database.session(write=False) as db:
        assert sorted(db.scalars(select(Appointment.seat))) == [1, 2, 3, 4]


def test_one_applicant_in_sixteen_windows_holds_one_seat(database: Database, now: datetime) -> None:
    with database.transaction() as db:
        applicant = an_applicant(db, now=now).id
    turn = count()
    answers = at_once(lambda: booked(database, applicant, at(date(2026, 11, 25 + next(turn) % 3), 9), now))
    assert set(answers) == {"booked"}
    with database.session(write=False) as db:
        seats = select(func.count()).select_from(Appointment).where(Appointment.seat.is_not(None))
        assert db.scalar(seats) == 1


def test_sixteen_numbers_taken_at_once_are_sixteen_numbers(database: Database) -> None:
    with database.session(write=False) as db:
        office_id = an_office(db).id

    def take() -> int:
        with database.transaction() as db:
            return take_number(db, db.get_one(Office, office_id), now=at(date(2026, 11, 25), 8)).number

    assert sorted(at_once(take)) == list(range(1, CALLERS + 1))
