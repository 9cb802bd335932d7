"""What the portal has told a person, kept for them to read under My account; the worker may also have sent it away.

A message is a kind and the values that fill its sentence, sealed. It never holds a code or a link that acts: whoever
reads along in a browser must learn nothing that opens anything.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, cast
from uuid import UUID

import orjson
from sqlalchemy import ColumnElement, ForeignKey, Index, LargeBinary, String, Table, func, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from identity.base import Base, Keyed, new_id
from identity.paging import count_pages
from identity.sealed import Sealed, vault
from identity.writing import write_together

SECRET_NAMES = frozenset({"code", "password", "secret", "link"})
COLUMN = "inbox_message.values_sealed"
A_PAGE = 20


class InboxMessage(Keyed, Base):
    """One message to the holder of an account. `values` go when their time is over; that it was sent stays."""

    __tablename__ = "inbox_message"
    __table_args__ = (Index(None, "account_id", "posted_at"),)

    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    kind: Mapped[str] = mapped_column(String(40))
    values_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    posted_at: Mapped[datetime]
    read_at: Mapped[datetime | None]

    values = Sealed(dict[str, Any])


def put(db: Session, account_id: UUID, kind: str, values: Mapping[str, Any], *, now: datetime) -> UUID:
    """Leave a message. `kind` is one of `portal.messages.TEMPLATES` or `portal.words.inbox`.

    Moments and days come under names that end in `_at`, `_on` or `_by`, as those of the outbox do.
    """
    if SECRET_NAMES & values.keys():
        raise ValueError(f"an inbox message of kind {kind} would hold a secret")
    row_id = new_id()
    row = {
        "id": row_id,
        "account_id": account_id,
        "kind": kind,
        "values_sealed": vault(db).seal(COLUMN, row_id, orjson.dumps(dict(values))),
        "posted_at": now,
    }
    write_together(db, (cast(Table, InboxMessage.__table__), row))
    return row_id


def unread(db: Session, account_id: UUID) -> int:
    """How many were not opened yet."""
    return cast(int, db.scalar(select(unread_of(account_id))))


def unread_of(account: UUID | ColumnElement[UUID]) -> ColumnElement[int]:
    """The same as a column of a larger statement."""
    return (
        select(func.count()).where(InboxMessage.account_id == account, InboxMessage.read_at.is_(None)).scalar_subquery()
    )


def messages(
    db: Session, account_id: UUID, *, page: int = 1, most: int = A_PAGE
) -> tuple[list[InboxMessage], int, int]:
    """One page of the messages, the newest first; which one it is (the last for any later one), and of how many."""
    mine = InboxMessage.account_id == account_id
    pages = count_pages(cast(int, db.scalar(select(func.count()).where(mine))), most)
    page = min(page, pages)
    newest = InboxMessage.posted_at.desc(), InboxMessage.id.desc()
    rows = db.scalars(select(InboxMessage).where(mine).order_by(*newest).limit(most).offset((page - 1) * most))
    return list(rows), page, pages


def open_message(db: Session, account_id: UUID, message: UUID, *, now: datetime) -> InboxMessage | None:
    """The person's own message, read from now on. Somebody else's is none."""
    row = db.get(InboxMessage, message)
    if row is None or row.account_id != account_id:
        return None
    row.read_at = row.read_at or now
    return row


def read_all(db: Session, account_id: UUID, *, now: datetime) -> None:
    """Everything so far has been read."""
    db.execute(
        update(InboxMessage)
        .where(InboxMessage.account_id == account_id, InboxMessage.read_at.is_(None), InboxMessage.posted_at <= now)
        .values(read_at=now)
        .execution_options(synchronize_session=False)
    )
