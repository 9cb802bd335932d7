"""Who had a hand in a file: the trail says so, which no later step overwrites."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import bindparam, or_, select
from sqlalchemy.orm import Session

from identity.application.model import Application
from identity.audit import AuditEvent, Event
from identity.statements import Prepared

ACTS = (
    Event.APPLICATION_RECEIVED,
    Event.APPLICATION_SUPPLEMENT_REQUESTED,
    Event.APPLICATION_RESUBMITTED,
    Event.APPLICATION_CAPTURED,
    Event.APPLICATION_MATCHED,
    Event.COMPARED_BY_HAND,
    Event.HAND_MATCH_CONFIRMED,
    Event.COUNTER_SECRET_RENEWED,
    Event.EARLIER_NUMBER_NAMED,
    Event.APPLICATION_APPROVED,
    Event.APPLICATION_REFUSED,
    Event.APPEAL_UPHELD,
    Event.APPEAL_OVERTURNED,
)
"""All that an officer does to a file; looking at it is none of it."""
RECEIVING = (
    Event.APPLICATION_RECEIVED,
    Event.APPLICATION_RESUBMITTED,
    Event.APPLICATION_CAPTURED,
    Event.APPLICATION_MATCHED,
    Event.COUNTER_SECRET_RENEWED,
    Event.COMPARED_BY_HAND,
    Event.HAND_MATCH_CONFIRMED,
    Event.EARLIER_NUMBER_NAMED,
)
"""Who printed a new slip knows the activation secret and does not issue the account as well; nor does who compared, or
put the question to the register on whose answer the approval rests."""


def had_a_hand(db: Session, application: Application, account_id: UUID | None) -> bool:
    """Whether this account did anything to the file."""
    return bool(acts_of(db, application, account_id))


def acts_of(db: Session, application: Application, account_id: UUID | None) -> frozenset[str]:
    """What of `ACTS` this account did to the file."""
    kind, subject = application.subject
    return frozenset(row.name for row in _MINE.all(db, kind=kind, subject=subject, actor=account_id))


_MINE = Prepared(
    select(AuditEvent.name).where(
        AuditEvent.subject_kind == bindparam("kind"),
        AuditEvent.subject_id == bindparam("subject"),
        AuditEvent.actor_id == bindparam("actor"),
        or_(*(AuditEvent.name == act.value for act in ACTS)),
    )
)
