"""What an office owes beside its applications and is late with: complaints, requests to lock or open, its own tasks.

Each stands on top of its list, and the supervisors are told once for each date that was missed, as they are of
applications (`application.warnings`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from identity.application.tasks import WAITS, Task
from identity.application.warnings import tell_supervisors
from identity.audit import SYSTEM, Event, record
from identity.complaints import Complaint
from identity.lock_requests.model import LockRequest, RequestState
from identity.once import spend

MESSAGE = "office-work-overdue"
PURPOSE = "late-work"
LOOK_BACK = timedelta(days=30)
"""However long the worker was away; whoever is late for longer was told."""
REMEMBERED = 2 * LOOK_BACK


def warn_of_late_work(db: Session, *, now: datetime) -> int:
    """Called by the worker; looks once an hour. Returns how many missed dates were told of."""
    if not spend(db, PURPOSE, f"{now:%Y-%m-%dT%H}", expires_at=now + timedelta(hours=2)):
        return 0
    by_unit: Counter[UUID] = Counter()
    for kind, row_id, unit_id, due_at in _late(db, now):
        if spend(db, PURPOSE, f"{kind} {row_id} {due_at.isoformat()}", expires_at=now + REMEMBERED):
            by_unit[unit_id] += 1
            record(db, Event.SUPERVISOR_WARNED, SYSTEM, now=now, subject=(kind, row_id))
    tell_supervisors(db, MESSAGE, by_unit, now=now)
    return by_unit.total()


def _late(db: Session, now: datetime) -> Iterator[tuple[str, UUID, UUID, datetime]]:
    """Kind, row, unit and the date that was missed."""
    received, forwarded = (
        LockRequest.state == state.value for state in (RequestState.RECEIVED, RequestState.FORWARDED)
    )
    for kind, row, due, waits in (
        ("complaint", Complaint, Complaint.due_at, Complaint.answered_at.is_(None)),
        ("office-task", Task, Task.due_at, WAITS),
        ("lock-request", LockRequest, LockRequest.forward_by, received),
        ("lock-request", LockRequest, LockRequest.decide_by, forwarded),
    ):
        late = select(row.id, row.unit_id, due).where(waits, due < now, due >= now - LOOK_BACK)
        yield from ((kind, *found) for found in db.execute(late.order_by(due, row.id)))
