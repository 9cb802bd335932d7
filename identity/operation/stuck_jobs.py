"""Long work as the operator sees it: how far it is, and the work that has failed and may be started again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from identity.audit import Actor, Event, record
from identity.base import Refused
from identity.jobs import LEASE, Job

SHOWN = 30
PARTS = ("table", "index", "rule")
"""What the cursor of long work counts up to `of`."""


def last_jobs(db: Session) -> list[Job]:
    """Open and failed work first, then what was finished last."""
    over = Job.finished_at.is_not(None)
    return list(db.scalars(select(Job).order_by(over, Job.queued_at.desc(), Job.id.desc()).limit(SHOWN)))


def count_open(db: Session) -> tuple[int, int]:
    """How much is open, and how much has failed."""
    is_open = func.count().filter(Job.finished_at.is_(None), Job.failed_at.is_(None))
    has_failed = func.count().filter(Job.failed_at.is_not(None))
    waiting, failed = db.execute(select(is_open, has_failed)).one()
    return waiting, failed


def state_of(job: Job, *, now: datetime) -> str:
    """In one word of a closed list."""
    if job.failed_at is not None:
        return "failed"
    if job.finished_at is not None:
        return "done"
    if job.leased_until is None:
        return "waiting"
    if job.error:
        return "again"
    if job.leased_until >= now:
        return "working"
    return "waiting" if now - job.leased_until < LEASE else "left"  # it gave way a moment ago, or nobody takes it up


@dataclass(frozen=True, slots=True)
class Part:
    """How far work is: parts done of all, and rows where it counts them."""

    done: int
    all: int
    rows: int | None


def part_done(job: Job) -> Part | None:
    """Of work that goes through so many tables, indexes or rules; other kinds keep other things in their cursor."""
    cursor = job.cursor or {}
    done = next((cursor[name] for name in PARTS if isinstance(cursor.get(name), int)), None)
    if done is None or not isinstance(cursor.get("of"), int):
        return None
    return Part(done, cursor["of"], cursor.get("rows"))


def start_again(db: Session, job_id: UUID, actor: Actor, *, now: datetime) -> None:
    """Failed work goes on from where it was. Refused "job-stands" for any other."""
    begun = db.execute(
        update(Job)
        .where(Job.id == job_id, Job.failed_at.is_not(None), Job.finished_at.is_(None))
        .values(failed_at=None, leased_until=None, attempts=0, error=None)
        .returning(Job.kind)
        .execution_options(synchronize_session=False)
    ).one_or_none()
    if begun is None:
        raise Refused("job-stands")
    record(db, Event.JOB_STARTED_AGAIN, actor, now=now, subject=("job", job_id), kind=begun.kind)
