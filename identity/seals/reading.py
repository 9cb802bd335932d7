"""Rows as they lie in the database, also those that nobody can read any more.

Whoever writes into the database by hand may leave a time that is none, or facts that are no JSON. Such a row must not
end the search for changes: it is one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.exc import DataError
from sqlalchemy.orm import Session

from identity.audit import AuditEvent
from identity.seals.model import AuditSeal, Checkpoint

CHUNK = 5000
UNREADABLE = (ValueError, TypeError, OverflowError, DataError)
"""What a column raises that holds something else than its type."""


@dataclass(frozen=True, slots=True)
class Sealed:
    """One seal with its event. A leaf or batch of another type is none; `event` is None when it is not there."""

    position: int
    leaf: bytes
    batch: int
    event: AuditEvent | None
    is_readable: bool = True


def sealed_events(db: Session) -> Iterator[Sealed]:
    """Every seal in its order."""
    last = -1
    while True:
        positions = select(AuditSeal.position).where(AuditSeal.position > last)
        chunk = db.scalars(positions.order_by(AuditSeal.position).limit(CHUNK)).all()
        if not chunk:
            return
        yield from _read(db, AuditSeal.position.between(chunk[0], chunk[-1]), chunk)
        last = chunk[-1]
        db.expunge_all()


def checkpoints(db: Session) -> dict[int, Checkpoint | None]:
    """Every checkpoint by its size; None for one that cannot be read."""
    try:
        return {one.size: one for one in db.scalars(select(Checkpoint))}
    except UNREADABLE:
        return {size: _checkpoint(db, size) for size in db.scalars(select(Checkpoint.size)).all()}


def _read(db: Session, where: Any, positions: Iterable[int]) -> Iterator[Sealed]:
    try:
        rows = [_sealed(*row) for row in db.execute(_query().where(where).order_by(AuditSeal.position))]
    except UNREADABLE:
        rows = [_alone(db, position) for position in positions]
    yield from rows


def _alone(db: Session, position: int) -> Sealed:
    """When one of many cannot be read, each is read by itself."""
    here = AuditSeal.position == position
    try:
        return _sealed(*db.execute(_query().where(here)).one())
    except UNREADABLE:
        leaf, batch = db.execute(select(AuditSeal.leaf, AuditSeal.batch).where(here)).one()
        return _sealed(position, leaf, batch, None, is_readable=False)


def _sealed(position: int, leaf: Any, batch: Any, event: AuditEvent | None, *, is_readable: bool = True) -> Sealed:
    return Sealed(
        position,
        leaf if isinstance(leaf, bytes) else b"",
        batch if isinstance(batch, int) else -1,
        event,
        is_readable,
    )


def _query() -> Select[int, bytes, int, AuditEvent]:
    columns = select(AuditSeal.position, AuditSeal.leaf, AuditSeal.batch, AuditEvent)
    return columns.outerjoin(AuditEvent, AuditEvent.id == AuditSeal.event_id)


def _checkpoint(db: Session, size: int) -> Checkpoint | None:
    try:
        return db.get(Checkpoint, size)
    except UNREADABLE:
        return None
