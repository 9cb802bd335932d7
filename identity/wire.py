"""A connection to PostgreSQL that also runs prepared statements straight through libpq.

psycopg's cursor is made for everything that a statement may be; one that is known beforehand needs a sixth of its time.
Values go and come through psycopg's own adapters, so both ways give the same types. What is prepared here survives a
ROLLBACK, at which the driver would throw all its own away.

Each way to the server and back costs more than what is done there, so what can wait travels in company (libpq's
pipeline): BEGIN with the first statement, a write whose result nobody asks for with the next one or with COMMIT. What
goes wrong with such a write is known at the latest at the commit, which then does not happen.
"""

from __future__ import annotations

import select
from collections.abc import Callable, Sequence
from typing import Any, cast

from psycopg import Connection, OperationalError
from psycopg._preparing import PrepareManager
from psycopg.abc import Transformer
from psycopg.adapt import PyFormat
from psycopg.adapt import Transformer as Adapters
from psycopg.errors import error_from_result
from psycopg.pq import ConnStatus, ExecStatus, TransactionStatus
from psycopg.pq.abc import PGresult

_Ready = tuple[bytes, Transformer, list[PyFormat]]
_Call = tuple[bytes, Sequence[Any]]
"""A prepared statement by its name and what it is given; without a name a command, given its words."""
Asked = tuple[str, Sequence[Any], Callable[[Any], Any]]
"""A statement, what it is given, and what makes its rows."""
BEGIN, COMMIT, ROLLBACK = b"BEGIN", b"COMMIT", b"ROLLBACK"
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
        self._begun = False
        self._waiting: list[_Call] = []
        self._ear = select.poll()
        self._ear.register(self.fileno(), select.POLLIN)

    @property
    def in_transaction(self) -> bool:
        return self._begun or self.pgconn.transaction_status != TransactionStatus.IDLE

    @property
    def has_something_to_say(self) -> bool:
        """Whether the server sent anything unasked: it does when it stops."""
        return bool(self._ear.poll(0))

    def cursor(self, *given: Any, **named: Any) -> Any:
        """The driver's own way to run something: what waits goes before it."""
        self.catch_up()
        return super().cursor(*given, **named)

    def begin(self) -> None:
        """Open a transaction with the next statement, unless one is open."""
        self._begun = True

    def run(
        self, sql: str, values: Sequence[Any], make: Callable[[Any], Any], *, begins: bool = True
    ) -> tuple[list[Any], int]:
        """The rows, each through `make`, and how many rows were touched. Parameters stand in `sql` as $1, $2, …

        What does not begin runs in the transaction that is open, or by itself: BEGIN goes on waiting.
        """
        name, adapters, formats = self._prepared_here.get(sql) or self._prepare(sql, len(values))
        with self.lock:
            given: Any = adapters.dump_sequence(values, formats)
            before = self._owed() if begins or self._waiting else []
            result = self._send([*before, (name, given)]) if before else self.pgconn.exec_prepared(name, given)
        self._check(result)
        if result.status != ExecStatus.TUPLES_OK:
            return [], result.command_tuples or 0
        adapters.set_pgresult(result)
        return adapters.load_rows(0, result.ntuples, make), result.ntuples

    def run_together(self, asked: Sequence[Asked]) -> list[list[Any]]:
        """The rows of several statements on one way, in order; each sees what those before it did."""
        ready = [self._prepared_here.get(sql) or self._prepare(sql, len(values)) for sql, values, _make in asked]
        with self.lock:
            given: list[_Call] = [
                (name, cast(Any, adapters).dump_sequence(values, formats))
                for (name, adapters, formats), (_sql, values, _make) in zip(ready, asked, strict=True)
            ]
            results = self._send_all([*self._owed(), *given])
        self._check(_told(results))
        rows = []
        for result, (_name, adapters, _formats), (_sql, _values, make) in zip(
            results[-len(asked) :], ready, asked, strict=True
        ):
            adapters.set_pgresult(result)
            rows.append(adapters.load_rows(0, result.ntuples, make))
        return rows

    def run_later(self, sql: str, values: Sequence[Any]) -> None:
        """Run it with the next statement, or with the end of the transaction."""
        name, adapters, formats = self._prepared_here.get(sql) or self._prepare(sql, len(values))
        with self.lock:
            given: Any = adapters.dump_sequence(values, formats)
        self._waiting.append((name, given))

    def catch_up(self) -> None:
        """Run now what waits."""
        if self._waiting:
            with self.lock:
                self._check(self._send(self._owed()))

    def commit(self) -> None:
        self._check_open()
        is_alone = len(self._waiting) == 1 and self.pgconn.transaction_status == TransactionStatus.IDLE
        with self.lock:
            if is_alone:  # a statement by itself is a transaction
                self._begun = False
            owed = self._owed() if self._waiting else []
            self._begun = False
            if is_alone:
                self._check(self.pgconn.exec_prepared(*owed[0]))
            elif owed:
                self._check(self._send([*owed, (b"", (COMMIT,))]))
            elif self.pgconn.transaction_status != TransactionStatus.IDLE:
                self._check(self.pgconn.exec_(COMMIT))

    def rollback(self) -> None:
        self._check_open()
        self._begun = False
        self._waiting.clear()
        if self.pgconn.transaction_status != TransactionStatus.IDLE:
            with self.lock:
                self._check(self.pgconn.exec_(ROLLBACK))

    def _check_open(self) -> None:
        if self.closed:
            raise OperationalError("the connection is closed")

    def _owed(self) -> list[_Call]:
        """What has to go before the next statement; the caller sends it."""
        is_idle = self.pgconn.transaction_status == TransactionStatus.IDLE
        owed = [(b"", (BEGIN,))] if self._begun and is_idle else []
        waiting, self._waiting = self._waiting, []
        return owed + waiting

    def _send(self, calls: Sequence[_Call]) -> PGresult:
        """All of them on one way; the last result, or the first that went wrong."""
        return _told(self._send_all(calls))

    def _send_all(self, calls: Sequence[_Call]) -> list[PGresult]:
        """All of them on one way, and what each was answered."""
        server = self.pgconn
        server.enter_pipeline_mode()
        try:
            for name, given in calls:
                if name:
                    server.send_query_prepared(name, given)
                else:
                    server.send_query_params(given[0], None)
            server.pipeline_sync()
            return self._results()
        finally:
            if server.status == ConnStatus.OK:
                server.exit_pipeline_mode()

    def _results(self) -> list[PGresult]:
        """What comes back, up to the mark that `pipeline_sync` set. Waits without holding up other threads."""
        server, found = self.pgconn, list[PGresult]()
        while server.flush():
            select.select([], [self.fileno()], [])
        while True:
            while server.is_busy():
                self._ear.poll()
                server.consume_input()
            result = server.get_result()
            if result is not None and result.status == ExecStatus.PIPELINE_SYNC:
                return found
            if result is not None:
                found.append(result)

    def _prepare(self, sql: str, count: int) -> _Ready:
        name = f"portal_{len(self._prepared_here)}".encode()
        with self.lock:
            self._check(self.pgconn.prepare(name, sql.encode()))
        made: _Ready = name, cast(Any, Adapters)(self), [PyFormat.TEXT] * count
        self._prepared_here[sql] = made
        return made

    def _check(self, result: PGresult) -> None:
        if result.status not in DONE:
            if self.pgconn.status == ConnStatus.BAD:
                raise OperationalError("the server has gone away")
            raise error_from_result(result, encoding=self.info.encoding)


def _told(results: Sequence[PGresult]) -> PGresult:
    """The last result, or the first that went wrong."""
    return next((one for one in results if one.status not in DONE), results[-1])
