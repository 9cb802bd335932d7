"""Rows of several tables written together: one statement where the engine can, one after another elsewhere.

For what every sign-in writes: a statement costs more on its way than at its end. PostgreSQL takes INSERTs inside WITH.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Any, cast

from sqlalchemy import Table, bindparam, insert
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from identity.base import Base
from identity.statements import Prepared
from identity.work import is_postgresql

Row = tuple[Table, Mapping[str, Any]]
HELD = "held back rows"
Shape = tuple[Table, tuple[str, ...]]
"""A table and the columns that a row gives."""


def insert_into(db: Session, table: Any) -> postgresql.Insert:
    """An INSERT that may say what happens where the row is there already; both engines take the same words for it."""
    made: Any = (postgresql if is_postgresql(db) else sqlite).insert(table)
    return made  # type: ignore[no-any-return]


def write_together(db: Session, *rows: Row, unless_there: Row | None = None) -> None:
    """Insert these rows, one for each table, none of which refers to another. A column left out has its default.

    `unless_there` is one more, left alone where a row with its key stands already. They are there for whatever this
    session runs next; if it runs nothing more they travel with its commit.
    """
    held: list[Row] | None = db.info.get(HELD)
    if held is not None and unless_there is None:
        held.extend(rows)
        return
    if is_postgresql(db):
        _in_one(tuple(map(_shape, rows)), unless_there and _shape(unless_there)).run_later(
            db, **_values(*rows, *([] if unless_there is None else [unless_there]))
        )
        return
    for row in rows:
        _alone(_shape(row)).run(db, **_values(row))
    if unless_there is not None:
        write_unless_there(db, unless_there)


def write_row(db: Session, row: Base, **sealed: Any) -> None:
    """Insert a mapped row that this piece of work does not touch again, without what the ORM would keep of it.

    `sealed` are its sealed values, by name. What runs next sees the row, also while others are held back.
    """
    write_rows(db, [(row, sealed)])


def write_rows(db: Session, rows: Sequence[tuple[Base, Mapping[str, Any]]]) -> None:
    """The same for rows of one table, in one statement."""
    plain = [_plain(db, row, sealed) for row, sealed in rows]
    names = tuple(dict.fromkeys(name for row in plain for name in row))
    table = cast(Table, type(rows[0][0]).__table__)
    given = {f"{name}_{place}": row.get(name) for place, row in enumerate(plain) for name in names}
    _rows((table, names), len(plain)).run_later(db, **given)


def _plain(db: Session, row: Base, sealed: Mapping[str, Any]) -> dict[str, Any]:
    kind, known = type(row), row.__dict__
    hidden = {f"{name}_sealed": getattr(kind, name).sealed(db, known["id"], value) for name, value in sealed.items()}
    known = _defaults(cast(Table, kind.__table__)) | known | hidden
    return {column.name: known[column.name] for column in kind.__table__.c if column.name in known}


def write_many(db: Session, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows of one table, all with the same columns."""
    held: list[Row] | None = db.info.get(HELD)
    if held is not None:
        held.extend((table, row) for row in rows)
    elif rows:
        db.execute(insert(table), rows)


def write_unless_there(db: Session, row: Row) -> bool:
    """Insert this row at once, unless one with a key of its own stands already; whether it was written."""
    return _unless_there(_shape(row), is_postgresql(db)).run(db, **_values(row)) == 1


@contextmanager
def held_back(db: Session) -> Iterator[None]:
    """For work on many people at once: the rows wait until `write_held`, and are written there a table at a time.

    Nothing that runs in between sees them; at the end of the block they are written at the latest.
    """
    db.info[HELD] = []
    try:
        yield
        write_held(db)
    finally:
        del db.info[HELD]


def write_held(db: Session) -> None:
    """Write what waits, in the order in which each table got its rows."""
    held: list[Row] = db.info[HELD]
    by_shape: dict[Shape, list[Mapping[str, Any]]] = defaultdict(list)
    for row in held:
        by_shape[_shape(row)].append(row[1])
    held.clear()
    for (table, _names), rows in by_shape.items():
        db.execute(insert(table), rows)


def _shape(row: Row) -> Shape:
    return row[0], tuple(row[1])


def _values(*rows: Row) -> dict[str, Any]:
    return {f"{table.name}_{name}": value for table, row in rows for name, value in row.items()}


def _names(shape: Shape) -> dict[str, Any]:
    table, names = shape
    return {name: bindparam(f"{table.name}_{name}", type_=table.c[name].type) for name in names}


@cache
def _defaults(table: Table) -> dict[str, Any]:
    defaults: dict[str, Any] = {column.name: column.default for column in table.c}
    return {name: default.arg for name, default in defaults.items() if default is not None and default.is_scalar}


@cache
def _in_one(shapes: tuple[Shape, ...], unless_there: Shape | None) -> Prepared:
    *others, last = shapes
    statement = _insert(last)
    for shape in others:
        statement = statement.add_cte(_insert(shape).cte(f"new_{shape[0].name}"))
    if unless_there is not None:
        once = _insert(unless_there).on_conflict_do_nothing()
        statement = statement.add_cte(once.cte(f"new_{unless_there[0].name}"))
    return Prepared(statement)


@cache
def _alone(shape: Shape) -> Prepared:
    return Prepared(sqlite.insert(shape[0]).values(_names(shape)))


@cache
def _rows(shape: Shape, count: int) -> Prepared:
    table, names = shape
    each = [{name: bindparam(f"{name}_{place}", type_=table.c[name].type) for name in names} for place in range(count)]
    return Prepared(insert(table).values(each))


@cache
def _unless_there(shape: Shape, for_postgresql: bool) -> Prepared:
    insert_here = postgresql.insert if for_postgresql else sqlite.insert
    return Prepared(insert_here(shape[0]).values(_names(shape)).on_conflict_do_nothing())


def _insert(shape: Shape) -> postgresql.Insert:
    return postgresql.insert(shape[0]).values(_names(shape))
