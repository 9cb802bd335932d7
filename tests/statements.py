"""What reaches the database while a test listens."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event

from identity.statements import LISTENERS
from portal.database import Database


@contextmanager
def heard(database: Database) -> Iterator[list[str]]:
    """The statements meanwhile, without the beginnings of transactions."""
    statements: list[str] = []

    def hear(_connection: object, _cursor: object, statement: str, *_given: Any) -> None:
        if not statement.startswith("BEGIN"):
            statements.append(statement)

    event.listen(database.engine, "before_cursor_execute", hear)
    LISTENERS.append(statements.append)
    try:
        yield statements
    finally:
        LISTENERS.remove(statements.append)
        event.remove(database.engine, "before_cursor_execute", hear)
