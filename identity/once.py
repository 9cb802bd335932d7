"""The one-winner ledger: everything that may be used once is consumed by one conditional statement.

Two shapes. A *ticket* is a random secret handed out now and redeemed later (activation code, pushed request, check-in);
only its keyed digest is stored. A *spent* mark is an insert on a unique key (a `jti`, a TOTP step).
N parallel redemptions have exactly one winner, on SQLite and on PostgreSQL; losers get None or False, never an error.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, cast
from uuid import UUID

import orjson
from sqlalchemy import LargeBinary, String, Table, bindparam, delete, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, Session, mapped_column

from identity.base import Base, Keyed, UTC_DateTime, new_id
from identity.either_key import each
from identity.sealed import vault
from identity.statements import Prepared
from identity.work import is_postgresql

TICKET_BYTES = 32


class Ticket(Keyed, Base):
    """A secret to be redeemed once. `subject` is what it stands for (an account, an application)."""

    __tablename__ = "ticket"

    digest: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    purpose: Mapped[str] = mapped_column(String(40))
    subject: Mapped[UUID | None] = mapped_column(index=True)
    payload_sealed: Mapped[bytes | None]
    issued_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    consumed_at: Mapped[datetime | None]


class Spent(Base):
    """A key that has been used; the primary key refuses a second use."""

    __tablename__ = "spent"

    purpose: Mapped[str] = mapped_column(String(40), primary_key=True)
    key: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    expires_at: Mapped[datetime] = mapped_column(index=True)


@dataclass(frozen=True, slots=True, order=True)
class Mark:
    """A key that counts once; after `expires_at` it would not be taken anyway."""

    purpose: str
    key: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Redeemed:
    """What a ticket bought."""

    subject: UUID | None
    payload: dict[str, object]
    issued_at: datetime


def issue(
    db: Session,
    purpose: str,
    subject: UUID | None,
    *,
    now: datetime,
    expires_at: datetime,
    payload: dict[str, object] | None = None,
    secret: str | None = None,
) -> str:
    """Store a new ticket and return its secret (256 random bits unless `secret` is given)."""
    secret = secret or secrets.token_urlsafe(TICKET_BYTES)
    row_id, keys = new_id(), vault(db)
    sealed = None if payload is None else keys.seal("ticket.payload_sealed", row_id, orjson.dumps(payload))
    _ISSUE.run_later(
        db,
        id=row_id,
        digest=keys.digest(f"ticket:{purpose}", secret),
        purpose=purpose,
        subject=subject,
        payload_sealed=sealed,
        issued_at=now,
        expires_at=expires_at,
    )
    return secret


def redeem(db: Session, purpose: str, secret: str, *, now: datetime) -> Redeemed | None:
    """Consume the ticket; None if unknown, expired or already used."""
    row = _REDEEM.one(db, digest=ticket_digest(db, purpose, secret), now=now)
    return None if row is None else bought(db, row)


def ticket_digest(db: Session, purpose: str, secret: str) -> bytes:
    """Under what the ticket lies."""
    return vault(db).digest(f"ticket:{purpose}", secret)


def bought(db: Session, row: Any) -> Redeemed:
    """From a row with `id`, `subject`, `payload_sealed` and `issued_at` of a ticket."""
    payload = {} if row.payload_sealed is None else orjson.loads(_opened(db, row.id, row.payload_sealed))
    return Redeemed(row.subject, payload, row.issued_at)


def is_open(db: Session, purpose: str, secret: str, *, now: datetime) -> bool:
    """Whether the ticket could be redeemed now; a look, which decides nothing."""
    return look(db, purpose, secret, now=now) is not None


def look(db: Session, purpose: str, secret: str, *, now: datetime) -> Redeemed | None:
    """What an open ticket stands for, without using it up: whoever mistypes may try again."""
    row = _LOOK.one(db, digest=ticket_digest(db, purpose, secret), now=now)
    return None if row is None else bought(db, row)


def waiting(db: Session, purpose: str, subject: UUID, *, now: datetime) -> Redeemed | None:
    """What the newest open ticket of this purpose and subject stands for, when its secret was lost on the way."""
    row = _WAITING.one(db, purpose=purpose, subject=subject, now=now)
    return None if row is None else bought(db, row)


def withdraw(db: Session, purpose: str, subject: UUID, *, now: datetime) -> None:
    """Make every open ticket of this purpose and subject worthless (a newer one replaces it)."""
    db.execute(
        update(Ticket)
        .where(Ticket.purpose == purpose, Ticket.subject == subject, Ticket.consumed_at.is_(None))
        .values(consumed_at=now)
        .execution_options(synchronize_session=False)
    )


def spend(db: Session, purpose: str, key: str, *, expires_at: datetime) -> bool:
    """Mark `key` as used; False if it was used before."""
    return not spend_each(db, [Mark(purpose, key, expires_at)])


def spend_each(db: Session, marks: Sequence[Mark]) -> list[Mark]:
    """Mark every key as used, in one statement; returns those that were used before."""
    keys = vault(db)
    given: dict[str, object] = {}
    digests = sorted(
        (mark.purpose, form, mark) for mark in marks for form in each(keys.digest(f"spent:{mark.purpose}", mark.key))
    )
    for number, (purpose, digest, mark) in enumerate(digests):  # in one order everywhere: callers never wait crosswise
        given |= {f"purpose_{number}": purpose, f"key_{number}": digest, f"ends_{number}": mark.expires_at}
    fresh = {bytes(row.key) for row in _spending(is_postgresql(db), len(digests)).all(db, **given)}
    return list(dict.fromkeys(mark for _purpose, digest, mark in digests if digest not in fresh))


@cache
def _spending(for_postgresql: bool, count: int) -> Prepared:
    table = cast(Table, Spent.__table__)
    insert_into = (postgresql if for_postgresql else sqlite).insert(table)
    names = {"purpose": "purpose", "key": "key", "ends": "expires_at"}
    rows = [
        {column: bindparam(f"{name}_{number}", type_=table.c[column].type) for name, column in names.items()}
        for number in range(count)
    ]
    return Prepared(insert_into.values(rows).on_conflict_do_nothing().returning(table.c.key))


def sweep(db: Session, *, now: datetime) -> None:
    """Drop what has expired (run by the worker)."""
    db.execute(delete(Ticket).where(Ticket.expires_at < now))
    db.execute(delete(Spent).where(Spent.expires_at < now))


def _opened(db: Session, row_id: UUID, sealed: bytes) -> bytes:
    return vault(db).open("ticket.payload_sealed", row_id, sealed)


_TABLE = cast(Table, Ticket.__table__)
OPEN = (
    _TABLE.c.digest == bindparam("digest", type_=_TABLE.c.digest.type),
    _TABLE.c.consumed_at.is_(None),
    _TABLE.c.expires_at > bindparam("now", type_=UTC_DateTime()),
)
BOUGHT = tuple(_TABLE.c[name] for name in ("id", "subject", "payload_sealed", "issued_at"))
_GIVEN = ("id", "digest", "purpose", "subject", "payload_sealed", "issued_at", "expires_at")
# Built once: every sign-in issues, looks at and redeems one.
_ISSUE = Prepared(insert(_TABLE).values({name: bindparam(name, type_=_TABLE.c[name].type) for name in _GIVEN}))
_LOOK = Prepared(select(*BOUGHT).where(*OPEN))
_WAITING = Prepared(
    select(*BOUGHT)
    .where(*(_TABLE.c[name] == bindparam(name, type_=_TABLE.c[name].type) for name in ("purpose", "subject")))
    .where(*OPEN[1:])
    .order_by(_TABLE.c.id.desc())  # time first
    .limit(1)
)
_REDEEM = Prepared(
    update(_TABLE).where(*OPEN).values(consumed_at=bindparam("now", type_=UTC_DateTime())).returning(*BOUGHT)
)
