"""The clock of a turn: each stage begins once the one before has settled."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from identity import jobs, key_use
from identity.key_use import KeyUse, Stage
from identity.rotation.reindex import are_left_over
from identity.rotation.turn import INDEX_JOB, RESEAL_JOB, move
from identity.vault import Purpose

JOBS = {Purpose.ENCRYPTION: RESEAL_JOB, Purpose.INDEX: INDEX_JOB}
INDEX_RESTS = timedelta(days=3)
"""Counts by number and phone that hold no plain value are gone after two days."""


def go_on(db: Session, *, now: datetime) -> int:
    """Take each turn to its next stage once the one before has settled; run by the worker. How many went on."""
    going = select(KeyUse).where(KeyUse.stage.in_([Stage.BOTH, Stage.TURNED, Stage.WAITING])).with_for_update()
    moved = [_next(db, row, now) for row in db.scalars(going).all()]
    return sum(moved)


def _next(db: Session, row: KeyUse, now: datetime) -> bool:
    purpose, wait = Purpose(row.purpose), key_use.SETTLE
    if row.stage == Stage.WAITING:
        if purpose is not Purpose.INDEX or now < row.since + INDEX_RESTS or are_left_over(db):
            return False
        move(db, row, Stage.RESTS, row.version, None, now=now)
    elif now < row.since + wait or row.other is None:
        return False
    elif row.stage == Stage.BOTH:
        move(db, row, Stage.TURNED, row.other, row.version, now=now)
    elif purpose is Purpose.PEPPER:
        move(db, row, Stage.WAITING, row.version, row.other, now=now)
    else:
        move(db, row, Stage.FILLING, row.version, row.other, now=now)
        jobs.enqueue(db, JOBS[purpose], {}, now=now)
    return True
