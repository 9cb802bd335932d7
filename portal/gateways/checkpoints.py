"""Checkpoints outside the database: one file each in a folder that is copied elsewhere, by the operator's own means.

A file is never overwritten. One that says something else than the database is left as it is, for `flask audit verify`.
"""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import urlsplit

from sqlalchemy import select
from sqlalchemy.orm import Session

from identity.seals.model import Checkpoint
from portal.settings import Settings

MOST = 1000


def origin_of(settings: Settings) -> str:
    """The name of this portal's trail: a schema-less address, as transparency logs name themselves."""
    return f"{urlsplit(settings.issuer).netloc}/trail"


def folder_of(settings: Settings) -> Path:
    """Where this portal publishes."""
    return settings.checkpoints or settings.var / "checkpoints"


def publish(db: Session, folder: Path) -> int:
    """Write the checkpoints that are newer than the newest file; returns how many."""
    folder.mkdir(parents=True, exist_ok=True)
    newest = max((int(path.stem) for path in folder.glob("[0-9]*.txt")), default=-1)
    query = select(Checkpoint).where(Checkpoint.size > newest).order_by(Checkpoint.size).limit(MOST)
    rows = db.scalars(query).all()
    for row in rows:
        _write(folder / f"{row.size:015d}.txt", row.note)
    return len(rows)


def notes_in(folder: Path) -> list[str]:
    """All published notes, the oldest first."""
    return [path.read_text(errors="replace") for path in sorted(folder.glob("[0-9]*.txt"))]


def _write(path: Path, note: str) -> None:
    """Whole or not at all: a file that was begun and not ended has another name."""
    begun = path.with_suffix(f".{os.getpid()}.part")
    begun.write_text(note)
    try:
        os.link(begun, path)
    except FileExistsError:
        pass  # another worker was quicker
    finally:
        begun.unlink()
