"""What left the database: each range that is said to be archived is held against the trail and against its file.

Whoever can write the database can say of any event that it was archived, and write that into the trail, too. They
cannot sign it, and the file itself says whether it is so.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from identity.audit import AuditEvent, Event
from identity.seals.archive import Archived, digest_of, holds_all, path_of, told_of
from identity.seals.keys import vouches
from identity.seals.model import AuditArchive, AuditSeal

Entry = tuple[dict[str, Any], int | None]


def wrong_archives(db: Session, folder: Path | None) -> Iterator[tuple[str, int]]:
    """What does not hold, with the first position; without a folder the files are not looked at."""
    sealed = AuditSeal.event_id == AuditEvent.id
    entries = select(AuditEvent.facts, AuditSeal.position).outerjoin(AuditSeal, sealed)
    told: list[Entry] = [tuple(row) for row in db.execute(entries.where(AuditEvent.name == Event.AUDIT_ARCHIVED.value))]
    ranges = select(AuditArchive.first, AuditArchive.end, AuditArchive.file_digest).order_by(AuditArchive.first)
    for first, end, digest in db.execute(ranges):
        archived = Archived(path_of(folder or Path(), first, end), first, end, digest)
        if not any(_tells(db, entry, archived) for entry in told):
            yield "archive-unrecorded", first
        if folder is not None:
            if not archived.path.exists():
                yield "archive-missing", first
            elif not _is_whole(db, archived):
                yield "archive-changed", first


def _tells(db: Session, entry: Entry, archived: Archived) -> bool:
    facts, place = entry
    if not isinstance(facts, dict) or {**facts, "signed": None} != {**told_of(archived), "signed": None}:
        return False
    try:
        signature = bytes.fromhex(facts.get("signed", ""))
    except (TypeError, ValueError):
        return False
    return vouches(db, signature, archived.statement, place)


def _is_whole(db: Session, archived: Archived) -> bool:
    return digest_of(archived.path) == archived.digest and holds_all(db, archived)
