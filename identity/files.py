"""Files of a case, encrypted at rest; images are made anew, so that nothing hidden in them is kept.

`prepare_image` is the slow half and runs before the transaction; `store` only writes. An image leaves with its pixels
alone: position, camera, thumbnails and anything appended to the file are gone.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import LargeBinary, String, delete, select
from sqlalchemy.orm import Mapped, Session, deferred, mapped_column

from identity.base import Base, Keyed, Refused
from identity.deadlines import rule, today_in_vietnam
from identity.sealed import Sealed, add

LARGEST_FILE = 10 * 1024 * 1024
QUALITY = 88
PORTRAIT, REGISTER_PHOTO = "portrait", "register-photo"
"""The kinds of file that show a face: as the counter or the applicant took it, and as the register holds it."""
FACES = (PORTRAIT, REGISTER_PHOTO)
WAITING = "waiting-"
"""How kinds begin of what was sent with an answer that is not complete yet: nobody but the sender looks at it."""


class File(Keyed, Base):
    """One stored file. `owner_id` is the application or person it belongs to."""

    __tablename__ = "stored_file"

    kind: Mapped[str] = mapped_column(String(40))
    owner_id: Mapped[UUID] = mapped_column(index=True)
    media_type: Mapped[str] = mapped_column(String(60))
    size: Mapped[int]
    stored_at: Mapped[datetime] = mapped_column(index=True)
    content_sealed: Mapped[bytes] = deferred(mapped_column(LargeBinary))
    content = Sealed(bytes)


def least_side(shows: str, now: datetime) -> int:
    """How many pixels the shorter side of a picture has at least that shows a "portrait" or a "paper"."""
    return int(rule("picture_least_side", today_in_vietnam(now))[shows])


def prepare_image(content: bytes, *, least_side: int = 0, field: str | None = None) -> bytes:
    """The picture as a fresh JPEG, upright and at most 2,400 pixels long.

    Refuses more than 10 MB (`file-too-large`) or 25 million pixels (`too-many-pixels`), what nobody could recognise
    anything in (`picture-too-small`), and what is no picture.
    """
    if len(content) > LARGEST_FILE:
        raise Refused("file-too-large", field=field)
    from identity.pictures import made_anew

    return made_anew(content, QUALITY, least_side=least_side, field=field)


def store(
    db: Session, content: bytes, kind: str, owner: UUID, *, now: datetime, media_type: str = "image/jpeg"
) -> File:
    """Keep `content` (an image comes from `prepare_image`) encrypted."""
    if len(content) > LARGEST_FILE:
        raise Refused("file-too-large")
    row = File(kind=kind, owner_id=owner, media_type=media_type, size=len(content), stored_at=now)
    return add(db, row, content=content)


def read(db: Session, file_id: UUID) -> bytes | None:
    """The content, or None if there is no such file (any more)."""
    row = db.get(File, file_id)
    return row.content if row else None


def find_file(db: Session, owner: UUID, kind: str) -> UUID | None:
    """The newest file of this kind that belongs to `owner`."""
    query = select(File.id).where(File.owner_id == owner, File.kind == kind)
    return db.scalar(query.order_by(File.stored_at.desc(), File.id.desc()).limit(1))


def remove(db: Session, owner: UUID, kind: str = "") -> None:
    """Delete the files of `owner`, or those of one kind (retention rules, withdrawn applications, a better picture)."""
    gone = delete(File).where(File.owner_id == owner, *((File.kind == kind,) if kind else ()))
    db.execute(gone.execution_options(synchronize_session=False))
