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


def _in_one_order(indexes: Iterable[bytes | None]) -> list[int]:
    """Sorted, so that two who name the same things do not wait for each other."""
    return sorted({int.from_bytes(form[:8], "big", signed=True) for index in indexes if index for form in each(index)})


_WAIT = Prepared(select(func.pg_advisory_xact_lock(bindparam("key", type_=BigInteger()))))
