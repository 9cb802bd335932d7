"""Rows of several tables written together: one statement where the engine can, one after another elsewhere.

For what every sign-in writes: a statement costs more on its way than at its end. PostgreSQL takes INSERTs inside WITH.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from sqlalchemy import Insert, Table, bindparam
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

Row = tuple[Table, Mapping[str, Any]]


def write_together(db: Session, *rows: Row, unless_there: Row | None = None) -> None:
    """Insert these rows, one for each table, none of which refers to another. A column that is left out is NULL.

    `unless_there` is one more, left alone where a row with its key stands already.
    """
    if db.get_bind().dialect.name == "postgresql":
        every = rows if unless_there is None else (*rows, unless_there)
        given = {f"{table.name}_{column.name}": row.get(column.name) for table, row in every for column in table.c}
        db.execute(_in_one(tuple(table for table, _row in rows), unless_there and unless_there[0]), given)
        return
    for table, row in rows:
        db.execute(_alone(table), dict(row))
    if unless_there is not None:
        db.execute(_alone_unless_there(unless_there[0]), dict(unless_there[1]))


@cache
def _in_one(tables: tuple[Table, ...], unless_there: Table | None) -> Insert:
    *others, last = tables
    statement = _named(last)
    for table in others:
        statement = statement.add_cte(_named(table).cte(f"new_{table.name}"))
    if unless_there is not None:
        statement = statement.add_cte(_named(unless_there).on_conflict_do_nothing().cte(f"new_{unless_there.name}"))
    return statement


@cache
def _alone(table: Table) -> Insert:
    return table.insert()


@cache
def _alone_unless_there(table: Table) -> Insert:
    return sqlite.insert(table).on_conflict_do_nothing()


def _named(table: Table) -> postgresql.Insert:
    return postgresql.insert(table).values(
        {column.name: bindparam(f"{table.name}_{column.name}", type_=column.type) for column in table.c}
    )
