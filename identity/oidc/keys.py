"""Signing keys: sealed in the database, the next one published before it is used, objects kept ready.

A key signs from `active_from` until its successor does. Both are in the JWKS all the while, so that a relying party
that keeps a copy knows a key before it meets it. Importing a key costs as much as many
signatures: a process imports each once.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, KeySet
from sqlalchemy import JSON, LargeBinary, String, UniqueConstraint, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, Session, mapped_column

from identity.audit import SYSTEM, Event, record
from identity.base import Base, Keyed, new_id
from identity.sealed import vault

ALGORITHM = "ES256"
LIFE = timedelta(days=90)
LEAD = timedelta(days=2)
"""The least time for which a key is published before it signs."""
KEPT_AFTER = timedelta(days=2)
"""A key stays published this long after its successor took over: longer than any token it signed."""
REREAD_SECONDS = 60.0
COLUMN = "signing_key.private_sealed"


class SigningKey(Keyed, Base):
    """One key pair. `number` counts up an algorithm; its uniqueness lets several processes start at once and agree."""

    __tablename__ = "signing_key"
    __table_args__ = (UniqueConstraint("algorithm", "number"),)

    number: Mapped[int]
    kid: Mapped[str] = mapped_column(String(64), unique=True)
    algorithm: Mapped[str] = mapped_column(String(16))
    private_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    public: Mapped[dict[str, Any]] = mapped_column(JSON)
    made_at: Mapped[datetime]
    active_from: Mapped[datetime]


@dataclass(frozen=True, slots=True)
class Key:
    """A key pair in memory."""

    kid: str
    pair: ECKey
    active_from: datetime


class KeyRing:
    """The keys of one moment. `jwks` is the ready-made public document."""

    def __init__(self, keys: Sequence[Key], *, now: datetime) -> None:
        started = [key for key in keys if key.active_from <= now]
        self.signing = started[-1]
        self.keys = tuple(keys)
        public = [{**key.pair.as_dict(private=False), "use": "sig", "alg": ALGORITHM, "kid": key.kid} for key in keys]
        self.jwks: bytes = orjson.dumps({"keys": public})
        self._set = KeySet([key.pair for key in keys])
        self._header = {"alg": ALGORITHM, "kid": self.signing.kid}

    def sign(self, claims: dict[str, Any], *, kind: str = "JWT") -> str:
        """A compact JWS over `claims` with today's key."""
        return jwt.encode({**self._header, "typ": kind}, claims, self.signing.pair, [ALGORITHM])

    def read(self, token: str) -> dict[str, Any] | None:
        """The claims of a token that one of our keys signed; None otherwise. Times are not looked at."""
        try:
            return dict(jwt.decode(token, self._set, [ALGORITHM]).claims)
        except (JoseError, ValueError, KeyError, TypeError):
            return None


class Keychain:
    """The key ring of this process, read again once a minute."""

    def __init__(self) -> None:
        self._pairs: dict[str, ECKey] = {}
        self._ring: KeyRing | None = None
        self._until = 0.0

    def kept(self) -> KeyRing | None:
        """The ring, if it was read within the last minute."""
        return self._ring if self._ring is not None and self._until > time.monotonic() else None

    def load(self, db: Session, *, now: datetime) -> KeyRing | None:
        """Read the published keys; None when a key has to be made first (`keep_ahead`)."""
        rows = published(db, now=now)
        if not rows or rows[0].active_from > now or rows[-1].active_from <= now:
            return None
        self._ring = KeyRing([self._key(db, row) for row in rows], now=now)
        self._until = time.monotonic() + REREAD_SECONDS
        return self._ring

    def _key(self, db: Session, row: SigningKey) -> Key:
        if row.kid not in self._pairs:
            private = orjson.loads(vault(db).open(COLUMN, row.id, row.private_sealed))
            self._pairs[row.kid] = ECKey.import_key(private, {"kid": row.kid, "use": "sig", "alg": ALGORITHM})
        return Key(row.kid, self._pairs[row.kid], row.active_from)


def published(db: Session, *, now: datetime) -> list[SigningKey]:
    """The keys of the JWKS, oldest first: the one that signs, those that come, those whose tokens may live."""
    rows = list(db.scalars(select(SigningKey).order_by(SigningKey.number)))
    successors = [*(row.active_from for row in rows[1:]), None]
    return [row for row, ended in zip(rows, successors, strict=False) if ended is None or ended + KEPT_AFTER > now]


def keep_ahead(db: Session, *, now: datetime) -> None:
    """Make keys until one signs now and a later one is published (run by the worker, and at the first request)."""
    newest = db.execute(
        select(SigningKey.number, SigningKey.active_from).order_by(SigningKey.number.desc()).limit(1)
    ).one_or_none()
    number, active_from = (newest.number, newest.active_from) if newest else (0, now - LIFE)
    while active_from <= now:
        number, active_from = number + 1, max(active_from + LIFE, now + LEAD if number else now)
        if not _make(db, number, active_from=active_from, now=now):
            return  # another process is at it


def _make(db: Session, number: int, *, active_from: datetime, now: datetime) -> bool:
    pair = ECKey.generate_key("P-256")
    row_id: UUID = new_id()
    kid = pair.thumbprint()
    dialect = postgresql if db.get_bind().dialect.name == "postgresql" else sqlite
    made = db.execute(
        dialect.insert(SigningKey)
        .values(
            id=row_id,
            number=number,
            kid=kid,
            algorithm=ALGORITHM,
            private_sealed=vault(db).seal(COLUMN, row_id, orjson.dumps(pair.as_dict(private=True))),
            public=pair.as_dict(private=False),
            made_at=now,
            active_from=active_from,
        )
        .on_conflict_do_nothing()
        .returning(SigningKey.number)
    ).one_or_none()
    if made is not None:
        record(db, Event.SIGNING_KEY_MADE, SYSTEM, now=now, subject=("signing-key", row_id), kid=kid)
    return made is not None
