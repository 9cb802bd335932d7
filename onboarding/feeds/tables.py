"""Plain formats: a JSON document and CSV, both in the columns that `facts.schema.json` describes."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

import orjson

from onboarding.feeds.message import About
from onboarding.feeds.rows import ASKED, PUSHED, Row, plain


def as_json(rows: Sequence[Row], about: About) -> bytes:
    """`{"id", "prepared", "facts": […]}`."""
    facts = [plain(row, about.locale) for row in rows]
    return orjson.dumps({"id": about.id, "prepared": about.prepared.isoformat(), "facts": facts})


def as_csv(rows: Sequence[Row], about: About) -> bytes:
    """RFC 4180 with a header; empty stands for null, and a zero is written as 0."""
    text = io.StringIO()
    table = csv.DictWriter(text, PUSHED if any(row.action for row in rows) else ASKED)
    table.writeheader()
    table.writerows(plain(row, about.locale) for row in rows)
    return text.getvalue().encode()
