"""Finding the learners of consents that an earlier release kept, once, and counting again who was reached."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from identity.helping import index_some
from identity.jobs import enqueue_once
from onboarding.figures.refresh import mark_all

JOB = "helped-learners"
BATCH = 200
FOR_GOOD = timedelta(days=3650)


def start_filling(db: Session, *, now: datetime) -> None:
    """Ask for the job once, by whichever worker comes first."""
    enqueue_once(db, JOB, "0051", {}, lasting=FOR_GOOD, now=now)


def fill_some(db: Session, cursor: Mapping[str, Any] | None, *, now: datetime) -> dict[str, Any] | None:
    """One batch; returns where to go on, or None at the end, when every day waits to be counted anew."""
    after = UUID(cursor["after"]) if cursor and "after" in cursor else None
    last = index_some(db, after, BATCH)
    if last is None and after is not None:
        mark_all(db)
    return None if last is None else {"after": str(last)}
