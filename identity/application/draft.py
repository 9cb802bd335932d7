"""An application that is still being filled in: saved on the server step by step, opened by the browser's token."""

from __future__ import annotations

import secrets
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any, cast
from uuid import UUID

from sqlalchemy import LargeBinary, String, Table, bindparam, delete, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column
from sqlalchemy.orm.attributes import set_committed_value

from identity.audit import VISITOR, Event, record
from identity.base import Base, Keyed, Refused
from identity.deadlines import rule, today_in_vietnam
from identity.files import File
from identity.sealed import Sealed, add, vault
from identity.statements import Prepared


class Draft(Keyed, Base):
    """What has been typed so far, sealed. `token` is known only while the browser's request carries it."""

    __tablename__ = "application_draft"

    token = cast("str | None", None)

    token_digest: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    locale: Mapped[str] = mapped_column(String(10))
    answers_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    started_at: Mapped[datetime]
    saved_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    submitted_at: Mapped[datetime | None]

    answers: Sealed[dict[str, Any]] = Sealed(dict)

    def answer(self, name: str, default: Any = None) -> Any:
        """One answer by name."""
        return (self.answers or {}).get(name, default)


def start_draft(db: Session, *, now: datetime, locale: str = "vi") -> Draft:
    """A fresh draft; its `token` goes into the browser's cookie, only a digest is stored."""
    token = secrets.token_urlsafe(32)
    draft = Draft(
        token_digest=_digest(db, token),
        locale=locale,
        started_at=now,
        saved_at=now,
        expires_at=now + timedelta(days=int(rule("draft_open_days", today_in_vietnam(now)))),
    )
    add(db, draft, answers={})
    draft.token = token
    record(db, Event.APPLICATION_STARTED, VISITOR, now=now, subject=("draft", draft.id))
    return draft


def load_draft(db: Session, token: str, *, now: datetime) -> Draft | None:
    """The draft of this browser; None if unknown or too old."""
    draft = db.scalar(select(Draft).where(Draft.token_digest == _digest(db, token), Draft.expires_at > now))
    if draft is not None:
        draft.token = token
    return draft


def save_step(db: Session, draft: Draft, answers: dict[str, Any], *, now: datetime) -> None:
    """Keep the answers of one step beside the earlier ones; a None forgets. Refused once it was sent."""
    if draft.submitted_at is not None:
        raise Refused("draft-already-sent")
    kept = {**(draft.answers or {}), **answers}
    draft.answers = {name: value for name, value in kept.items() if value is not None}
    draft.saved_at = now


def claim(db: Session, draft: Draft, *, now: datetime) -> bool:
    """Mark the draft as sent; of two requests at once one is True."""
    won = _CLAIM.run(db, draft=draft.id, now=now) == 1
    if won:
        set_committed_value(draft, "submitted_at", now)
    return won


def drop_drafts(db: Session, ids: Collection[UUID]) -> None:
    """Drop drafts with their pictures: nothing else would ever find a picture again whose draft is gone."""
    for gone in (delete(File).where(File.owner_id.in_(ids)), delete(Draft).where(Draft.id.in_(ids))):
        db.execute(gone.execution_options(synchronize_session=False))


def _digest(db: Session, token: str) -> bytes:
    return vault(db).digest("application-draft", token)


_CLAIM = Prepared(
    update(cast(Table, Draft.__table__))
    .where(Draft.id == bindparam("draft"), Draft.submitted_at.is_(None))
    .values(submitted_at=bindparam("now"))
)
