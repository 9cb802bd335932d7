"""How connections are opened, kept and looked after, on SQLite and on PostgreSQL.

Three engines share one pool. `engine` is the plain one. On `writing` SQLite takes its write lock at once. On `reading`
PostgreSQL opens no transaction: under READ COMMITTED each statement has its own snapshot anyway, so BEGIN and the end
would only cost two round trips, and a ROLLBACK makes the driver throw its prepared statements away.
"""

from __future__ import annotations

import time
from typing import Any, cast

import orjson
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import DisconnectionError

from identity.wire import Wire

BUSY_MS = 10_000
POOL = 8
"""Kept open: two for each of a server's four threads, a request's own and one for a look before it writes."""
RESTED_SECONDS = 30.0
"""After so long a rest a connection is tried before it is used: the way to the server may have been cut in silence."""
PREPARED_STATEMENTS = 400
"""How many a connection keeps; with the driver's 100 the pages of all slices would push each other out."""

JSON: dict[str, Any] = {
    "hide_parameters": True,  # an error names the statement; what was to be written is nobody's to read in a log
    "json_serializer": lambda value: orjson.dumps(value).decode(),
    "json_deserializer": orjson.loads,
}


def open_engine(url: str) -> Engine:
    """The engine for `url`; `postgresql://` means the psycopg driver."""
    if url.startswith("postgresql://"):
        url = url.replace("postgresql://", "postgresql+psycopg://", 1)
    if url.startswith("sqlite"):
        engine = create_engine(url, pool_size=POOL, max_overflow=-1, **JSON)  # a file: connections cost nothing
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    engine = create_engine(
        url, pool_size=POOL, max_overflow=3 * POOL, pool_use_lifo=True, skip_autocommit_rollback=True, **JSON
    )
    event.listen(engine, "do_connect", _connect_by_wire)
    event.listen(engine, "connect", _prepare_postgresql)
    event.listen(engine, "checkin", _note_rest)
    event.listen(engine, "checkout", _try_rested)
    return engine


def for_reading(engine: Engine) -> Engine:
    """The same pool, for sessions that only read; a write through it is a mistake of ours and fails loudly."""
    plain = engine.dialect.name == "sqlite"
    reading = engine.execution_options(**({} if plain else {"isolation_level": "AUTOCOMMIT"}))
    event.listen(reading, "before_cursor_execute", _refuse_writes)
    return reading


def for_writing(engine: Engine) -> Engine:
    """The same pool, for sessions that write."""
    return engine.execution_options(write=True)


def _refuse_writes(
    _connection: Connection, _cursor: Any, statement: str, _given: Any, context: Any, _many: bool
) -> None:
    if context is not None and (context.isinsert or context.isupdate or context.isdelete):
        raise RuntimeError(f"a session that only reads was asked to write: {statement[:60]}")


def _prepare_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # transactions are begun below, not guessed by the driver
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", f"busy_timeout={BUSY_MS}"):
        connection.execute(f"PRAGMA {pragma}")


def _connect_by_wire(_dialect: object, _record: object, given: Any, named: Any) -> Wire:
    return Wire.connect(*given, **named)


def _begin_sqlite(connection: Connection) -> None:
    if cast(Any, connection.connection.dbapi_connection).in_transaction:
        return  # begun by a prepared statement (`identity.work`)
    write = connection.get_execution_options().get("write", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")


def _prepare_postgresql(connection: Any, _record: object) -> None:
    connection.prepared_max = PREPARED_STATEMENTS


def _note_rest(_connection: Any, record: Any) -> None:
    record.info["rests_since"] = time.monotonic()


def _try_rested(connection: Any, record: Any, _fairy: object) -> None:
    """Find a dead connection before a request does, without a round trip for each check-out.

    A server that stops says so, and a closed socket becomes readable: a look at the socket costs no round trip. Only
    a connection that rested for long, or has something to say, is tried. A dead one is replaced by the pool.
    """
    rested = time.monotonic() - record.info.get("rests_since", time.monotonic())
    if rested < RESTED_SECONDS and not connection.has_something_to_say:
        return
    try:
        connection.execute("SELECT 1")
        connection.rollback()
    except connection.Error as error:
        raise DisconnectionError(str(error)) from error
