"""Files that belong to a case."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from identity.application import Application
from identity.files import WAITING, File
from portal.language import _, amount, moment

PORTRAIT = "portrait"


@dataclass(frozen=True, slots=True)
class Paper:
    """One file: what it is, how large and since when."""

    id: UUID
    kind: str
    media_type: str
    name: str
    detail: str


def papers_of(db: Session, application: Application) -> list[Paper]:
    """Every file of the application, the newest first."""
    columns = (File.id, File.kind, File.media_type, File.size, File.stored_at)
    sent = select(*columns).where(File.owner_id == application.id, File.kind.not_like(f"{WAITING}%"))
    rows = db.execute(sent.order_by(File.stored_at.desc()))
    return [
        Paper(
            id=row.id,
            kind=row.kind,
            media_type=row.media_type,
            name=_("Portrait at the counter") if row.kind == PORTRAIT else _("Paper from the applicant"),
            detail=_("%(size)s KB, %(when)s", size=amount(max(row.size // 1024, 1)), when=moment(row.stored_at)),
        )
        for row in rows
    ]
