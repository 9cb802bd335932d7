"""What userinfo answers (OpenID Connect Core section 5.3)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from identity.oidc.claims import values_of
from identity.oidc.tokens import Live
from identity.vault import Vault


def userinfo_claims(db: Session, keys: Vault, live: Live, *, now: datetime) -> dict[str, Any]:
    """The subject and the claims of the agreed items."""
    claims: dict[str, Any] = {}
    if live.person_id is not None and live.items:
        claims = values_of(db, keys, live.person_id, live.items, now=now)
    return {**claims, "sub": live.sub}
