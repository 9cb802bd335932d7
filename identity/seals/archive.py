"""Old events leave the database for a file that can be checked against the seals, which stay.

First the file, then the drop: `archive_before` writes sealed events as lines and reads them back by nobody's leave;
`drop_archived` deletes only what that very file holds, and writes down that it did, in the trail itself.
"""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from identity import audit
from identity.append_only import unguarded
from identity.audit import AuditEvent, Event
from identity.base import Refused
from identity.seals.merkle import leaf_hash
from identity.seals.model import AuditArchive, AuditSeal
from identity.seals.seal import content_of

CHUNK = 2000
TABLE = "audit_event"


@dataclass(frozen=True, slots=True)
class Archived:
    """What a file holds: events of positions `first` to before `end`."""

    path: Path
    first: int
    end: int
    digest: str


def archive_before(db: Session, folder: Path, *, before: datetime) -> Archived | None:
    """Write the oldest sealed events, up to the first that happened at `before` or later; None if there are none."""
    first = db.scalar(select(func.max(AuditArchive.end))) or 0
    end = _end(db, first, before)
    if end == first:
        return None
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"audit-{first}-{end}.jsonl.gz"
    with path.open("xb") as raw, gzip.GzipFile(fileobj=raw, mode="wb", mtime=0) as file:
        for line in _lines(db, first, end):
            file.write(line + b"\n")
    return Archived(path, first, end, _digest(path))


def drop_archived(db: Session, archived: Archived, *, actor: audit.Actor, now: datetime) -> None:
    """Delete what the file holds, after comparing every line with its seal; raises `Refused`."""
    if _digest(archived.path) != archived.digest or not _holds_all(db, archived):
        raise Refused("archive-broken")
    ids = select(AuditSeal.event_id).where(AuditSeal.position >= archived.first, AuditSeal.position < archived.end)
    with unguarded(db.connection(), TABLE, "DELETE"):
        db.execute(delete(AuditEvent).where(AuditEvent.id.in_(ids)), execution_options={"synchronize_session": False})
    db.add(AuditArchive(first=archived.first, end=archived.end, at=now, file_digest=archived.digest))
    audit.record(db, Event.AUDIT_ARCHIVED, actor, now=now, first=archived.first, end=archived.end, file=archived.digest)


def _end(db: Session, first: int, before: datetime) -> int:
    """The first position from `first` on whose event is younger than `before`, or the number of seals."""
    joined = select(func.min(AuditSeal.position)).join(AuditEvent, AuditEvent.id == AuditSeal.event_id)
    younger = db.scalar(joined.where(AuditSeal.position >= first, AuditEvent.at >= before))
    if younger is not None:
        return younger
    last = db.scalar(select(func.max(AuditSeal.position)))
    return first if last is None else last + 1


def _lines(db: Session, first: int, end: int) -> Iterator[bytes]:
    for begin in range(first, end, CHUNK):
        query = select(AuditEvent).join(AuditSeal, AuditSeal.event_id == AuditEvent.id)
        query = query.where(AuditSeal.position >= begin, AuditSeal.position < min(begin + CHUNK, end))
        yield from (content_of(event) for event in db.scalars(query.order_by(AuditSeal.position)))


def _holds_all(db: Session, archived: Archived) -> bool:
    with gzip.open(archived.path) as file:
        for begin in range(archived.first, archived.end, CHUNK):
            query = select(AuditSeal.leaf).where(
                AuditSeal.position >= begin, AuditSeal.position < min(begin + CHUNK, archived.end)
            )
            leaves = list(db.scalars(query.order_by(AuditSeal.position)))
            if [leaf_hash(file.readline().rstrip(b"\n")) for _ in leaves] != leaves:
                return False
        return not file.read(1)


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
