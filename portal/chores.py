"""What is done because time passes. Each chore is one short transaction; several workers may run it at once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sqlalchemy.orm import Session

from identity import once, outbox


def give_up_late_messages(db: Session, now: datetime) -> None:
    outbox.expire(db, now=now)


def sweep_used_secrets(db: Session, now: datetime) -> None:
    once.sweep(db, now=now)


CHORES: tuple[Callable[[Session, datetime], None], ...] = (give_up_late_messages, sweep_used_secrets)
