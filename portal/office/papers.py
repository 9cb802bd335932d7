"""Files that belong to a case."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import and_, bindparam, or_, select
from sqlalchemy.orm import Session

from identity.application import Application
from identity.application.guardianship_paper import guardianship_paper
from identity.files import PORTRAIT, WAITING, File
from identity.statements import Prepared
from portal.language import _, amount, moment
from portal.services import now


@dataclass(frozen=True, slots=True)
class Paper:
    """One file: what it is, how large and since when."""

    id: UUID
    kind: str
    media_type: str
    name: str
    detail: str


def papers_of(db: Session, application: Application) -> list[Paper]:
    """Every file of the application, the newest first, and the paper of a guardianship that was shown before."""
    of_guardian = guardianship_paper(db, application, now=now())
    return [
        Paper(
            id=row.id,
            kind=row.kind,
            media_type=row.media_type,
            name=_name(row.kind, is_kept=row.owner_id != application.id),
            detail=_("%(size)s KB, %(when)s", size=amount(max(row.size // 1024, 1)), when=moment(row.stored_at)),
        )
        for row in _SENT.all(db, owner=application.id, of_guardian=of_guardian)
    ]


def _name(kind: str, *, is_kept: bool) -> str:
    if is_kept:
        return _("Paper of the guardianship, from an earlier application")
    return _("Portrait at the counter") if kind == PORTRAIT else _("Paper from the applicant")


_SENT = Prepared(
    select(File.id, File.kind, File.media_type, File.size, File.stored_at, File.owner_id)
    .where(
        or_(
            and_(File.owner_id == bindparam("owner"), File.kind.not_like(f"{WAITING}%")),
            File.id == bindparam("of_guardian", type_=File.id.type),
        )
    )
    .order_by(File.stored_at.desc())
)
