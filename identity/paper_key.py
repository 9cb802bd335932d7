"""The keys that sign decisions: a purpose of their own, sealed in the database, published as long as decisions count.

Apart from the provider's keys, which are renewed every 90 days and then forgotten: a decision is checked years later,
also by somebody without network who kept the published keys.
"""

from __future__ import annotations

from collections.abc import Mapping
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
COLUMN = "paper_key.private_sealed"


class PaperKey(Keyed, Base):
    """One key pair. `number` counts up, so that processes that start at once agree on one."""

    __tablename__ = "paper_key"

    number: Mapped[int] = mapped_column(unique=True)
    kid: Mapped[str] = mapped_column(String(64), unique=True)
    private_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    public: Mapped[dict[str, Any]] = mapped_column(JSON)
    made_at: Mapped[datetime]


def ensure_paper_key(db: Session, *, now: datetime) -> None:
    """Make the first key if there is none."""
    if db.scalar(select(PaperKey.number).limit(1)) is None:
        make_paper_key(db, 1, now=now)


def make_paper_key(db: Session, number: int, *, now: datetime) -> None:
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
    made = db.scalar(dialect.insert(PaperKey).values(**values).on_conflict_do_nothing().returning(PaperKey.kid))
    if made is not None:
        record(db, Event.PAPER_KEY_MADE, SYSTEM, now=now, subject=("paper-key", row_id), kid=made)


def published_paper_keys(db: Session) -> dict[str, Any]:
    """The JWK Set of all keys that ever signed a decision."""
    rows = db.scalars(select(PaperKey).order_by(PaperKey.number))
    return {"keys": [{**row.public, "use": "sig", "alg": ALGORITHM, "kid": row.kid} for row in rows]}


def sign_paper(db: Session, facts: Mapping[str, Any]) -> str | None:
    """A compact JWS over `facts` with the newest key; None before the first key was made."""
    row = db.scalar(select(PaperKey).order_by(PaperKey.number.desc()).limit(1))
    if row is None:
        return None
    pair = _pair(vault(db).open(COLUMN, row.id, row.private_sealed))
    return jws.serialize_compact({"alg": ALGORITHM, "kid": row.kid}, orjson.dumps(facts), pair, [ALGORITHM])


@lru_cache(maxsize=4)
def _pair(private: bytes) -> ECKey:
    return ECKey.import_key(orjson.loads(private))
