"""Keys that sign what is checked years later, also by somebody without network who kept the published ones.

Apart from the provider's keys, which are renewed every 90 days and then forgotten. Each purpose has its own table; the
private halves are sealed, and all public ones stay published for as long as what they signed counts.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import cache, lru_cache
from typing import Any, TypeVar, cast

import orjson
from joserfc import jws
from joserfc.jwk import ECKey
from sqlalchemy import JSON, FromClause, LargeBinary, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from identity.audit import SYSTEM, Event, record
from identity.base import Keyed, new_id
from identity.sealed import vault
from identity.statements import Prepared
from identity.writing import insert_into

ALGORITHM = "ES256"


class LastingKey(Keyed):
    """One key pair of a purpose. `number` counts up, so that processes that start at once agree on one."""

    __tablename__: str

    number: Mapped[int] = mapped_column(unique=True)
    kid: Mapped[str] = mapped_column(String(64), unique=True)
    private_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    public: Mapped[dict[str, Any]] = mapped_column(JSON)
    made_at: Mapped[datetime]


Key = TypeVar("Key", bound=LastingKey)


def ensure_key(db: Session, table: type[Key], event: Event, *, now: datetime) -> None:
    """Make the first key of this purpose if there is none."""
    if not _any_key(cast(Any, table).__table__).all(db):
        make_key(db, table, 1, event, now=now)


def make_key(db: Session, table: type[Key], number: int, event: Event, *, now: datetime) -> None:
    """Make key `number`; it signs from now on, and the earlier ones stay published. Audited as `event`."""
    pair, row_id = ECKey.generate_key("P-256"), new_id()
    values = {
        "id": row_id,
        "number": number,
        "kid": pair.thumbprint(),
        "private_sealed": vault(db).seal(_column(table), row_id, orjson.dumps(pair.as_dict(private=True))),
        "public": pair.as_dict(private=False),
        "made_at": now,
    }
    made = db.scalar(insert_into(db, table).values(**values).on_conflict_do_nothing().returning(table.kid))
    if made is not None:
        subject = (table.__tablename__.replace("_", "-"), row_id)
        record(db, event, SYSTEM, now=now, subject=subject, kid=made)


def all_keys(db: Session, table: type[Key]) -> list[Key]:
    """Every key that ever signed, the oldest first."""
    return list(db.scalars(select(table).order_by(table.number)))


def published(row: LastingKey, kid: str) -> dict[str, Any]:
    """The public half as a JWK, under the name by which signatures call it."""
    return {**row.public, "use": "sig", "alg": ALGORITHM, "kid": kid}


def newest_key(db: Session, table: type[Key]) -> Key | None:
    """The key that signs; None before the first was made."""
    return db.scalar(select(table).order_by(table.number.desc()).limit(1))


def sign(db: Session, row: LastingKey, payload: Mapping[str, Any], **header: str) -> str:
    """A compact JWS (RFC 7515) over `payload` with this key."""
    pair = _pair(vault(db).open(_column(type(row)), row.id, row.private_sealed))
    return jws.serialize_compact({"alg": ALGORITHM, **header}, orjson.dumps(payload), pair, [ALGORITHM])


@cache
def _any_key(table: FromClause) -> Prepared:
    return Prepared(select(table.c.number).limit(1))


def _column(table: type[LastingKey]) -> str:
    return f"{table.__tablename__}.private_sealed"


@lru_cache(maxsize=8)
def _pair(private: bytes) -> ECKey:
    return ECKey.import_key(orjson.loads(private))
