"""What a writer is told beside the rows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class About:
    """Of a message: its own name, the moment its figures are of, the language of names, and where our addresses are.

    Nothing here depends on when it is written: the same figures make the same bytes, so a repeat can be told.
    """

    id: str
    prepared: datetime
    locale: str
    issuer: str
