"""What an office owes beside its applications and is late with: complaints, requests to lock or open, its own tasks,
wishes for a second supplement, and requests about personal data.

Each stands on top of its list, and the supervisors are told once for each date that was missed, as they are of
applications (`application.warnings`). Of requests about personal data the data protection officers hear too: some
belong to no office. Operators hear once a quarter, before it ends, of rights that nobody looked at, and once in the
next of those that are overdue.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from identity.application import second_supplement
from identity.application.supplement_wish import SupplementWish
from identity.application.tasks import WAITS, Task
from identity.application.warnings import tell_officer, tell_supervisors
from identity.audit import SYSTEM, Event, record
from identity.complaints import Complaint
from identity.deadlines import rule, today_in_vietnam
from identity.lock_requests.model import LockRequest, RequestState
from identity.once import spend
from identity.rights import model as rights
from identity.rights.model import RightsRequest
from identity.staff import Role, RoleName, at_work_on, review

MESSAGE, OF_RIGHTS = "office-work-overdue", "rights-overdue"
OF_REVIEW, OF_OVERDUE_REVIEW = "review-due", "review-overdue"
RIGHTS = "rights-request"
PURPOSE = "late-work"
LOOK_BACK = timedelta(days=30)
"""However long the worker was away; whoever is late for longer was told."""
REMEMBERED = 2 * LOOK_BACK
A_QUARTER = timedelta(days=100)
"""And a few days."""


def warn_of_late_work(db: Session, *, now: datetime) -> int:
    """Called by the worker; looks once an hour. Returns how many missed dates were told of."""
    if not spend(db, PURPOSE, f"{now:%Y-%m-%dT%H}", expires_at=now + timedelta(hours=2)):
        return 0
    work: Counter[UUID] = Counter()
    asked: Counter[UUID | None] = Counter()
    for kind, row_id, unit_id, due_at in _late(db, now):
        if spend(db, PURPOSE, f"{kind} {row_id} {due_at.isoformat()}", expires_at=now + REMEMBERED):
            if kind == RIGHTS:
                asked[unit_id] += 1
            elif unit_id is not None:
                work[unit_id] += 1
            record(db, Event.SUPERVISOR_WARNED, SYSTEM, now=now, subject=(kind, row_id))
    tell_supervisors(db, MESSAGE, work, now=now)
    _tell_of_rights(db, asked, now)
    _tell_of_review(db, now)
    return work.total() + asked.total()


def _tell_of_rights(db: Session, late: Counter[UUID | None], now: datetime) -> None:
    tell_supervisors(db, OF_RIGHTS, {unit: count for unit, count in late.items() if unit is not None}, now=now)
    if late:
        _tell_all(db, RoleName.DATA_PROTECTION_OFFICER, OF_RIGHTS, late.total(), now)


def _tell_of_review(db: Session, now: datetime) -> None:
    """Once a quarter, so many days before its end; and once after it, of what is overdue."""
    today = today_in_vietnam(now)
    quarter, late = review.quarter_of(today), len(review.overdue(db, now=now))
    if late and spend(db, PURPOSE, f"review overdue {quarter}", expires_at=now + A_QUARTER):
        _tell_all(db, RoleName.OPERATOR, OF_OVERDUE_REVIEW, late, now)
        record(db, Event.REVIEW_OVERDUE, SYSTEM, now=now, quarter=quarter, roles=late)
    soon = today + timedelta(days=int(rule("review_warning_days", today)))
    waiting = review.count_due(db, now=now) if review.quarter_of(soon) != quarter else 0
    if waiting and spend(db, PURPOSE, f"review {quarter}", expires_at=now + REMEMBERED):
        _tell_all(db, RoleName.OPERATOR, OF_REVIEW, waiting, now)


def _tell_all(db: Session, role: RoleName, message: str, count: int, now: datetime) -> None:
    """Everybody who holds the role and is at work today."""
    held = (Role.role == role.value, at_work_on(today_in_vietnam(now)))
    for account_id in db.scalars(select(Role.account_id).where(*held).distinct()).all():
        tell_officer(db, message, account_id, now=now, files=str(count))


def _late(db: Session, now: datetime) -> Iterator[tuple[str, UUID, UUID | None, datetime]]:
    """Kind, row, unit and the date that was missed."""
    received, forwarded = (
        LockRequest.state == state.value for state in (RequestState.RECEIVED, RequestState.FORWARDED)
    )
    unseen = RightsRequest.state == rights.RequestState.OPEN.value
    unanswered = RightsRequest.state.in_([state.value for state in rights.OPEN])
    for kind, row, due, waits in (
        ("complaint", Complaint, Complaint.due_at, Complaint.answered_at.is_(None)),
        ("office-task", Task, Task.due_at, WAITS),
        ("supplement-wish", SupplementWish, SupplementWish.due_at, second_supplement.WAITS),
        ("lock-request", LockRequest, LockRequest.forward_by, received),
        ("lock-request", LockRequest, LockRequest.decide_by, forwarded),
        (RIGHTS, RightsRequest, RightsRequest.acknowledge_by, unseen),
        (RIGHTS, RightsRequest, RightsRequest.due_at, unanswered),
    ):
        late = select(row.id, row.unit_id, due).where(waits, due < now, due >= now - LOOK_BACK)
        yield from ((kind, *found) for found in db.execute(late.order_by(due, row.id)))
