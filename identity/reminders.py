"""Reminders to people whose account waits to be activated: on days 1, 3, 5 and 6 after the notice (Art. 14: 7 days).

The days are a dated rule. One job a day walks over everybody who waits, some at a time; a mark in the one-winner ledger
keeps a second run from reminding anybody twice.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from identity import once
from identity.account import Account, AccountState
from identity.deadlines import VIETNAM, rule, today_in_vietnam
from identity.jobs import enqueue
from identity.outbox import Channel, post
from identity.person import Person

MESSAGE = "activation-reminder"
JOB = "activation-reminders"
BATCH = 100
FROM_HOUR = 8
"""Nobody is woken: the day's reminders begin at 8 in the morning, Vietnam time."""


def start_the_days_reminders(db: Session, *, now: datetime) -> None:
    """Ask for today's job once, by whichever worker comes first."""
    today = today_in_vietnam(now)
    if now.astimezone(VIETNAM).hour < FROM_HOUR:
        return
    if once.spend(db, JOB, today.isoformat(), expires_at=now + timedelta(days=2)):
        enqueue(db, JOB, {"day": today.isoformat()}, now=now)


def remind_some(db: Session, cursor: dict[str, Any] | None, *, now: datetime) -> dict[str, Any] | None:
    """Remind the next batch; returns where to go on, or None at the end."""
    after = UUID(cursor["after"]) if cursor else UUID(int=0)
    waiting = db.execute(
        select(Account.id, Account.person_id, Account.issued_at, Account.activate_by, Account.locale)
        .where(Account.state == AccountState.ISSUED.value, Account.activate_by > now, Account.id > after)
        .order_by(Account.id)
        .limit(BATCH)
    ).all()
    for row in waiting:
        if _days_waited(row.issued_at, now) in rule("activation_reminder_days", today_in_vietnam(now)):
            _remind(db, row, now=now)
    return {"after": str(waiting[-1].id)} if len(waiting) == BATCH else None


def _days_waited(issued_at: datetime, now: datetime) -> int:
    return (today_in_vietnam(now) - today_in_vietnam(issued_at)).days


def _remind(db: Session, row: Any, *, now: datetime) -> None:
    person = db.get(Person, row.person_id) if row.person_id else None
    if person is None or person.phone is None:
        return
    key = f"{row.id}:{today_in_vietnam(now).isoformat()}"
    if once.spend(db, MESSAGE, key, expires_at=now + timedelta(days=2)):
        post(
            db,
            Channel.SMS,
            MESSAGE,
            person.phone,
            now=now,
            recipient=row.id,
            locale=row.locale,
            activate_by=row.activate_by.isoformat(),
        )
