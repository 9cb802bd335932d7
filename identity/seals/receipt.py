"""A receipt: that one event stands in the sealed record, for its holder to keep and check against a checkpoint."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from identity.audit import AuditEvent
from identity.seals import merkle
from identity.seals.model import AuditSeal, Checkpoint
from identity.seals.note import Proof
from identity.seals.seal import content_of
from identity.seals.tree import Tree


def receipt_for(db: Session, event: AuditEvent) -> Proof | None:
    """The proof over the newest checkpoint, or None while the event waits for its seal."""
    position = position_of(db, event.id)
    newest = latest(db)
    if position is None or newest is None or position >= newest.size:
        return None
    path = merkle.inclusion(position, newest.size, Tree(db).subtree)
    return Proof(content_of(event), position, tuple(path), newest.note)


def position_of(db: Session, event_id: UUID) -> int | None:
    """Where an event stands in the tree, or None while it is unsealed."""
    return db.scalar(select(AuditSeal.position).where(AuditSeal.event_id == event_id))


def latest(db: Session) -> Checkpoint | None:
    """The newest checkpoint."""
    return db.scalars(select(Checkpoint).order_by(Checkpoint.size.desc()).limit(1)).one_or_none()
