"""Nothing stays in clear unseen: each column is sealed, or declared in docs/clear-columns.md with its reason."""

from __future__ import annotations

import re

from sqlalchemy import Column, LargeBinary, Uuid

import portal.assembly
import portal.worker  # noqa: F401 - with the application, every model there is
from identity.base import Base, UTC_DateTime
from tests.servers import ROOT

ROW = re.compile(r"^\| (\w+) \| ([\w, ]+) \| (.+) \|$", re.M)
UNREADABLE = re.compile(r".*(_sealed|_index|_digest)|digest")
PAGE = (ROOT / "docs" / "clear-columns.md").read_text(encoding="utf-8")


def is_in_clear(column: Column[object]) -> bool:
    """References and moments say nothing by themselves; what is called unreadable must be bytes."""
    if isinstance(column.type, LargeBinary):
        return not UNREADABLE.fullmatch(column.name)
    return not isinstance(column.type, Uuid | UTC_DateTime)


def in_clear() -> dict[str, set[str]]:
    found = {
        table.name: {one.name for one in table.columns if is_in_clear(one)} for table in Base.metadata.sorted_tables
    }
    return {table: columns for table, columns in found.items() if columns}


def test_every_column_in_clear_is_declared_with_its_reason() -> None:
    declared = {table: set(columns.split(", ")) for table, columns, _reason in ROW.findall(PAGE)}
    assert declared.pop("table") == {"columns in clear"}
    assert declared == in_clear(), "seal it, or declare it in docs/clear-columns.md"
