"""Writing without hurry: work that nobody waits for leaves room for those who do.

SQLite lets one write at a time and keeps no queue: who waits looks again every 0.1 s, so a worker that writes step
after step can keep a person waiting until they are refused, however short its steps are.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.orm import Session

from portal.database import Database


class Unhurried:
    """Transactions of one thread; before each, others get as long as the last one took. On PostgreSQL nobody waits."""

    def __init__(self, database: Database, stopping: threading.Event) -> None:
        self.database, self.stopping = database, stopping
        self.owed = 0.0
        """Seconds."""

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """As `Database.transaction`; waits first, unless the process is ending."""
        if self.owed:
            self.stopping.wait(self.owed)
        began = time.monotonic()
        with self.database.transaction() as db:
            yield db
        self.owed = time.monotonic() - began if self.database.engine.dialect.name == "sqlite" else 0.0
