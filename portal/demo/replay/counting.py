"""The end of a replay: its figures are counted from the events and published, as the worker would by and by."""

from __future__ import annotations

from datetime import datetime

from portal.counting import count_what_waits, mark_every_day, publish
from portal.database import Database


def count_and_publish(database: Database, *, now: datetime) -> None:
    """Every day anew, a few a transaction; stopped, another start begins again, and ends with the same figures."""
    mark_every_day(database)
    count_what_waits(database, now=now)
    publish(database, clock=lambda: now)
