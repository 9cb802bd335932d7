"""The session of a piece of work: the ORM's, which shares its connection with prepared statements.

A prepared statement (`identity.statements`) needs a connection and a transaction, and none of what the ORM sets up
around them: that cost more than the statement itself. So a `Work` takes its connection from the pool by itself, begins
by itself, and lets the ORM join when somebody uses it. Either way there is one connection, one transaction and one
commit.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection, Engine, PoolProxiedConnection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session, SessionTransaction


def is_postgresql(db: Session) -> bool:
    """Whether `db` is over PostgreSQL; a `Work` knows without asking for a connection."""
    return db.is_postgresql if isinstance(db, Work) else db.get_bind().dialect.name == "postgresql"


class Work(Session):
    """A session on one connection, kept from the first statement to the end of the transaction."""

    def __init__(self, engine: Engine, *, writes: bool, info: dict[Any, Any]) -> None:
        super().__init__(expire_on_commit=False, info=info)
        self.engine, self.writes = engine, writes
        self._taken: PoolProxiedConnection | None = None
        self._joined: Connection | None = None

    @property
    def is_postgresql(self) -> bool:
        return self.engine.dialect.name == "postgresql"

    def driver(self) -> Any:
        """The driver's connection, in the transaction of this work where it writes."""
        if self.in_transaction() and (self._joined is None or not self._joined.in_transaction()):
            self.connection()  # the ORM has begun: it is the one that commits
        connection = self._take().dbapi_connection
        if self.writes:
            self.begin_on(connection)
        return connection

    def begin_on(self, connection: Any) -> None:
        """Open the transaction, unless it is open: SQLite takes its write lock here."""
        if connection.in_transaction:
            return
        if self.is_postgresql:
            self._tried("BEGIN", connection.begin)
        else:
            self._tried("BEGIN IMMEDIATE", lambda: connection.execute("BEGIN IMMEDIATE"))

    def get_bind(self, *_given: Any, **_named: Any) -> Connection:
        """The connection as the ORM uses it."""
        if self._joined is None:
            self._joined = Connection(self.engine, self._take())
        return self._joined

    def begin(self, nested: bool = False) -> SessionTransaction:
        begun = super().begin(nested)
        if self._taken is not None:
            self.connection()  # what ran before belongs to it
        return begun

    @property
    def is_untouched(self) -> bool:
        """Whether the ORM has nothing to do with this work: it holds no row and no transaction."""
        return not (self.in_transaction() or self._new or self.identity_map._dict)

    def flush(self, objects: Any = None) -> None:
        if not self.is_untouched:
            super().flush(objects)

    def commit(self) -> None:
        if self.in_transaction():
            super().commit()
        connection = self.driver_or_none()
        if connection is not None:
            self._tried("COMMIT", connection.commit)  # what ran without the ORM, and what waited
        self.release()

    def rollback(self) -> None:
        if not self.is_untouched:
            super().rollback()
        self.release()

    def close(self) -> None:
        if not self.is_untouched:
            super().close()
        self.release()

    def release(self) -> None:
        """Give the connection back; what was not committed is undone by the pool."""
        joined, taken = self._joined, self._taken
        self._joined = self._taken = None
        if joined is not None:
            joined.close()
        elif taken is not None:
            taken.close()

    def driver_or_none(self) -> Any:
        """The driver's connection if there is one."""
        return None if self._taken is None else self._taken.dbapi_connection

    def wrapped(self, sql: str, error: Exception) -> DBAPIError:
        """As SQLAlchemy raises it, without the values, which may name a person."""
        dialect = self.engine.dialect
        kind = dialect.loaded_dbapi.Error
        lost = dialect.is_disconnect(error, self.driver_or_none(), None)  # type: ignore[arg-type]
        if lost:
            self.drop(error)
        given: Any = DBAPIError.instance(
            sql, None, error, kind, hide_parameters=True, connection_invalidated=lost, dialect=dialect
        )
        return given  # type: ignore[no-any-return]

    def _tried(self, what: str, call: Callable[[], Any]) -> Any:
        """What the driver does outside a statement: its error is a statement's, too, so that pages know it."""
        try:
            return call()
        except self.engine.dialect.loaded_dbapi.Error as error:
            raise self.wrapped(what, error) from error

    def drop(self, error: BaseException) -> None:
        """The connection is broken: the pool makes a new one."""
        if self._taken is not None:
            self._taken.invalidate(error)

    def _take(self) -> PoolProxiedConnection:
        if self._taken is None:
            self._taken = self._tried("connect", self.engine.raw_connection)
        return self._taken
