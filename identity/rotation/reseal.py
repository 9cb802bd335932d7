"""Sealing anew what lies under older encryption keys, a batch a transaction, until a look through finds nothing.

A value that changes under our hands was sealed by somebody else, with the newer key: it is left alone. One that cannot
be opened is left as it is and counted; it opens with no key we hold, so no key is kept for it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Table, func, literal, or_, select, update
from sqlalchemy.orm import Session

from identity.append_only import APPEND_ONLY, unguarded
from identity.base import Base
from identity.rotation.turn import finish
from identity.sealed import vault
from identity.vault import Purpose, Unsealable, Vault

BATCH, FEW = 200, 10
"""Rows a transaction; of tables that hold whole files only a few."""
LARGE = frozenset({"stored_file", "data_export"})


def reseal_some(db: Session, cursor: Mapping[str, Any] | None, *, now: datetime) -> dict[str, Any] | None:
    """One step of the job."""
    tables = sealed_tables()
    at = dict(cursor or {"of": len(tables), "table": 0, "after": None, "rows": 0, "changed": 0, "unreadable": 0})
    if at["table"] == len(tables):
        if not at["changed"]:
            finish(db, Purpose.ENCRYPTION, now=now)
            return None
        return {**at, "table": 0, "after": None, "changed": 0, "unreadable": 0}
    table = tables[at["table"]]
    rows = _older(db, table, at["after"])
    while not rows and at["table"] + 1 < len(tables):  # tables without any are passed over
        at |= {"table": at["table"] + 1, "after": None}
        table = tables[at["table"]]
        rows = _older(db, table, None)
    if not rows:
        return {**at, "table": len(tables), "after": None}
    with unguarded(db.connection(), table.name, "UPDATE", if_=table.name in APPEND_ONLY):
        for row in rows:
            changed, unreadable = _reseal(db, table, row)
            at["changed"] += changed
            at["unreadable"] += unreadable
    return {**at, "after": str(rows[-1].id), "rows": at["rows"] + len(rows)}


def sealed_tables() -> list[Table]:
    """Every table with a sealed column."""
    return [table for table in Base.metadata.sorted_tables if _sealed(table)]


def is_under(db: Session, version: int) -> bool:
    """Whether any value still lies under this key; looks through everything."""
    return any(db.scalar(_under(table, version)) is not None for table in sealed_tables())


def _under(table: Table, version: int) -> Select[UUID]:
    matching = (_first(column) == bytes([version]) for column in _sealed(table))
    return select(table.c.id).where(or_(*matching)).limit(1)


def _sealed(table: Table) -> list[Any]:
    return [column for column in table.columns if column.name.endswith("_sealed")]


def _first(column: Any) -> ColumnElement[bytes]:
    return cast("ColumnElement[bytes]", func.substr(column, 1, 1, type_=column.type))


def _older(db: Session, table: Table, after: str | None) -> list[Any]:
    active = bytes([vault(db).version(Purpose.ENCRYPTION)])
    query = select(table.c.id, *_sealed(table)).where(or_(*(_first(column) != active for column in _sealed(table))))
    if after is not None:
        query = query.where(table.c.id > literal(UUID(after), table.c.id.type))
    return list(db.execute(query.order_by(table.c.id).limit(FEW if table.name in LARGE else BATCH)).all())


def _reseal(db: Session, table: Table, row: Any) -> tuple[int, int]:
    keys, changed, unreadable = vault(db), 0, 0
    for column in _sealed(table):
        stored = getattr(row, column.name)
        if not stored or stored[0] == keys.version(Purpose.ENCRYPTION):
            continue
        fresh = _anew(keys, f"{table.name}.{column.name}", row.id, stored)
        if fresh is None:
            unreadable += 1
            continue
        change = update(table).where(table.c.id == row.id, column == stored).values({column.name: fresh})
        changed += len(db.execute(change.returning(table.c.id)).all())
    return changed, unreadable


def _anew(keys: Vault, column: str, row_id: UUID, stored: bytes) -> bytes | None:
    try:
        return keys.seal(column, row_id, keys.open(column, row_id, stored))
    except (Unsealable, IndexError, ValueError):
        return None
