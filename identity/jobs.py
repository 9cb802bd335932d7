"""Long work as rows: asked for in a transaction, done by the worker, seen while it goes, taken up again after a crash.

A job that is being done holds a lease, which every report of progress renews. A worker that dies lets the lease run out
and another continues from the last saved `cursor`, so each step must be one transaction with its report. Jobs take
turns: one that has not begun comes first, then whichever was left longest ago, so that a night's work delays no code.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, ColumnElement, Select, String, or_, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from identity import once
from identity.base import Base, Keyed
from identity.sealed import Sealed, add

LEASE = timedelta(minutes=5)
MOST_ATTEMPTS = 5


class Job(Keyed, Base):
    """One piece of long work. Open until `finished_at` or `failed_at` is set."""

    __tablename__ = "job"

    kind: Mapped[str] = mapped_column(String(40))
    arguments_sealed: Mapped[bytes]
    arguments = Sealed(dict[str, Any])
    cursor: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int | None]
    attempts: Mapped[int] = mapped_column(default=0)
    queued_at: Mapped[datetime] = mapped_column(index=True)
    leased_until: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    failed_at: Mapped[datetime | None]
    error: Mapped[str | None] = mapped_column(String(200))


@dataclass(frozen=True, slots=True)
class Taken:
    """A job that this worker holds. `lease` proves that it still does."""

    id: UUID
    kind: str
    arguments: Mapping[str, Any]
    cursor: Mapping[str, Any] | None
    done: int
    lease: datetime


class LeaseLost(Exception):
    """Another worker has the job; this one undoes its step and stops."""


def enqueue(db: Session, kind: str, arguments: dict[str, Any], *, now: datetime) -> UUID:
    """Ask for long work in the transaction of its cause."""
    return add(db, Job(kind=kind, queued_at=now), arguments=arguments).id


def enqueue_once(
    db: Session, kind: str, occasion: str, arguments: dict[str, Any], *, lasting: timedelta, now: datetime
) -> None:
    """The same once for an occasion (a day, a release), by whichever worker comes first; known as long as `lasting`."""
    if once.spend(db, kind, occasion, expires_at=now + lasting):
        enqueue(db, kind, arguments, now=now)


def begin(db: Session, kind: str, *, now: datetime) -> Taken:
    """Long work that whoever asks for it does at once, in place of what is open of its kind, which loses its lease.

    Where they stop, a worker goes on.
    """
    over = update(Job).where(_is_open(kind)).values(finished_at=now, leased_until=None)
    db.execute(over.execution_options(synchronize_session=False))
    job = add(db, Job(kind=kind, queued_at=now, leased_until=now + LEASE, attempts=1), arguments={})
    db.flush()
    return Taken(job.id, kind, {}, None, 0, now + LEASE)


def is_waiting(db: Session, *, now: datetime) -> bool:
    """Whether there is a job to take; a worker that only looks needs no write transaction."""
    return db.scalar(select(_takable(now).exists())) is True


def is_open(db: Session, kind: str) -> bool:
    """Whether a job of this kind is waiting or being done."""
    return db.scalar(select(Job.id).where(_is_open(kind)).limit(1)) is not None


def _is_open(kind: str) -> ColumnElement[bool]:
    return (Job.kind == kind) & Job.finished_at.is_(None) & Job.failed_at.is_(None)


def take(db: Session, *, now: datetime) -> Taken | None:
    """The open job that nobody holds and whose turn it is, or None."""
    order = Job.leased_until.is_not(None), Job.leased_until, Job.queued_at
    oldest = _takable(now).order_by(*order).limit(1).with_for_update(skip_locked=True)
    row = db.scalars(
        update(Job)
        .where(Job.id == oldest.scalar_subquery())
        .values(leased_until=now + LEASE, attempts=Job.attempts + 1)
        .returning(Job)
        .execution_options(synchronize_session=False, populate_existing=True)
    ).one_or_none()
    if row is None:
        return None
    return Taken(row.id, row.kind, row.arguments or {}, row.cursor, row.done, now + LEASE)


def _takable(now: datetime) -> Select[UUID]:
    free = or_(Job.leased_until.is_(None), Job.leased_until < now)
    return select(Job.id).where(Job.finished_at.is_(None), Job.failed_at.is_(None), free)


def progress(
    db: Session, job: Taken, done: int, total: int | None, *, now: datetime, cursor: dict[str, Any] | None = None
) -> Taken:
    """Report a step in its own transaction and renew the lease; raises `LeaseLost`."""
    _change(db, job, done=done, total=total, cursor=cursor, leased_until=now + LEASE)
    return Taken(job.id, job.kind, job.arguments, cursor, done, now + LEASE)


def give_way(db: Session, job: Taken, *, now: datetime) -> None:
    """Leave the job for its next turn, which is no further attempt; raises `LeaseLost`."""
    _change(db, job, leased_until=now, attempts=Job.attempts - 1)


def finish(db: Session, job: Taken, *, now: datetime) -> None:
    """The work is done."""
    _change(db, job, finished_at=now, leased_until=None)


def fail(db: Session, job: Taken, error: str, *, now: datetime) -> None:
    """Give the job back to be tried again after a lease; after five attempts it has failed. `error` names no person."""
    attempts = db.scalar(select(Job.attempts).where(Job.id == job.id)) or 0
    over = now if attempts >= MOST_ATTEMPTS else None
    _change(db, job, error=error[:200], failed_at=over, leased_until=now + LEASE)


def _change(db: Session, job: Taken, **values: Any) -> None:
    changed = db.execute(
        update(Job)
        .where(Job.id == job.id, Job.leased_until == job.lease, Job.finished_at.is_(None))
        .values(**values)
        .returning(Job.id)
        .execution_options(synchronize_session=False)
    ).one_or_none()
    if changed is None:
        raise LeaseLost(str(job.id))
