"""What a person may see of their own record: who looked at it, who received from it, and how the account was used.

Usage history is the holder's to see and kept 5 years (Decree 69/2024/ND-CP Art. 28).
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from identity.account import Account
from identity.application import Application
from identity.audit import AuditEvent, Event

LOOKS = (
    Event.APPLICATION_VIEWED,
    Event.REGISTER_LOOKED_UP,
    Event.WORKLIST_VIEWED,
    Event.GUIDANCE_VIEWED,
    Event.TOKENS_ISSUED,
)
"""Somebody saw, or was told, something about the person."""
USES = (
    Event.SIGNED_IN,
    Event.SIGN_IN_FAILED,
    Event.PASSWORD_CHANGE_FAILED,
    Event.SIGNED_OUT,
    Event.SESSION_ENDED,
    Event.SESSION_DISOWNED,
    Event.PASSWORD_CHANGED,
    Event.TOTP_CHANGED,
    Event.RECOVERY_CODE_USED,
    Event.CONTACT_CHANGED,
    Event.PASSKEY_ADDED,
    Event.PASSKEY_REMOVED,
    Event.RECOVERY_CODES_MADE,
    Event.ACCOUNT_ACTIVATED,
    Event.ACCOUNT_LOCKED,
    Event.ACCOUNT_UNLOCKED,
    Event.REFRESH_REUSED,
)
"""The account was used, or its protection changed."""


def looks_at(db: Session, account: Account, *, limit: int = 50) -> list[AuditEvent]:
    """Who looked at this person's file, the newest first; what the person did is left out."""
    found = _events(db, account, LOOKS, limit)
    return [event for event in found if event.actor_id != account.id or event.name == Event.TOKENS_ISSUED]


def uses_of(db: Session, account: Account, *, now: datetime, limit: int = 50) -> list[AuditEvent]:
    """How the account was used, the newest first; a lock only planned (last day of a document) has not happened."""
    return [event for event in _events(db, account, USES, limit) if began(event) <= now]


def began(event: AuditEvent) -> datetime:
    """When it took effect."""
    since = event.facts.get("since") if event.name == Event.ACCOUNT_LOCKED else None
    return datetime.fromisoformat(since) if since else event.at


def files_of(db: Session, person_id: UUID, *, limit: int = 5) -> list[Application]:
    """The person's applications, the newest first."""
    query = select(Application).where(Application.person_id == person_id)
    return list(db.scalars(query.order_by(Application.submitted_at.desc()).limit(limit)))


def _events(db: Session, account: Account, names: tuple[Event, ...], limit: int) -> list[AuditEvent]:
    subjects = [("account", [account.id])]
    if account.person_id is not None:
        subjects.append(("person", [account.person_id]))
        subjects.append(("application", [file.id for file in files_of(db, account.person_id)]))
    about = or_(
        *(and_(AuditEvent.subject_kind == kind, AuditEvent.subject_id.in_(ids)) for kind, ids in subjects if ids)
    )
    query = select(AuditEvent).where(about, AuditEvent.name.in_([name.value for name in names]))
    return list(db.scalars(query.order_by(AuditEvent.at.desc(), AuditEvent.id.desc()).limit(limit)))
