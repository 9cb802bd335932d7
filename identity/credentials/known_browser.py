"""A browser that signed in to an account before, so that strangers' failures do not hold its owner up.

A cookie with a random name and a keyed mark over name, account and password (OWASP "device cookies"). It lets nobody
in, and a new password makes every browser a stranger: whoever was thrown out with the old one is told of like anybody.
"""

from __future__ import annotations

import hmac
import secrets
from uuid import UUID

from sqlalchemy.orm import Session

from identity.credentials.pending import mark_of
from identity.either_key import each
from identity.sealed import vault


def introduce(db: Session, account_id: UUID, password_hash: str | None) -> str:
    """The cookie for a browser that has just signed in to this account, which has this password."""
    name = secrets.token_urlsafe(12)
    return f"{name}.{_mark(db, name, account_id, password_hash).hex()}"


def is_known(db: Session, cookie: str | None, account_id: UUID | None, password_hash: str | None) -> bool:
    """Whether this browser signed in to this account before, since it has this password."""
    name, _, mark = (cookie or "").partition(".")
    if account_id is None:
        return False
    marks = each(_mark(db, name, account_id, password_hash))
    return any(hmac.compare_digest(mark.encode(), one.hex().encode()) for one in marks)


def _mark(db: Session, name: str, account_id: UUID, password_hash: str | None) -> bytes:
    return vault(db).digest("known-browser", f"{name}:{account_id}:{mark_of(password_hash or '')}")
