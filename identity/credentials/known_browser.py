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

SEVERAL, BETWEEN = 5, "~"
"""So many people of a household share a phone, and none is announced as a stranger because another signed in there."""


def introduce(db: Session, account_id: UUID, password_hash: str | None, beside: str | None = None) -> str:
    """The cookie for a browser that has just signed in to this account, which has this password; `beside` is the one it
    has, for others."""
    name = secrets.token_urlsafe(12)
    mine = f"{name}.{_mark(db, name, account_id, password_hash).hex()}"
    former = known_as(db, beside, account_id, password_hash)
    return BETWEEN.join([mine, *(one for one in _parts(beside) if one != former)][:SEVERAL])


def known_as(db: Session, cookie: str | None, account_id: UUID | None, password_hash: str | None) -> str | None:
    """As what this browser signed in to this account before, since it has this password. Nothing else of the cookie may
    name what is counted: a browser could change it at each guess."""
    if account_id is None:
        return None
    for part in _parts(cookie):
        name, _, mark = part.partition(".")
        marks = each(_mark(db, name, account_id, password_hash))
        if any(hmac.compare_digest(mark.encode(), one.hex().encode()) for one in marks):
            return part
    return None


def is_known(db: Session, cookie: str | None, account_id: UUID | None, password_hash: str | None) -> bool:
    """Whether it did."""
    return known_as(db, cookie, account_id, password_hash) is not None


def _parts(cookie: str | None) -> list[str]:
    return cookie.split(BETWEEN)[:SEVERAL] if cookie else []


def _mark(db: Session, name: str, account_id: UUID, password_hash: str | None) -> bytes:
    return vault(db).digest("known-browser", f"{name}:{account_id}:{mark_of(password_hash or '')}")
