"""Statements that are built once, compiled once for each kind of database, and run without the layers in between.

    _FIND = Prepared(select(TABLE.c.id, TABLE.c.name).where(TABLE.c.digest == bindparam("digest")))
    row = _FIND.one(db, digest=…)          # None, or a row: row.id, row.name
    rows = _FIND.all(db, digest=…)
    _CHANGE.run(db, digest=…, now=now)     # how many rows it touched
    _ADD.run_later(db, …)                  # with the next statement or the commit, whichever comes first
    _LOOK = Look(select(…))                # a SELECT before the first write, which begins nothing

There is one way to write a statement, SQLAlchemy's Core, with every value a `bindparam` and every column its type; this
is a faster way to run it, on the connection and in the transaction of `db`. What the ORM still holds back is written
first, as for any other statement. A list for IN cannot be bound, for its length is part of the text: `among` has room
for some values and `listed` fills it, so that few statements serve lists of every length.

Made for what every request runs; for pages that are seldom asked for `db.execute` is good enough.
"""

from __future__ import annotations

import re
from collections import namedtuple
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Dialect, Executable, bindparam, false
from sqlalchemy.exc import MultipleResultsFound
from sqlalchemy.orm import Session
from sqlalchemy.sql.compiler import SQLCompiler

from identity.either_key import Either, ways
from identity.work import Work

Process = Callable[[Any], Any] | None
LISTENERS: list[Callable[[str], None]] = []
"""Told of each statement; tests count them."""
_PARAMETER = re.compile(r"%\((\w+)\)s|%%")


@dataclass(frozen=True, slots=True)
class _Compiled:
    """A statement in the words of one database."""

    sql: str
    inputs: tuple[tuple[str, Process], ...]
    fixed: dict[str, Any]
    make: Callable[[Any], Any]
    """From a row of the driver to a row of ours."""

    def values(self, given: dict[str, Any]) -> list[Any]:
        if self.fixed:
            given = self.fixed | given
        return [given[name] if process is None else process(given[name]) for name, process in self.inputs]


class Prepared:
    """One statement, ready to run.

    A parameter beside a foreign key has no type of its own until the other table is known, which depends on what was
    imported before: such a one is given its type (`bindparam("learner", type_=Uuid())`).
    """

    begins = True
    """Whether the transaction of a session that writes is open once it has run."""

    def __init__(self, statement: Executable) -> None:
        self.statement = statement
        self._compiled: dict[str, _Compiled] = {}

    def all(self, db: Session, **given: Any) -> Sequence[Any]:
        """Every row."""
        if not isinstance(db, Work):
            return db.execute(self.statement, given).all()
        return self._run_each_way(db, given)[0]

    def one(self, db: Session, **given: Any) -> Any | None:
        """The row, or None; two are a mistake of ours."""
        rows = self.all(db, **given)
        if len(rows) > 1:
            raise MultipleResultsFound("more than one row where one was asked for")
        return rows[0] if rows else None

    def run(self, db: Session, **given: Any) -> int:
        """How many rows it touched."""
        if not isinstance(db, Work):
            return int(db.execute(self.statement, given).rowcount)  # type: ignore[attr-defined]
        return self._run_each_way(db, given)[1]

    def run_later(self, db: Session, **given: Any) -> None:
        """Run it at the latest with the commit: nobody asks what it did. It fails then, if it fails."""
        if isinstance(db, Work):
            self._run_each_way(db, given, may_wait=True)
        else:
            self.run(db, **given)

    def _run_each_way(self, db: Work, given: dict[str, Any], *, may_wait: bool = False) -> tuple[list[Any], int]:
        """What is looked for by a digest is looked for under each of its keys; what is stored is stored under one."""
        if not any(isinstance(value, Either) for value in given.values()):
            return self._run(db, given, may_wait=may_wait)
        found: tuple[list[Any], int] = [], 0
        for way in ways(given):
            found = self._run(db, way)
            if found[1] or self.statement.is_insert:
                break
        return found

    def _run(self, db: Work, given: dict[str, Any], *, may_wait: bool = False) -> tuple[list[Any], int]:
        dialect = db.engine.dialect
        compiled = self._compiled_for(db)
        if db.autoflush:
            db.flush()
        connection = db.driver()
        try:
            values = compiled.values(given)
            if dialect.name == "sqlite":
                return _run_on_sqlite(connection, compiled, values)
            if may_wait and db.is_postgresql:
                connection.run_later(compiled.sql, values)
                return [], 0
            rows, touched = connection.run(compiled.sql, values, compiled.make, begins=self.begins)
            return rows, touched
        except dialect.loaded_dbapi.Error as error:
            raise db.wrapped(compiled.sql, error) from error

    def _compiled_for(self, db: Work) -> _Compiled:
        """In the words of its database; whoever listens is told that it is about to run."""
        dialect = db.engine.dialect
        compiled = self._compiled.get(dialect.name) or self._compile(dialect)
        if not db.writes and self.statement.is_dml:
            raise RuntimeError(f"a session that only reads was asked to write: {compiled.sql[:60]}")
        for listener in LISTENERS:
            listener(compiled.sql)
        return compiled

    def _compile(self, dialect: Dialect) -> _Compiled:
        text = self.statement.compile(dialect=dialect)  # type: ignore[attr-defined]
        made = self._compiled[dialect.name] = _compiled(text, dialect)
        return made


class Look(Prepared):
    """A SELECT that locks nothing: PostgreSQL opens no transaction for it, and runs it in the one that is open.

    Under READ COMMITTED each statement has its own snapshot anyway. So BEGIN waits for the first write: a request that
    writes nothing after all has no COMMIT, and one that writes with one statement has neither.
    """

    begins = False


def room_for(values: Collection[Any]) -> int:
    """How many values a statement is made for that is to take these: the next power of two, 0 for none."""
    return 1 << (len(values) - 1).bit_length() if values else 0


def among(column: Any, name: str, room: int) -> ColumnElement[bool]:
    """Condition: the column has one of the values that `listed(name, …)` gives."""
    if not room:
        return false()
    return column.in_([bindparam(f"{name}_{place}", type_=column.type) for place in range(room)])  # type: ignore[no-any-return]


def listed(name: str, values: Collection[Any]) -> dict[str, Any]:
    """The values for `among`; the last one fills the room that is left."""
    given = [*values, *[value for value in list(values)[-1:] for _place in range(room_for(values) - len(values))]]
    return {f"{name}_{place}": value for place, value in enumerate(given)}


Asked = tuple[Prepared, dict[str, Any]]
"""A statement, and what it is given."""


def ask_together(db: Session, *asked: Asked) -> list[Sequence[Any]]:
    """The rows of each, in order, on one way where the connection can; each statement sees what those before it did."""
    is_plain = not any(isinstance(value, Either) for _one, given in asked for value in given.values())
    if not (is_plain and isinstance(db, Work) and db.is_postgresql):
        return [one.all(db, **given) for one, given in asked]
    if db.autoflush:
        db.flush()
    compiled = [(one._compiled_for(db), given) for one, given in asked]
    connection = db.driver()
    try:
        return list(connection.run_together([(one.sql, one.values(given), one.make) for one, given in compiled]))
    except db.engine.dialect.loaded_dbapi.Error as error:
        raise db.wrapped("; ".join(one.sql for one, _given in compiled), error) from error


def _compiled(text: SQLCompiler, dialect: Dialect) -> _Compiled:
    if text.post_compile_params or text.literal_execute_params:
        raise ValueError(f"a list cannot be bound in a prepared statement: {text.string[:60]}")
    processes: Any = text._bind_processors
    sql, names = (text.string, list(text.positiontup or ())) if text.positional else _numbered(text.string)
    fixed = {name: bind.effective_value for name, bind in text.binds.items() if not bind.required}
    return _Compiled(sql, tuple((name, processes.get(name)) for name in names), fixed, _maker(text, dialect))


def _numbered(sql: str) -> tuple[str, list[str]]:
    """`%(name)s` as `$1`: libpq knows numbers only; a name that comes twice keeps its number."""
    names: list[str] = []

    def number(found: re.Match[str]) -> str:
        name = found[1]
        if name is None:
            return "%"
        if name not in names:
            names.append(name)
        return f"${names.index(name) + 1}"

    return _PARAMETER.sub(number, sql), names


def _maker(text: SQLCompiler, dialect: Dialect) -> Callable[[Any], Any]:
    columns = text._result_columns
    made: Any = namedtuple  # the names are known only here
    row = made("Row", [column.keyname for column in columns])
    row._mapping = property(row._asdict)
    processes = [column.type._cached_result_processor(dialect, None) for column in columns]
    if not any(processes):
        return row._make  # type: ignore[no-any-return]
    pairs = [(place, process) for place, process in enumerate(processes) if process is not None]

    def make(found: Any) -> Any:
        values = list(found)
        for place, process in pairs:
            values[place] = process(values[place])
        return row._make(values)

    return make


def _run_on_sqlite(connection: Any, compiled: _Compiled, values: list[Any]) -> tuple[list[Any], int]:
    cursor = connection.execute(compiled.sql, values)
    if cursor.description is None:
        return [], cursor.rowcount
    rows = [compiled.make(row) for row in cursor.fetchall()]
    return rows, len(rows)
