"""Restriction: the data stay, but are used for nothing that rests on consent, until the person lifts it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import Session

from identity.audit import Actor, Event, record
from identity.rights.model import Restriction


def restrict(db: Session, account_id: UUID, actor: Actor, *, now: datetime) -> None:
    """Begin; twice is once. The caller also ends the consents that stand."""
    if not is_restricted(db, account_id):
        db.add(Restriction(account_id=account_id, since=now))
        record(db, Event.USE_RESTRICTED, actor, now=now, subject=("account", account_id))


def lift_restriction(db: Session, account_id: UUID, actor: Actor, *, now: datetime) -> None:
    """The person allows consents to be given again; what ended stays ended."""
    for row in db.scalars(_standing(account_id)):
        row.ended_at = now
        record(db, Event.RESTRICTION_LIFTED, actor, now=now, subject=("account", account_id))


def restricted_since(db: Session, account_id: UUID) -> datetime | None:
    """Since when the use is restricted; None if it is not."""
    return db.scalar(_standing(account_id).with_only_columns(Restriction.since))


def is_restricted(db: Session, account_id: UUID) -> bool:
    """Whether nothing that rests on consent may be done."""
    return bool(db.scalar(select(restricted_of(account_id))))


def restricted_of(account: UUID | ColumnElement[UUID]) -> ColumnElement[bool]:
    """The same as a column of a larger statement."""
    return _standing(account).exists()


def _standing(account: UUID | ColumnElement[UUID]) -> Select[Restriction]:
    return select(Restriction).where(Restriction.account_id == account, Restriction.ended_at.is_(None))
