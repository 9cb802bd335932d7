"""What the worker does for the provider: keep the next signing key published, drop what is long over.

A grant is kept for a while after its end, so that a replayed code or token is still recognised as one.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete, or_, select
from sqlalchemy.orm import Session

from identity.oidc import pushed
from identity.oidc.grants import Grant
from identity.oidc.keys import keep_ahead
from identity.oidc.refresh import RefreshToken
from identity.oidc.tokens import AccessToken

KEPT = timedelta(days=7)
MOST = 500
"""Rows a run: the write lock is held for moments only."""


def sweep(db: Session, *, now: datetime) -> None:
    """Called by the worker."""
    keep_ahead(db, now=now)
    pushed.sweep(db, now=now)
    before = now - KEPT
    _drop_tokens(db, before)
    unused = (Grant.code_used_at.is_(None)) & (Grant.code_expires_at < before)
    over = or_(Grant.ends_at < before, Grant.revoked_at < before, unused)
    has_tokens = select(AccessToken.digest).where(AccessToken.grant_id == Grant.id).exists()
    ids = db.scalars(select(Grant.id).where(over, ~has_tokens).limit(MOST)).all()
    db.execute(delete(RefreshToken).where(RefreshToken.grant_id.in_(ids)))
    db.execute(delete(Grant).where(Grant.id.in_(ids)))


def _drop_tokens(db: Session, before: datetime) -> None:
    old = select(AccessToken.digest).where(AccessToken.expires_at < before).limit(MOST)
    db.execute(delete(AccessToken).where(AccessToken.digest.in_(old)), execution_options={"synchronize_session": False})
