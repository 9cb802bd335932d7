"""Applicants of the demonstration who booked a time: some a slot, over the next days with room."""

from __future__ import annotations

from datetime import datetime
from itertools import cycle

from sqlalchemy import select
from sqlalchemy.orm import Session

from identity.application import Application
from identity.appointments import OpenDay, Slot, book, open_days, slots_of
from identity.appointments.booking import AWAITS_VISIT
from identity.places import Office

BOOKED = 12
EVERY = 3
"""Every third slot is taken by somebody, so that free ones stand between."""


def book_some(db: Session, *, now: datetime) -> None:
    """Book for the applicants who sent theirs first and still have to come."""
    waiting = select(Application).where(Application.state.in_([state.value for state in AWAITS_VISIT]))
    applicants = list(db.scalars(waiting.order_by(Application.submitted_at).limit(BOOKED)))
    for office_id in {one.office_id for one in applicants}:
        office = db.get_one(Office, office_id)
        slots = cycle(_spread(db, office, open_days(db, office, now=now)[:2], now=now))
        for applicant in (one for one in applicants if one.office_id == office_id):
            book(db, applicant, office, next(slots).starts_at, now=now)


def _spread(db: Session, office: Office, days: list[OpenDay], *, now: datetime) -> list[Slot]:
    return [slot for one in days for slot in slots_of(db, office, one.day, now=now)[::EVERY]]
