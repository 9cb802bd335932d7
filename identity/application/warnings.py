"""Overdue work is told to the supervisors of the office, once for each date that was missed.

One-stop mechanism, Decree 118/2025/ND-CP: whoever leads the office answers for what is late. The letter counts and
names nobody; the files stand on top of the queue.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from identity.account import Account
from identity.application.model import Application
from identity.application.supervising import supervisors_of
from identity.audit import SYSTEM, Event, record
from identity.outbox import Channel, post
from identity.staff.record import StaffRecord

MESSAGE = "office-overdue"
MOST = 200


def warn_supervisors(db: Session, *, now: datetime) -> int:
    """Called by the worker. Returns how many files were told of.

    A clock that ran again and was missed again is told again: `warned_at` is older than the new date.
    """
    late = select(Application).where(
        Application.due_at < now, or_(Application.warned_at.is_(None), Application.warned_at < Application.due_at)
    )
    rows = list(db.scalars(late.order_by(Application.due_at).limit(MOST).with_for_update(skip_locked=True)))
    by_unit: Counter[UUID] = Counter()
    for application in rows:
        application.warned_at = now
        by_unit[application.unit_id] += 1
        record(db, Event.SUPERVISOR_WARNED, SYSTEM, now=now, subject=application.subject)
    tell_supervisors(db, MESSAGE, by_unit, now=now)
    return len(rows)


def tell_supervisors(db: Session, message: str, by_unit: Mapping[UUID, int], *, now: datetime) -> None:
    """One letter to each, with how many are late (`files`) in all that they supervise."""
    letters: Counter[UUID] = Counter()
    for unit_id, late in by_unit.items():
        for account_id in supervisors_of(db, unit_id, now=now):
            letters[account_id] += late
    for account, kept in _reachable(db, letters):
        to, files = kept.email or "", letters[account.id]
        post(db, Channel.EMAIL, message, to, now=now, recipient=account.id, locale=account.locale, files=files)


def tell_officer(db: Session, message: str, account_id: UUID, *, now: datetime, **facts: str) -> None:
    """A letter to one member of staff, at the address that the staff record holds."""
    for account, kept in _reachable(db, [account_id]):
        if kept.email:
            to: dict[str, Any] = {"recipient": account.id, "locale": account.locale, **facts}
            post(db, Channel.EMAIL, message, kept.email, now=now, **to)


def _reachable(db: Session, accounts: Iterable[UUID]) -> list[tuple[Account, StaffRecord]]:
    query = select(Account, StaffRecord).join(StaffRecord, StaffRecord.account_id == Account.id)
    return [(row[0], row[1]) for row in db.execute(query.where(Account.id.in_(list(accounts))).order_by(Account.id))]
