"""What is done because time passes. Each chore is one short transaction; several workers may run it at once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sqlalchemy.orm import Session

from identity import once, outbox
from identity.activation import journey
from identity.application import keep_terms
from identity.credentials import otp, throttle


def give_up_late_messages(db: Session, now: datetime) -> None:
    outbox.expire(db, now=now)


def sweep_used_secrets(db: Session, now: datetime) -> None:
    once.sweep(db, now=now)


def sweep_sign_in(db: Session, now: datetime) -> None:
    """Counts of failures, codes of yesterday, sittings that are over."""
    throttle.sweep(db, now=now)
    otp.sweep(db, now=now)
    journey.sweep(db, now=now)


CHORES: tuple[Callable[[Session, datetime], None], ...] = (
    give_up_late_messages,
    sweep_used_secrets,
    sweep_sign_in,
    keep_terms,
)
