"""Rows of several tables written together: one statement where the engine can, one after another elsewhere.

For what every sign-in writes: a statement costs more on its way than at its end. PostgreSQL takes INSERTs inside WITH.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from sqlalchemy import Insert, Table, bindparam
from sqlalchemy.orm import Session

Row = tuple[Table, Mapping[str, Any]]


def write_together(db: Session, *rows: Row) -> None:
    """Insert these rows, one for each table, none of which refers to another. A column that is left out is NULL."""
    if db.get_bind().dialect.name == "postgresql":
        given = {f"{table.name}_{column.name}": row.get(column.name) for table, row in rows for column in table.c}
        db.execute(_in_one(tuple(table for table, _row in rows)), given)
        return
    for table, row in rows:
        db.execute(_alone(table), dict(row))


@cache
def _in_one(tables: tuple[Table, ...]) -> Insert:
    *others, last = tables
    statement = _named(last)
    for table in others:
        statement = statement.add_cte(_named(table).cte(f"new_{table.name}"))
    return statement


@cache
def _alone(table: Table) -> Insert:
    return table.insert()


def _named(table: Table) -> Insert:
    return table.insert().values(
        {column.name: bindparam(f"{table.name}_{column.name}", type_=column.type) for column in table.c}
    )
