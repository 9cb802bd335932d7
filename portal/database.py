"""Engine, session per request, and the only commit of the portal (architecture, invariant 1).

`transacted` wraps every view once, in `create_app`: a view that returns commits, one that raises rolls back. On SQLite
a view that writes begins with BEGIN IMMEDIATE at its first statement, so slow work (register look-ups, password hashes)
is done before it, with `peek()` for what must be read first.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, cast

from flask import Flask, current_app, g
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.orm import Session
from werkzeug.local import LocalProxy

from identity.vault import Vault

BUSY_MS = 10_000


@dataclass(frozen=True, slots=True)
class Database:
    """One database. `writing` is the same engine; on SQLite its transactions take the write lock at once."""

    engine: Engine
    writing: Engine
    vault: Vault

    def session(self, *, write: bool) -> Session:
        """A new session; the caller closes it."""
        bind = self.writing if write else self.engine
        return Session(bind, expire_on_commit=False, info={"vault": self.vault})

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """A short transaction outside a request (worker, commands, audit of a refused attempt)."""
        with self.session(write=True) as db, db.begin():
            yield db


def connect(url: str, vault: Vault) -> Database:
    """Open the database at `url` (SQLite or PostgreSQL)."""
    if url.startswith("postgresql://"):
        url = url.replace("postgresql://", "postgresql+psycopg://", 1)
    engine = create_engine(url, pool_pre_ping=not url.startswith("sqlite"))
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    return Database(engine, engine.execution_options(write=True), vault)


def _prepare_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # transactions are begun below, not guessed by the driver
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", f"busy_timeout={BUSY_MS}"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    write = connection.get_execution_options().get("write", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")


def database() -> Database:
    """The database of the running application."""
    return cast(Database, current_app.extensions["database"])


def _request_session() -> Session:
    if "db" not in g:
        g.db = database().session(write=bool(g.get("writes", True)))
    return cast(Session, g.db)


db = cast(Session, LocalProxy(_request_session))
"""The session of this request. Its transaction begins with the first statement."""


@contextmanager
def peek() -> Iterator[Session]:
    """A short read-only look before slow work; closed before the request's transaction begins."""
    with database().session(write=False) as session:
        yield session


def roll_back() -> None:
    """Undo what the view has written so far (a refusal that is answered with the same page)."""
    if "db" in g:
        g.db.rollback()


def init(app: Flask, opened: Database) -> None:
    """Attach the database to the application."""
    app.extensions["database"] = opened

    @app.teardown_appcontext
    def close(_error: BaseException | None) -> None:
        session = g.pop("db", None)
        if session is not None:
            session.close()
