"""The keys that sign awards: a purpose of their own, sealed in the database, all published as long as awards live.

Apart from the provider's keys, which are renewed every 90 days and then forgotten: an award is checked years later.
"""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from typing import Any

import orjson
from joserfc import jws
from joserfc.jwk import ECKey
from sqlalchemy import JSON, LargeBinary, String, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, Session, mapped_column

from identity.audit import SYSTEM, Event, record
from identity.base import Base, Keyed, new_id
from identity.sealed import vault

ALGORITHM = "ES256"
COLUMN = "award_key.private_sealed"


class AwardKey(Keyed, Base):
    """One key pair. `number` counts up, so that processes that start at once agree on one."""

    __tablename__ = "award_key"

    number: Mapped[int] = mapped_column(unique=True)
    kid: Mapped[str] = mapped_column(String(64), unique=True)
    private_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    public: Mapped[dict[str, Any]] = mapped_column(JSON)
    made_at: Mapped[datetime]


def ensure_key(db: Session, *, now: datetime) -> None:
    """Make the first key if there is none."""
    if db.scalar(select(AwardKey.number).limit(1)) is None:
        make_key(db, 1, now=now)


def make_key(db: Session, number: int, *, now: datetime) -> None:
    """Make key `number`; it signs from now on, and the earlier ones stay published. Audited."""
    pair, row_id = ECKey.generate_key("P-256"), new_id()
    dialect = postgresql if db.get_bind().dialect.name == "postgresql" else sqlite
    values = {
        "id": row_id,
        "number": number,
        "kid": pair.thumbprint(),
        "private_sealed": vault(db).seal(COLUMN, row_id, orjson.dumps(pair.as_dict(private=True))),
        "public": pair.as_dict(private=False),
        "made_at": now,
    }
    made = db.scalar(dialect.insert(AwardKey).values(**values).on_conflict_do_nothing().returning(AwardKey.kid))
    if made is not None:
        record(db, Event.AWARD_KEY_MADE, SYSTEM, now=now, subject=("award-key", row_id), kid=made)


def published_keys(db: Session, base: str) -> dict[str, Any]:
    """The JWK Set of all award keys. A key's id is the address at which it alone is found (Open Badges 3.0, 8.2.4)."""
    rows = db.scalars(select(AwardKey).order_by(AwardKey.number))
    return {"keys": [_published(row, base) for row in rows]}


def find_key(db: Session, kid: str, base: str) -> dict[str, Any] | None:
    """One key by its thumbprint."""
    row = next((row for row in db.scalars(select(AwardKey)) if row.kid == kid), None)
    return None if row is None else _published(row, base)


def sign(db: Session, payload: dict[str, Any], base: str) -> str | None:
    """A compact JWS with the newest key; None before the first key was made."""
    row = db.scalar(select(AwardKey).order_by(AwardKey.number.desc()).limit(1))
    if row is None:
        return None
    header = {"alg": ALGORITHM, "typ": "JWT", "kid": key_address(base, row.kid)}
    pair = _pair(vault(db).open(COLUMN, row.id, row.private_sealed))
    return jws.serialize_compact(header, orjson.dumps(payload), pair, [ALGORITHM])


def key_address(base: str, kid: str) -> str:
    """Where a key is published."""
    return f"{base}/verify/keys/{kid}"


def _published(row: AwardKey, base: str) -> dict[str, Any]:
    return {**row.public, "use": "sig", "alg": ALGORITHM, "kid": key_address(base, row.kid)}


@lru_cache(maxsize=4)
def _pair(private: bytes) -> ECKey:
    return ECKey.import_key(orjson.loads(private))
