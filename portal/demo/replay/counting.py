"""The end of a replay: its figures are counted from the events and published, as the worker would by and by."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from portal.counting import count_what_waits, mark_every_day, publish
from portal.database import Database


def count_and_publish(database: Database, *, clock: Callable[[], datetime]) -> None:
    """Every day anew, a few a transaction; stopped, another start begins again, and ends with the same figures.

    `clock` goes on: by a time that stands still a worker beside it would take the publication over.
    """
    mark_every_day(database)
    count_what_waits(database, now=clock())
    publish(database, clock=clock)
