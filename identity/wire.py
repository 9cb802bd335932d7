"""A connection to PostgreSQL that also runs prepared statements straight through libpq.

psycopg's cursor is made for everything that a statement may be; one that is known beforehand needs a sixth of its time.
Values go and come through psycopg's own adapters, so both ways give the same types. What is prepared here survives a
ROLLBACK, at which the driver would throw all its own away.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, cast

from psycopg import Connection, OperationalError
from psycopg._preparing import PrepareManager
from psycopg.abc import Transformer
from psycopg.adapt import PyFormat
from psycopg.adapt import Transformer as Adapters
from psycopg.errors import error_from_result
from psycopg.pq import ExecStatus, TransactionStatus
from psycopg.pq.abc import PGresult

_Ready = tuple[bytes, Transformer, list[PyFormat]]
DONE = (ExecStatus.COMMAND_OK, ExecStatus.TUPLES_OK)


class _Statements(PrepareManager):
    """The driver's own prepared statements. It throws them away with DEALLOCATE ALL, which takes ours too."""

    def __init__(self, lost: Callable[[], None]) -> None:
        super().__init__()
        self._lost = lost

    def clear(self) -> bool:
        """What is about to be gone is prepared anew when it is next asked for."""
        is_told = super().clear()
        if is_told:
            self._lost()
        return is_told


class Wire(Connection[Any]):
    """One connection. A statement is prepared on it when it first runs there."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._prepared_here: dict[str, _Ready] = {}
        self._prepared = _Statements(self._prepared_here.clear)

    @property
    def in_transaction(self) -> bool:
        return self.pgconn.transaction_status != TransactionStatus.IDLE

    def begin(self) -> None:
        """Open a transaction, unless one is open."""
        if self.pgconn.transaction_status == TransactionStatus.IDLE:
            self._check(self.pgconn.exec_(b"BEGIN"))

    def run(self, sql: str, values: Sequence[Any], make: Callable[[Any], Any]) -> tuple[list[Any], int]:
        """The rows, each through `make`, and how many rows were touched. Parameters stand in `sql` as $1, $2, …"""
        name, adapters, formats = self._prepared_here.get(sql) or self._prepare(sql, len(values))
        with self.lock:
            dumped: Any = adapters.dump_sequence(values, formats)
            result = self.pgconn.exec_prepared(name, dumped)
        self._check(result)
        if result.status != ExecStatus.TUPLES_OK:
            return [], result.command_tuples or 0
        adapters.set_pgresult(result)
        return adapters.load_rows(0, result.ntuples, make), result.ntuples

    def commit(self) -> None:
        self._end(b"COMMIT")

    def rollback(self) -> None:
        self._end(b"ROLLBACK")

    def _end(self, command: bytes) -> None:
        if self.closed:
            raise OperationalError("the connection is closed")
        if self.pgconn.transaction_status != TransactionStatus.IDLE:
            with self.lock:
                self._check(self.pgconn.exec_(command))

    def _prepare(self, sql: str, count: int) -> _Ready:
        name = f"portal_{len(self._prepared_here)}".encode()
        with self.lock:
            self._check(self.pgconn.prepare(name, sql.encode()))
        made: _Ready = name, cast(Any, Adapters)(self), [PyFormat.TEXT] * count
        self._prepared_here[sql] = made
        return made

    def _check(self, result: PGresult) -> None:
        if result.status not in DONE:
            raise error_from_result(result, encoding=self.info.encoding)
