"""The binder: rows as JSON on standard input, an XLSX workbook on standard output.

A program of its own, with nothing of the portal in it: the library takes 16 MB, which no process that answers pages
should carry for a table that somebody takes along now and then.
"""

from __future__ import annotations

import io
import json
import resource
import sys
from collections.abc import Sequence

import xlsxwriter

SECONDS, BYTES = 30, 1024**3
Row = Sequence[str | int | float]


def bound(rows: Sequence[Row]) -> bytes:
    """One sheet, the first row its head; numbers are numbers, words are words whatever they begin with."""
    content = io.BytesIO()
    with xlsxwriter.Workbook(content, {"in_memory": True}) as book:
        sheet = book.add_worksheet("figures")
        sheet.freeze_panes(1, 0)
        head = book.add_format({"bold": True})
        for line, row in enumerate(rows):
            for column, cell in enumerate(row):
                if isinstance(cell, str):
                    sheet.write_string(line, column, cell, head if line == 0 else None)
                else:
                    sheet.write_number(line, column, cell)
    return content.getvalue()


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (BYTES, BYTES))
    sys.stdout.buffer.write(bound(json.loads(sys.stdin.buffer.read())))
