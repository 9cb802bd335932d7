"""Between the password and the second step: a ticket of some minutes in this browser's cookie, good for one success."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import orjson
from sqlalchemy import select
from sqlalchemy.orm import Session

from identity import once
from identity.deadlines import rule, today_in_vietnam
from identity.sealed import vault
from identity.vault import fingerprint

PURPOSE = "second-step"


@dataclass(frozen=True, slots=True)
class Waiting:
    """Whose second step is awaited, and the password it followed."""

    account_id: UUID
    mark: str


def put(db: Session, account_id: UUID, password_hash: str, *, now: datetime) -> str:
    """A ticket for this account; worthless once the password changes."""
    life = timedelta(minutes=rule("second_step_minutes", today_in_vietnam(now)))
    payload: dict[str, object] = {"mark": mark_of(password_hash)}
    return once.issue(db, PURPOSE, account_id, now=now, expires_at=now + life, payload=payload)


def find(db: Session, ticket: str, *, now: datetime) -> Waiting | None:
    """Whom the ticket stands for, without using it up: a mistyped code may be tried again."""
    row = db.execute(
        select(once.Ticket.id, once.Ticket.subject, once.Ticket.payload_sealed)
        .where(once.Ticket.digest == vault(db).digest(f"ticket:{PURPOSE}", ticket))
        .where(once.Ticket.consumed_at.is_(None), once.Ticket.expires_at > now)
    ).one_or_none()
    if row is None or row.subject is None:
        return None
    payload = orjson.loads(vault(db).open("ticket.payload_sealed", row.id, row.payload_sealed))
    return Waiting(row.subject, payload["mark"])


def use(db: Session, ticket: str, *, now: datetime) -> bool:
    """Use the ticket up; of two at once, one wins."""
    return once.redeem(db, PURPOSE, ticket, now=now) is not None


def mark_of(password_hash: str) -> str:
    """What tells one password hash from another."""
    return fingerprint(password_hash.encode())
