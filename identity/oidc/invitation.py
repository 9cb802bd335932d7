"""Initial access tokens: an operator's invitation to register one relying party (RFC 7591 section 3)."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from identity import once
from identity.audit import SYSTEM, Event, record

PURPOSE = "client-invitation"
LIFE = timedelta(days=7)


def invite(db: Session, note: str, *, now: datetime, life: timedelta = LIFE) -> str:
    """A fresh initial access token, shown once; `note` is the operator's word for whom it is."""
    record(db, Event.CLIENT_INVITED, SYSTEM, now=now, note=note)
    return once.issue(db, PURPOSE, None, now=now, expires_at=now + life, payload={"note": note})


def spend_invitation(db: Session, token: str, *, now: datetime) -> bool:
    """Whether this token lets one registration through; of several callers one is told yes."""
    return once.redeem(db, PURPOSE, token, now=now) is not None


def is_invited(db: Session, token: str, *, now: datetime) -> bool:
    """Whether this token would still let a registration through; nothing is spent by asking."""
    return once.is_open(db, PURPOSE, token, now=now)
