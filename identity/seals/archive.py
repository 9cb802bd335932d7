"""Old events leave the database for a file that can be checked against the seals, which stay.

They leave by partitions of some thousand, because on PostgreSQL nobody can write an event while some are deleted. For
each first the file, then the drop: `archive_before` writes sealed events as lines and reads them back by nobody's
leave; `drop_archived` deletes only what that very file holds, writes down that it did, in the trail itself, and seals
that with a checkpoint. The entry never leaves and is signed: without it `verify` takes a missing event for a deleted
one, and whoever can write the database can write no such entry.

Younger events stay: the history of an account shows them for five years, and four eyes, idle accounts and limits ask
the trail who did what.
"""

from __future__ import annotations

import gzip
import hashlib
import os
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, delete, func, select
from sqlalchemy.orm import Session

from identity import audit
from identity.append_only import unguarded
from identity.audit import AuditEvent, Event
from identity.base import Refused
from identity.deadlines import rule, today_in_vietnam, years_before
from identity.seals.keys import LOCK, signing_key
from identity.seals.merkle import leaf_hash
from identity.seals.model import AuditArchive, AuditSeal
from identity.seals.seal import content_of, seal_some
from identity.turns import take_turns

CHUNK = 2000
PARTITION = 10_000
TABLE = "audit_event"


@dataclass(frozen=True, slots=True)
class Archived:
    """What a file holds: events of positions `first` to before `end`."""

    path: Path
    first: int
    end: int
    digest: str

    @property
    def statement(self) -> bytes:
        """What the key of the seal signs."""
        return f"archived audit events\n{self.first}\n{self.end}\n{self.digest}\n".encode()


def archive_before(
    db: Session, folder: Path, *, before: datetime, since: int = 0, until: int | None = None
) -> Archived | None:
    """Write a partition of the oldest sealed events, up to the first that happened at `before` or later; None if there
    are none. Positions below `since`, where the last partition written ended, and from `until` on are left alone.

    A file that was written before, by a command that was stopped or did not drop, is taken as it is, once it holds the
    very same. Refused "archive-broken" when it does not.
    """
    first = max(since, db.scalar(select(func.max(AuditArchive.end))) or 0)
    end = _end(db, first, first + PARTITION if until is None else min(first + PARTITION, until), before)
    if end <= first:
        return None
    folder.mkdir(parents=True, exist_ok=True)
    path = path_of(folder, first, end)
    if not path.exists():
        _write(path, _lines(db, first, end))
    archived = Archived(path, first, end, digest_of(path))
    if not holds_all(db, archived):
        raise Refused("archive-broken")
    return archived


def path_of(folder: Path, first: int, end: int) -> Path:
    """What the file of these positions is called."""
    return folder / f"audit-{first}-{end}.jsonl.gz"


def drop_archived(db: Session, archived: Archived, origin: str, *, actor: audit.Actor, now: datetime) -> None:
    """Delete what the file holds, after comparing every line with its seal, and write a checkpoint.

    Refused "archive-broken", "archive-too-young" where an event is younger than histories reach back.
    """
    if digest_of(archived.path) != archived.digest or not holds_all(db, archived):
        raise Refused("archive-broken")
    ids = select(AuditSeal.event_id).where(AuditSeal.position >= archived.first, AuditSeal.position < archived.end)
    gone = AuditEvent.id.in_(ids) & (AuditEvent.name != Event.AUDIT_ARCHIVED)
    if _is_young(db, gone, now):
        raise Refused("archive-too-young")
    take_turns(db, LOCK)  # no other key takes over between the signature and the checkpoint
    with unguarded(db.connection(), TABLE, "DELETE"):
        db.execute(delete(AuditEvent).where(gone), execution_options={"synchronize_session": False})
    db.add(AuditArchive(first=archived.first, end=archived.end, at=now, file_digest=archived.digest))
    audit.record(db, Event.AUDIT_ARCHIVED, actor, now=now, signed=_signature(db, archived), **told_of(archived))
    while seal_some(db, origin, now=now):
        pass


def told_of(archived: Archived) -> dict[str, Any]:
    """What the trail says of an archive."""
    return {"first": archived.first, "end": archived.end, "file": archived.digest}


def _signature(db: Session, archived: Archived) -> str:
    return signing_key(db).sign(archived.statement).hex()


def holds_all(db: Session, archived: Archived) -> bool:
    """Whether the file holds exactly the events of its positions, as they were sealed."""
    try:
        return _compare(db, archived)
    except (OSError, EOFError, zlib.error):  # cut off, or no such file
        return False


def digest_of(path: Path) -> str:
    """SHA-256 of a file; of none when it is not there."""
    if not path.exists():
        return ""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _write(path: Path, lines: Iterator[bytes]) -> None:
    """Whole or not at all: what was begun and not ended has another name."""
    begun = path.with_suffix(".part")
    with begun.open("wb") as raw, gzip.GzipFile(filename="", fileobj=raw, mode="wb", mtime=0) as file:
        for line in lines:
            file.write(line + b"\n")
    os.link(begun, path)  # fails where somebody was faster
    begun.unlink()


def _is_young(db: Session, gone: ColumnElement[bool], now: datetime) -> bool:
    years = int(rule("usage_history_years", today_in_vietnam(now)))
    youngest = db.scalar(select(func.max(AuditEvent.at)).where(gone))
    return youngest is not None and youngest >= years_before(now, years)


def _end(db: Session, first: int, beyond: int, before: datetime) -> int:
    """The first position from `first` on whose event is younger than `before`, or where seals or partition end."""
    inside = AuditSeal.position.between(first, beyond - 1)
    joined = select(func.min(AuditSeal.position)).join(AuditEvent, AuditEvent.id == AuditSeal.event_id)
    younger = db.scalar(joined.where(inside, AuditEvent.at >= before))
    if younger is not None:
        return younger
    last = db.scalar(select(func.max(AuditSeal.position)).where(inside))
    return first if last is None else last + 1


def _lines(db: Session, first: int, end: int) -> Iterator[bytes]:
    for begin in range(first, end, CHUNK):
        query = select(AuditEvent).join(AuditSeal, AuditSeal.event_id == AuditEvent.id)
        query = query.where(AuditSeal.position >= begin, AuditSeal.position < min(begin + CHUNK, end))
        yield from (content_of(event) for event in db.scalars(query.order_by(AuditSeal.position)))


def _compare(db: Session, archived: Archived) -> bool:
    with gzip.open(archived.path) as file:
        for begin in range(archived.first, archived.end, CHUNK):
            query = select(AuditSeal.leaf).where(
                AuditSeal.position >= begin, AuditSeal.position < min(begin + CHUNK, archived.end)
            )
            leaves = list(db.scalars(query.order_by(AuditSeal.position)))
            if [leaf_hash(file.readline().rstrip(b"\n")) for _ in leaves] != leaves:
                return False
        return not file.read(1)
