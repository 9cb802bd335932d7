"""Between the password and the second step: a ticket of some minutes in this browser's cookie, good for one success."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from identity import once
from identity.deadlines import rule, today_in_vietnam
from identity.locks import LOSSES
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
    found = once.look(db, PURPOSE, ticket, now=now)
    return None if found is None or found.subject is None else Waiting(found.subject, str(found.payload["mark"]))


def use(db: Session, ticket: str, *, now: datetime) -> bool:
    """Use the ticket up; of two at once, one wins."""
    return once.redeem(db, PURPOSE, ticket, now=now) is not None


def _drop(db: Session, account_id: UUID, now: datetime) -> None:
    """A lock ends what is half done: whoever knew the password begins anew when the account opens."""
    once.withdraw(db, PURPOSE, account_id, now=now)


def mark_of(password_hash: str) -> str:
    """What tells one password hash from another."""
    return fingerprint(password_hash.encode())


if _drop not in LOSSES:
    LOSSES.append(_drop)
