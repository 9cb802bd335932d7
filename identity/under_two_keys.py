"""A session while a key is turned: what is looked for under one key is found under the other, and nothing stands twice.

A unique index cannot see that two digests are of one value. So whoever writes an index takes a turn for its value and
looks for it under both keys; the loser gets what the database itself would say.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import event, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import ORMExecuteState, Session

from identity.either_key import Either, each, find_either
from identity.turns import take_turns


def accept_either(db: Session) -> Session:
    """Make this session find both."""
    event.listen(db, "do_orm_execute", _find_both)
    event.listen(db, "before_flush", _nothing_twice)
    return db


def _find_both(state: ORMExecuteState) -> None:
    if not state.is_insert:
        state.statement = find_either(state.statement)


def _nothing_twice(db: Session, _context: object, _instances: object) -> None:
    for row in [*db.new, *db.dirty]:
        for column in type(row).__table__.columns:
            value = getattr(row, column.name, None) if column.unique else None
            if isinstance(value, Either):
                _check_alone(db, row, column, value)


def _check_alone(db: Session, row: Any, column: Any, value: Either) -> None:
    with db.no_autoflush:
        take_turns(db, value)
        others = select(column.table.c.id).where(column.in_(each(value)), column.table.c.id != row.id)
        if db.scalar(others.limit(1)) is not None:
            raise IntegrityError(f"{column} stands under the other key", None, ValueError(column.name))
