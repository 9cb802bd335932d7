"""The keys that sign decisions: a purpose of their own, published as long as decisions count."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from identity import lasting_key
from identity.audit import Event
from identity.base import Base
from identity.lasting_key import LastingKey


class PaperKey(LastingKey, Base):
    """One key pair for decisions."""

    __tablename__ = "paper_key"


def ensure_paper_key(db: Session, *, now: datetime) -> None:
    """Make the first key if there is none."""
    lasting_key.ensure_key(db, PaperKey, Event.PAPER_KEY_MADE, now=now)


def published_paper_keys(db: Session) -> dict[str, Any]:
    """The JWK Set of all keys that ever signed a decision."""
    return {"keys": [lasting_key.published(row, row.kid) for row in lasting_key.all_keys(db, PaperKey)]}


def sign_paper(db: Session, facts: Mapping[str, Any]) -> str | None:
    """A compact JWS over `facts` with the newest key; None before the first key was made."""
    row = lasting_key.newest_key(db, PaperKey)
    return None if row is None else lasting_key.sign(db, row, facts, kid=row.kid)
