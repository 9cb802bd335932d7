"""A browser that signed in to an account before, so that strangers' failures do not hold its owner up.

A cookie with a random name and a keyed mark over name and account (OWASP "device cookies"). It lets nobody in.
"""

from __future__ import annotations

import hmac
import secrets
from uuid import UUID

from sqlalchemy.orm import Session

from identity.either_key import each
from identity.sealed import vault


def introduce(db: Session, account_id: UUID) -> str:
    """The cookie for a browser that has just signed in to this account."""
    name = secrets.token_urlsafe(12)
    return f"{name}.{_mark(db, name, account_id).hex()}"


def is_known(db: Session, cookie: str | None, account_id: UUID | None) -> bool:
    """Whether this browser signed in to this account before."""
    name, _, mark = (cookie or "").partition(".")
    if account_id is None:
        return False
    return any(hmac.compare_digest(mark.encode(), one.hex().encode()) for one in each(_mark(db, name, account_id)))


def _mark(db: Session, name: str, account_id: UUID) -> bytes:
    return vault(db).digest("known-browser", f"{name}:{account_id}")
