"""Signing keys: sealed in the database, the next one published before it is used, objects kept ready.

Each algorithm has its own line of keys. A key signs from `active_from` until its successor does. Both are in the JWKS
all the while, so that a relying party that keeps a copy knows a key before it meets it. Importing an RSA key costs as
much as many signatures: a process imports each once, when it is first needed.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, JWKRegistry, OKPKey, RSAKey
from joserfc.jwk import Key as Pair
from sqlalchemy import JSON, LargeBinary, String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from identity.audit import SYSTEM, Event, record
from identity.base import Base, Keyed, new_id
from identity.sealed import vault
from identity.turns import take_turns
from identity.writing import insert_into

MAKE: Mapping[str, Callable[[], Pair]] = {
    "ES256": lambda: ECKey.generate_key("P-256"),
    "PS256": lambda: RSAKey.generate_key(2048),
    "EdDSA": lambda: OKPKey.generate_key("Ed25519"),
    "RS256": lambda: RSAKey.generate_key(2048),
}
SIGNING = tuple(MAKE)
"""The algorithms we sign with, each with keys of its own. The profiles say who may ask for which."""
USUAL = "ES256"
LIFE = timedelta(days=90)
LEAD = timedelta(days=2)
"""The least time for which a key is published before it signs."""
KEPT_AFTER = timedelta(days=2)
"""A key stays published this long after its successor took over: longer than any token it signed."""
REREAD_SECONDS = 5.0
"""How long a process goes on with a key that was withdrawn, or without one that took over."""
TURN = b"signing-key"
"""Whoever changes which key signs takes a turn."""
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
    withdrawn_at: Mapped[datetime | None]
    """`identity.oidc.withdrawal`: from then on it signs nothing and is believed nowhere."""
    withdrawn_because: Mapped[str | None] = mapped_column(String(20))


class _Algorithms(jws.JWSRegistry):
    """`EdDSA` is the name that profiles of OpenID ask for; joserfc would warn of its newer name (RFC 9864)."""

    def get_alg(self, name: str) -> Any:
        if name not in SIGNING:
            raise JoseError("not an algorithm of ours")
        return self.algorithms[name]


_ALGORITHMS = _Algorithms()


@dataclass(slots=True)
class Key:
    """A key pair in memory."""

    kid: str
    algorithm: str
    active_from: datetime
    public: Mapping[str, Any]
    private: bytes = field(repr=False)
    _pair: Pair | None = field(default=None, repr=False)

    @property
    def pair(self) -> Pair:
        if self._pair is None:
            extra = {"kid": self.kid, "use": "sig", "alg": self.algorithm}
            self._pair = JWKRegistry.import_key({**orjson.loads(self.private), **extra})
        return self._pair


class KeyRing:
    """The keys of one moment. `signing` is today's by algorithm, `jwks` the ready-made public document."""

    def __init__(self, keys: Iterable[Key], *, now: datetime) -> None:
        self.keys = {key.kid: key for key in keys}
        self.signing = {key.algorithm: key for key in self.keys.values() if key.active_from <= now}
        self.jwks: bytes = orjson.dumps(self.public())

    def public(self) -> dict[str, Any]:
        """The JWK Set of the public halves."""
        sets = ({**key.public, "use": "sig", "alg": key.algorithm, "kid": key.kid} for key in self.keys.values())
        return {"keys": list(sets)}

    def sign(self, claims: Mapping[str, Any], *, alg: str = USUAL, typ: str | None = "JWT") -> str:
        """A compact JWS over `claims` with today's key of the algorithm."""
        key = self.signing[alg]
        header = {"alg": alg, "kid": key.kid} | ({"typ": typ} if typ else {})
        return jws.serialize_compact(header, orjson.dumps(claims), key.pair, registry=_ALGORITHMS)

    def read(self, token: str, *, typ: str | None = None) -> dict[str, Any] | None:
        """The claims of a token (of this `typ`) that one of our keys signed, else None. Times are not looked at."""
        try:
            header = jws.extract_compact(token.encode()).headers()
            key = self.keys.get(str(header.get("kid")))
            if key is None or header.get("alg") != key.algorithm or typ not in (None, header.get("typ")):
                return None
            claims = orjson.loads(jws.deserialize_compact(token, key.pair, registry=_ALGORITHMS).payload)
        except (JoseError, ValueError, KeyError, TypeError):
            return None
        return claims if isinstance(claims, dict) else None

    def knows(self, token: str) -> bool:
        """Whether the key that a token names is published. Its signature is not looked at."""
        try:
            return str(jws.extract_compact(token.encode()).headers().get("kid")) in self.keys
        except (JoseError, ValueError):
            return False


class Keychain:
    """The key ring of this process, read again every five seconds."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, datetime], Key] = {}
        self._ring: KeyRing | None = None
        self._until = 0.0

    def kept(self) -> KeyRing | None:
        """The ring, if it was read within the last five seconds."""
        return self._ring if self._ring is not None and self._until > time.monotonic() else None

    def load(self, db: Session, *, now: datetime) -> KeyRing | None:
        """Read the published keys; None when a key has to be made first (`keep_ahead`)."""
        rows = published(db, now=now)
        signs = {row.algorithm for row in rows if row.active_from <= now}
        follows = {row.algorithm for row in rows if row.active_from > now}
        if not signs & follows >= set(SIGNING):
            return None
        self._ring = KeyRing([self._key(db, row) for row in rows], now=now)
        self._until = time.monotonic() + REREAD_SECONDS
        return self._ring

    def _key(self, db: Session, row: SigningKey) -> Key:
        at = row.kid, row.active_from
        if at not in self._known:
            private = vault(db).open(COLUMN, row.id, row.private_sealed)
            self._known[at] = Key(row.kid, row.algorithm, row.active_from, row.public, private)
        return self._known[at]


def published(db: Session, *, now: datetime) -> list[SigningKey]:
    """The keys of the JWKS, oldest first: those that sign, those that come, those whose tokens may live."""
    ends = [pair for line in lines(db).values() for pair in _with_ends(line)]
    return [row for row, end in ends if row.withdrawn_at is None and (end is None or end + KEPT_AFTER > now)]


def lines(db: Session) -> dict[str, list[SigningKey]]:
    """Every key there ever was, by algorithm, the oldest first."""
    query = select(SigningKey).order_by(SigningKey.number).execution_options(populate_existing=True)
    rows = db.scalars(query).all()
    return {algorithm: [row for row in rows if row.algorithm == algorithm] for algorithm in SIGNING}


def _with_ends(line: list[SigningKey]) -> Iterable[tuple[SigningKey, datetime | None]]:
    """Each key of one algorithm with the moment at which its successor takes over."""
    counted = in_turn(line)
    return zip(counted, [*(row.active_from for row in counted[1:]), None], strict=False)


def in_turn(line: list[SigningKey]) -> list[SigningKey]:
    """Those that signed, sign or will: one that was withdrawn before its time succeeds nobody.

    One that was withdrawn later does, so that none of those before it comes back.
    """
    return [row for row in line if row.withdrawn_at is None or row.active_from <= row.withdrawn_at]


def keep_ahead(db: Session, *, now: datetime) -> None:
    """Make keys until of each algorithm one signs now and a later one is published.

    Run by the worker and at the migration, and by a first request that comes before both.
    """
    for algorithm, line in lines(db).items():
        number = line[-1].number if line else 0
        active_from = max((row.active_from for row in line if row.withdrawn_at is None), default=None)
        while active_from is None or active_from <= now:
            number += 1
            active_from = now if active_from is None else max(active_from + LIFE, now + LEAD)
            if not make(db, algorithm, number, active_from=active_from, now=now):
                break  # another process is at it


def rotate(db: Session, algorithm: str, *, now: datetime, at_once: bool = False) -> SigningKey:
    """Let the next key take over as soon as it has been published long enough; `at_once` does not wait for that.

    Relying parties that fetch the JWKS for an unknown `kid` notice nothing either way: both keys stay published.
    """
    take_turns(db, TURN)
    keep_ahead(db, now=now)
    following = next_of(lines(db)[algorithm], now)
    if following is None:
        raise RuntimeError("the next key was to be made")
    earliest = now if at_once else max(now, following.made_at + LEAD)
    following.active_from = min(following.active_from, earliest)
    db.flush()
    record(db, Event.SIGNING_KEY_ROTATED, SYSTEM, now=now, subject=("signing-key", following.id), kid=following.kid)
    keep_ahead(db, now=now)
    return following


def next_of(line: list[SigningKey], now: datetime) -> SigningKey | None:
    """The key that takes over next."""
    return next((row for row in line if row.active_from > now and row.withdrawn_at is None), None)


def make(db: Session, algorithm: str, number: int, *, active_from: datetime, now: datetime) -> bool:
    """A new key; False when another process has just made this one."""
    pair = MAKE[algorithm]()
    row_id: UUID = new_id()
    kid = pair.thumbprint()
    made = db.execute(
        insert_into(db, SigningKey)
        .values(
            id=row_id,
            number=number,
            kid=kid,
            algorithm=algorithm,
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
