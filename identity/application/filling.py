"""Filling what files of an earlier release do not have: their groups, the numbers behind the ties, and the indexes of
what is printed on foreign residents' papers, once.

A job of the worker, a batch a transaction; a file that a newer process wrote has them already.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from identity.application.known_numbers import number_index_of, printed_indexes
from identity.application.model import Application
from identity.application.registered import from_facts, key_of, nationality_of
from identity.application.ties import Conflict
from identity.deadlines import today_in_vietnam
from identity.jobs import enqueue_once
from identity.person import age_band

JOB = "application-groups"
BATCH = 200
FOR_GOOD = timedelta(days=3650)


def start_filling(db: Session, *, now: datetime) -> None:
    """Ask for the job once, by whichever worker comes first."""
    enqueue_once(db, JOB, "0046", {}, lasting=FOR_GOOD, now=now)


def fill_some(db: Session, cursor: Mapping[str, Any] | None, *, now: datetime) -> dict[str, Any] | None:
    """One batch; returns where to go on, or None at the end."""
    query = select(Application).order_by(Application.id).limit(BATCH)
    if cursor and cursor.get("after"):
        query = query.where(Application.id > UUID(cursor["after"]))
    rows = db.scalars(query).all()
    for row in rows:
        _fill(db, row)
    return {"after": str(rows[-1].id)} if rows else None


def _fill(db: Session, row: Application) -> None:
    """An emptied file stays empty."""
    if row.full_name_folded == "" or not row.record:
        return
    registered = from_facts(row.record)
    if row.age_band is None:
        row.age_band = age_band(registered.birth_date, today_in_vietnam(row.submitted_at))
        row.nationality = nationality_of(registered)
    if row.guardian_id is not None and row.guardian_index is None:
        row.guardian_index = number_index_of(db, row.guardian_id)
    if row.passport_index is None:
        for name, index in printed_indexes(db, registered).items():
            setattr(row, name, index)
    bare = select(Conflict).where(Conflict.number_index == row.number_index, Conflict.number_sealed.is_(None))
    for conflict in db.scalars(bare):
        conflict.number = key_of(registered)
