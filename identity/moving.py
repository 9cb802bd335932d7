"""What is on its way for a person right now: applications, appointments, a recovery, requests about their data."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from identity.application import Application, PublicStatus, applications_of, status_of
from identity.appointments import Appointment, AppointmentState
from identity.places import Office
from identity.recovery.model import Recovery
from identity.recovery.stop import moving as recoveries_of
from identity.rights.model import RightsRequest
from identity.rights.requests import requests_of

NEWEST = 5
"""How many applications are shown; the others stand under My applications."""


@dataclass(frozen=True, slots=True)
class Visit:
    """An appointment to come."""

    starts_at: datetime
    office: Office
    code: str


@dataclass(frozen=True, slots=True)
class Moving:
    """Applications with how they stand, visits to come, and requests that wait for an answer."""

    files: list[tuple[Application, PublicStatus]]
    visits: list[Visit]
    requests: list[RightsRequest]
    recoveries: list[Recovery]
    """Somebody wants to get into this account with the help of its trusted contacts: its owner must see that."""


def moving(db: Session, account_id: UUID, person_id: UUID | None, *, now: datetime) -> Moving:
    """Everything that moves; the newest applications also when they are done."""
    files = applications_of(db, person_id)[:NEWEST] if person_id else []
    open_files = [file.id for file in files if file.is_open]
    return Moving(
        files=[(file, status_of(file, now=now)) for file in files],
        visits=_visits(db, open_files, now) if open_files else [],
        requests=[row for row in requests_of(db, account_id) if row.is_open],
        recoveries=recoveries_of(db, account_id, now=now),
    )


def _visits(db: Session, files: list[UUID], now: datetime) -> list[Visit]:
    query = (
        select(Appointment, Office)
        .join(Office, Office.id == Appointment.office_id)
        .where(Appointment.application_id.in_(files), Appointment.starts_at > now)
        .where(Appointment.state == AppointmentState.BOOKED.value)
        .order_by(Appointment.starts_at)
    )
    return [Visit(held.starts_at, office, held.code) for held, office in db.execute(query)]
