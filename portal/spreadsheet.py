"""What a table needs so that a spreadsheet reads it as it is meant, and runs nothing of it."""

from __future__ import annotations

BYTE_ORDER_MARK = "\ufeff"
"""Without it spreadsheets misread Vietnamese letters."""
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def harmless(text: str) -> str:
    """Text that a spreadsheet will not run as a formula."""
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text
