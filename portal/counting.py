"""Counting and publishing figures by command, as the worker does it: nobody waits long for their turn to write."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime

from identity import jobs
from onboarding.figures.published import JOB, cut_some, publish_some
from onboarding.figures.refresh import look_on, mark_all, refresh
from portal.database import Database
from portal.unhurried import Unhurried


def mark_every_day(database: Database) -> int:
    """Have every day counted anew; how many wait."""
    with database.transaction() as db:
        return mark_all(db)


def count_what_waits(database: Database, *, now: datetime) -> None:
    """A few days at a time, by the clock of one moment; stopped, another start goes on."""
    unhurried = Unhurried(database, threading.Event())
    while True:
        with database.session(write=False) as db:
            found = look_on(db)
        if not found.counts:
            return
        with unhurried.transaction() as db:
            refresh(db, now=now, found=found)


def publish(database: Database, *, clock: Callable[[], datetime]) -> None:
    """All families and places, a step a transaction, in place of a publication under way; stopped, a worker goes on."""
    unhurried = Unhurried(database, threading.Event())
    with database.transaction() as db:
        job = jobs.begin(db, JOB, now=clock())
    while True:
        with database.session(write=False) as db:
            found = cut_some(db, job.cursor, now=clock())
        with unhurried.transaction() as db:
            cursor = publish_some(db, job.cursor, now=clock(), found=found)
            if cursor is None:
                return jobs.finish(db, job, now=clock())
            job = jobs.progress(db, job, job.done + 1, None, now=clock(), cursor=cursor)
