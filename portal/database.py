"""Engine, session per request, and the only commit of the portal (architecture, invariant 1).

`transacted` wraps every view once, in `create_app`: a view that returns commits, one that raises rolls back. On SQLite
a view that writes begins with BEGIN IMMEDIATE at its first statement, so slow work (register look-ups, password hashes)
is done before it, with `peek()` for what must be read first.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import cast

from flask import Flask, current_app, g
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session
from werkzeug.local import LocalProxy

from identity.under_two_keys import accept_either
from identity.vault import Vault
from identity.work import Work
from portal.engine import for_reading, for_writing, open_engine
from portal.standing import Standing


@dataclass(frozen=True, slots=True)
class Database:
    """One database and one pool; `portal.engine` says how reading and writing differ."""

    engine: Engine
    reading: Engine
    writing: Engine
    vault: Vault
    standing: Standing | None = None

    def session(self, *, write: bool) -> Session:
        """A new session; the caller closes it."""
        if self.standing is not None and self.standing.is_due():
            with self._work(self.reading, write=False) as db:
                self.standing.look(db)
        work = self._work(self.writing if write else self.reading, write=write)
        return accept_either(work) if self.vault.turns else work

    def _work(self, bind: Engine, *, write: bool) -> Session:
        return Work(bind, writes=write, info={"vault": self.vault})

    @contextmanager
    def snapshot(self) -> Iterator[Session]:
        """A session that reads everything as of one moment, however long it takes. SQLite's readers always do."""
        postgresql = self.engine.dialect.name == "postgresql"
        with self.session(write=postgresql) as db:
            if postgresql:
                db.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"))
            yield db

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """A short transaction outside a request (worker, commands, audit of a refused attempt)."""
        with self.session(write=True) as db:
            yield db
            db.commit()


def connect(url: str, vault: Vault, standing: Standing | None = None) -> Database:
    """Open the database at `url` (SQLite or PostgreSQL). With `standing` its sessions follow what operators change."""
    engine = open_engine(url)
    return Database(engine, for_reading(engine), for_writing(engine), vault, standing)


def database() -> Database:
    """The database of the running application."""
    return cast(Database, current_app.extensions["database"])


def this_session() -> Session:
    """The session of this request itself, for what is asked of it many times: `db` finds it anew each time."""
    session = g.get("db")
    if session is None:
        session = g.db = database().session(write=bool(g.get("writes", True)))
    return cast(Session, session)


db = cast(Session, LocalProxy(this_session))
"""The session of this request. Its transaction begins with the first statement."""


@contextmanager
def peek() -> Iterator[Session]:
    """A short read-only look before slow work; closed before the request's transaction begins."""
    with database().session(write=False) as session:
        yield session


@contextmanager
def look_around() -> Iterator[Session]:
    """A look that may come before the view: the request's own session where it only reads, else a `peek`."""
    if g.get("writes", True):
        with peek() as session:
            yield session
    else:
        yield this_session()


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
