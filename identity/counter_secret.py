"""The secret that an officer hands over at the counter: a second proof at activation that is not the SIM.

It is made once, printed once and never shown again; only a digest is kept, bound to its application.
"""

from __future__ import annotations

import re
import secrets
from datetime import datetime
from typing import cast
from uuid import UUID

from sqlalchemy import LargeBinary, Table, bindparam, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from identity.base import Base
from identity.either_key import same
from identity.sealed import vault
from identity.statements import Prepared

ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
SYMBOLS = 10
"""About 49 bits; five tries are counted by the activation."""


class CounterSecret(Base):
    """The digest of one handed-over secret; a new one replaces it."""

    __tablename__ = "counter_secret"

    application_id: Mapped[UUID] = mapped_column(primary_key=True)
    account_id: Mapped[UUID | None] = mapped_column(index=True)
    digest: Mapped[bytes] = mapped_column(LargeBinary(32))
    handed_over_at: Mapped[datetime]


def new_counter_secret() -> str:
    """A fresh secret in two groups, easy to read from a slip."""
    symbols = "".join(secrets.choice(ALPHABET) for _ in range(SYMBOLS))
    return f"{symbols[:5]}-{symbols[5:]}"


def keep_counter_secret(db: Session, application_id: UUID, secret: str, *, now: datetime) -> None:
    """Keep the digest of what was handed over."""
    row = db.get(CounterSecret, application_id)
    if row is None:
        row = CounterSecret(application_id=application_id, account_id=None)
        db.add(row)
    row.digest = _digest(db, application_id, secret)
    row.handed_over_at = now


def bind_counter_secret(db: Session, application_id: UUID, account_id: UUID) -> None:
    """From issue on the secret belongs to the account."""
    _BIND.run(db, application=application_id, account=account_id)


def unbind_counter_secrets(db: Session, account_id: UUID) -> None:
    """Whoever takes an account over proves themself by what they were handed: the guardian may hold the earlier
    slip."""
    _UNBIND.run(db, account=account_id)


def is_counter_secret(db: Session, account_id: UUID, typed: str) -> bool:
    """Whether this is a secret that was handed over for the account: whose paper was renewed before they activated
    has one of each visit. The caller counts the tries."""
    rows = db.scalars(select(CounterSecret).where(CounterSecret.account_id == account_id))
    return any(same(row.digest, _digest(db, row.application_id, typed)) for row in rows)


def was_handed_over(db: Session, application_id: UUID, secret: str) -> bool:
    """Whether this very secret is the one of this file, for printing it. Only the officer who holds it knows it."""
    row = db.get(CounterSecret, application_id)
    return row is not None and same(row.digest, _digest(db, application_id, secret))


def _digest(db: Session, application_id: UUID, secret: str) -> bytes:
    plain = re.sub(r"[^0-9A-Z]", "", secret.upper())
    return vault(db).digest("counter-secret", f"{application_id.hex}:{plain}")


_UNBIND = Prepared(
    update(cast(Table, CounterSecret.__table__))
    .where(CounterSecret.account_id == bindparam("account"))
    .values(account_id=None)
)
_BIND = Prepared(
    update(cast(Table, CounterSecret.__table__))
    .where(CounterSecret.application_id == bindparam("application"))
    .values(account_id=bindparam("account"))
)
