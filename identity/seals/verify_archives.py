"""What left the database: each range that is said to be archived is held against the trail and against its file.

Whoever can write the database can say of any event that it was archived. The entry that the archive left in the trail,
and the file itself, say whether it is so.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from identity.audit import AuditEvent, Event
from identity.seals.archive import Archived, digest_of, holds_all, path_of
from identity.seals.model import AuditArchive


def wrong_archives(db: Session, folder: Path | None) -> Iterator[tuple[str, int]]:
    """What does not hold, with the first position; without a folder the files are not looked at."""
    entries = select(AuditEvent.facts).where(AuditEvent.name == Event.AUDIT_ARCHIVED.value)
    told = [dict(facts) for facts in db.scalars(entries)]
    for row in db.scalars(select(AuditArchive).order_by(AuditArchive.first)):
        if {"first": row.first, "end": row.end, "file": row.file_digest} not in told:
            yield "archive-unrecorded", row.first
        if folder is not None:
            path = path_of(folder, row.first, row.end)
            if not path.exists():
                yield "archive-missing", row.first
            elif not _is_whole(db, Archived(path, row.first, row.end, row.file_digest)):
                yield "archive-changed", row.first


def _is_whole(db: Session, archived: Archived) -> bool:
    return digest_of(archived.path) == archived.digest and holds_all(db, archived)
