"""The keys that sign awards: a purpose of their own, all published as long as awards live."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from identity import lasting_key
from identity.audit import Event
from identity.base import Base
from identity.lasting_key import LastingKey


class AwardKey(LastingKey, Base):
    """One key pair for awards."""

    __tablename__ = "award_key"


def ensure_key(db: Session, *, now: datetime) -> None:
    """Make the first key if there is none."""
    lasting_key.ensure_key(db, AwardKey, Event.AWARD_KEY_MADE, now=now)


def make_key(db: Session, number: int, *, now: datetime) -> None:
    """Make key `number`; it signs from now on, and the earlier ones stay published. Audited."""
    lasting_key.make_key(db, AwardKey, number, Event.AWARD_KEY_MADE, now=now)


def published_keys(db: Session, base: str) -> dict[str, Any]:
    """The JWK Set of all award keys. A key's id is the address at which it alone is found (Open Badges 3.0, 8.2.4)."""
    return {"keys": [_published(row, base) for row in lasting_key.all_keys(db, AwardKey)]}


def find_key(db: Session, kid: str, base: str) -> dict[str, Any] | None:
    """One key by its thumbprint."""
    row = next((row for row in lasting_key.all_keys(db, AwardKey) if row.kid == kid), None)
    return None if row is None else _published(row, base)


def sign(db: Session, payload: dict[str, Any], base: str) -> str | None:
    """A compact JWS with the newest key; None before the first key was made."""
    row = lasting_key.newest_key(db, AwardKey)
    return None if row is None else lasting_key.sign(db, row, payload, typ="JWT", kid=key_address(base, row.kid))


def key_address(base: str, kid: str) -> str:
    """Where a key is published."""
    return f"{base}/verify/keys/{kid}"


def _published(row: AwardKey, base: str) -> dict[str, Any]:
    return lasting_key.published(row, key_address(base, row.kid))
