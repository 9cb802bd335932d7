"""Tables that only grow: the database refuses changes, except to those who say so in the same transaction.

Two may: the archive, which deletes what it wrote to a sealed file, and a turn of the encryption key, which changes how
a note is sealed and not what it says.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

from sqlalchemy import Connection, text

APPEND_ONLY = frozenset({"audit_event", "assistance_event"})


@contextmanager
def unguarded(
    connection: Connection, table: str, what: Literal["UPDATE", "DELETE"], *, if_: bool = True
) -> Iterator[None]:
    """Within: the trigger is away, in this transaction only. An error leaves it as it was."""
    if not if_:
        yield
        return
    away, back = _statements(connection, table, f"{table}_no_{what.lower()}")
    connection.execute(text(away))
    yield
    connection.execute(text(back))


def is_guarded(connection: Connection, table: str) -> bool:
    """Whether the database refuses changes of this table: somebody may have left its triggers switched off."""
    if connection.dialect.name == "postgresql":
        wanted = {f"{table}_append_only", f"{table}_no_truncate"}
        known = "SELECT tgname FROM pg_trigger WHERE tgrelid = to_regclass(:table) AND tgenabled IN ('O', 'A')"
    else:
        wanted = {f"{table}_no_update", f"{table}_no_delete", f"{table}_no_replace"}
        known = "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = :table"
    return wanted <= set(connection.scalars(text(known), {"table": table}))


def _statements(connection: Connection, table: str, trigger: str) -> tuple[str, str]:
    if connection.dialect.name == "postgresql":
        name = f"TRIGGER {table}_append_only"
        return f"ALTER TABLE {table} DISABLE {name}", f"ALTER TABLE {table} ENABLE {name}"
    kept = connection.scalar(text("SELECT sql FROM sqlite_master WHERE name = :name"), {"name": trigger})
    return f"DROP TRIGGER {trigger}", str(kept)
