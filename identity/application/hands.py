"""Who had a hand in a file: the trail says so, which no later step overwrites."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from identity.application.model import Application
from identity.audit import AuditEvent, Event

ACTS = (
    Event.APPLICATION_RECEIVED,
    Event.APPLICATION_SUPPLEMENT_REQUESTED,
    Event.APPLICATION_CAPTURED,
    Event.APPLICATION_MATCHED,
    Event.COUNTER_SECRET_RENEWED,
    Event.APPLICATION_APPROVED,
    Event.APPLICATION_REFUSED,
    Event.APPEAL_UPHELD,
    Event.APPEAL_OVERTURNED,
)
"""All that an officer does to a file; looking at it is none of it."""
RECEIVING = (Event.APPLICATION_RECEIVED, Event.APPLICATION_CAPTURED, Event.COUNTER_SECRET_RENEWED)
"""Who printed a new slip knows the activation secret and does not issue the account as well."""


def had_a_hand(db: Session, application: Application, account_id: UUID | None, *acts: Event) -> bool:
    """Whether this account did one of `acts` (any, without) to the file."""
    mine = select(AuditEvent.id).where(
        AuditEvent.subject_kind == application.subject[0],
        AuditEvent.subject_id == application.id,
        AuditEvent.actor_id == account_id,
        AuditEvent.name.in_([act.value for act in acts or ACTS]),
    )
    return db.scalar(mine.limit(1)) is not None
