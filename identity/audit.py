"""What happened, append-only, from a closed list of names (architecture, invariant 7).

The database itself refuses UPDATE and DELETE of these rows (migration *append only*). Facts hold codes and ids, never
personal data: a resident sees them, an auditor reads them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from sqlalchemy import JSON, Index, Integer, String, Table, bindparam, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from identity.audit_names import Event as Event
from identity.base import Base, Keyed, new_id
from identity.statements import Prepared
from identity.writing import Row, write_together


class AuditEvent(Keyed, Base):
    """One thing that happened. `actor` is an account, `subject` the person or thing it concerns."""

    __tablename__ = "audit_event"
    __table_args__ = (Index(None, "subject_id", "at"),)

    at: Mapped[datetime] = mapped_column(index=True)
    name: Mapped[str] = mapped_column(String(60))
    actor_id: Mapped[UUID | None] = mapped_column(index=True)
    actor_role: Mapped[str] = mapped_column(String(40))
    subject_kind: Mapped[str | None] = mapped_column(String(40))
    subject_id: Mapped[UUID | None]
    facts: Mapped[dict[str, Any]] = mapped_column(JSON)


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: an account in a role, a visitor, or the system."""

    account_id: UUID | None
    role: str


SYSTEM = Actor(None, "system")
VISITOR = Actor(None, "visitor")


def record(
    db: Session,
    event: Event,
    actor: Actor,
    *,
    now: datetime,
    subject: tuple[str, UUID] | None = None,
    **facts: Any,
) -> None:
    """Append one event in the transaction of its cause. `subject` is (kind, id): person, application, account …"""
    write_together(db, event_row(event, actor, now=now, subject=subject, **facts))


def event_row(
    event: Event, actor: Actor, *, now: datetime, subject: tuple[str, UUID] | None = None, **facts: Any
) -> Row:
    """The same as a row, to be written together with its cause (`identity.writing`)."""
    kind, subject_id = subject or (None, None)
    return _TABLE, {
        "id": new_id(),
        "at": now,
        "name": event.value,
        "actor_id": actor.account_id,
        "actor_role": actor.role,
        "subject_kind": kind,
        "subject_id": subject_id,
        "facts": facts,
    }


def events_about(db: Session, subject: tuple[str, UUID], *, limit: int = 100) -> Sequence[Any]:
    """The newest events that concern `subject`: rows with the columns of `AuditEvent`."""
    kind, subject_id = subject
    return _ABOUT.all(db, kind=kind, subject=subject_id, most=limit)


_TABLE = cast(Table, AuditEvent.__table__)
_ABOUT = Prepared(
    select(_TABLE)
    .where(_TABLE.c.subject_kind == bindparam("kind"), _TABLE.c.subject_id == bindparam("subject"))
    .order_by(_TABLE.c.at.desc(), _TABLE.c.id.desc())
    .limit(bindparam("most", type_=Integer()))
)
