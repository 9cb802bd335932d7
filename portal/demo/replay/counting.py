"""The end of a replay: its figures are counted from the events and published, as the worker would by and by."""

from __future__ import annotations

from datetime import datetime

from onboarding.figures.published import publish_all
from onboarding.figures.refresh import count_some, mark_all
from portal.database import Database


def count_and_publish(database: Database, *, now: datetime) -> None:
    """Every day anew, a few a transaction; stopped, another start begins again, and ends with the same figures."""
    with database.transaction() as db:
        left = mark_all(db)
    while left:
        with database.transaction() as db:
            left = count_some(db, now=now)
    with database.transaction() as db:
        publish_all(db, now=now)
