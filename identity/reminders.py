"""Reminders to people whose account waits to be activated: on days 1, 3, 5 and 6 after the notice (Art. 14: 7 days).

After the window they are told on later days that the account is kept, and how it is opened. Days count from the notice
that counts, so a code that was issued again begins anew. The days are dated rules.

One job a day walks over everybody who waits, some at a time; a mark in the one-winner ledger keeps a second run from
reminding anybody twice.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from identity import once
from identity.account import Account, AccountState
from identity.deadlines import VIETNAM, rule, today_in_vietnam
from identity.jobs import enqueue_once
from identity.outbox import post
from identity.telling import ways_to

MESSAGE, AFTERWARDS = "activation-reminder", "activation-late"
JOB = "activation-reminders"
BATCH = 100
FROM_HOUR = 8
"""Nobody is woken: the day's reminders begin at 8 in the morning, Vietnam time."""


def start_the_days_reminders(db: Session, *, now: datetime) -> None:
    """Ask for today's job once, by whichever worker comes first."""
    today = today_in_vietnam(now)
    if now.astimezone(VIETNAM).hour < FROM_HOUR:
        return
    enqueue_once(db, JOB, today.isoformat(), {"day": today.isoformat()}, lasting=timedelta(days=2), now=now)


def remind_some(db: Session, cursor: dict[str, Any] | None, *, now: datetime) -> dict[str, Any] | None:
    """Remind the next batch; returns where to go on, or None at the end."""
    after = UUID(cursor["after"]) if cursor else UUID(int=0)
    today = today_in_vietnam(now)
    late = rule("activation_late_days", today)
    oldest = now - timedelta(days=max(late) + 1)
    waiting = db.execute(
        select(Account.id, Account.person_id, Account.activate_by, Account.locale)
        .where(Account.state == AccountState.ISSUED.value, Account.activate_by > oldest, Account.id > after)
        .order_by(Account.id)
        .limit(BATCH)
    ).all()
    for row in waiting:
        days = _days_waited(row.activate_by, today)
        if row.activate_by > now and days in rule("activation_reminder_days", today):
            _remind(db, row, MESSAGE, now=now)
        elif row.activate_by <= now and days in late:
            _remind(db, row, AFTERWARDS, now=now)
    return {"after": str(waiting[-1].id)} if len(waiting) == BATCH else None


def _days_waited(activate_by: datetime, today: date) -> int:
    """Days since the notice, which opened the window."""
    return (today - today_in_vietnam(activate_by)).days + int(rule("activation_days", today))


def _remind(db: Session, row: Any, message: str, *, now: datetime) -> None:
    """On every way there is: who wanted the notice by e-mail looks there."""
    ways, key = ways_to(db, row), f"{row.id}:{today_in_vietnam(now).isoformat()}"
    if ways and once.spend(db, MESSAGE, key, expires_at=now + timedelta(days=2)):
        ends, language = row.activate_by.isoformat(), row.locale
        for channel, address in ways:
            post(db, channel, message, address, now=now, recipient=row.id, locale=language, activate_by=ends)
