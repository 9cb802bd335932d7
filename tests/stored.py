"""What a row holds, as whoever steals the database reads it."""

from __future__ import annotations

from collections.abc import Iterable


def stored(row: Iterable[object]) -> bytes:
    """Every value of the row as bytes: sealed ones as they lie there, the others as written."""
    return b"\n".join(bytes(value) if isinstance(value, bytes | memoryview) else str(value).encode() for value in row)
