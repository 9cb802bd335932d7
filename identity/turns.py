"""Taking turns: what is counted before it is written must not be counted by two at once."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import BigInteger, bindparam, func, select
from sqlalchemy.orm import Session

from identity.either_key import each
from identity.statements import Prepared
from identity.work import is_postgresql


def take_turns(db: Session, *indexes: bytes | None) -> None:
    """Whoever else names one of these blind indexes waits until this transaction ends.

    SQLite has one writer anyway; PostgreSQL locks the first 64 bits of each, so that strangers hardly ever meet.
    """
    if not is_postgresql(db):
        return
    for key in _in_one_order(indexes):
        _WAIT.all(db, key=key)


def is_free(db: Session, place: bytes) -> bool:
    """Whether nobody else is just taking this place (8 bytes); if so it is ours until this transaction ends.

    For what is drawn at random and drawn again: two who wait for each other's places would wait for ever.
    """
    key = int.from_bytes(place, "big", signed=True)
    return not is_postgresql(db) or bool(_TRY.all(db, key=key)[0].free)


def _in_one_order(indexes: Iterable[bytes | None]) -> list[int]:
    """Sorted, so that two who name the same things do not wait for each other."""
    return sorted({int.from_bytes(form[:8], "big", signed=True) for index in indexes if index for form in each(index)})


_TRY = Prepared(select(func.pg_try_advisory_xact_lock(bindparam("key", type_=BigInteger())).label("free")))
_WAIT = Prepared(select(func.pg_advisory_xact_lock(bindparam("key", type_=BigInteger()))))
