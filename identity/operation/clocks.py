"""What is done because time passes: when each chore last ran and how it ended, for the operator's page."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from sqlalchemy import String, Table, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from identity.base import Base
from identity.writing import insert_into


class ChoreRun(Base):
    """The last run of one chore, of whichever worker."""

    __tablename__ = "chore_run"

    name: Mapped[str] = mapped_column(String(60), primary_key=True)
    at: Mapped[datetime]
    milliseconds: Mapped[int]
    counted: Mapped[int]
    trouble: Mapped[str | None] = mapped_column(String(80))
    """The kind of the error it ended with; never its words."""
    good_at: Mapped[datetime | None]


@dataclass(frozen=True, slots=True)
class Ran:
    """One run."""

    name: str
    milliseconds: int
    counted: int = 0
    trouble: str | None = None


def note_runs(db: Session, runs: Iterable[Ran], *, now: datetime) -> None:
    """Remember the runs of one round, in one short transaction; a run that failed keeps when it last went well."""
    table = cast(Table, ChoreRun.__table__)
    for run in runs:
        values = {"at": now, "milliseconds": run.milliseconds, "counted": run.counted, "trouble": run.trouble}
        changed = values if run.trouble else {**values, "good_at": now}
        row = {"name": run.name[:60], **values, "good_at": None if run.trouble else now}
        db.execute(insert_into(db, table).values(row).on_conflict_do_update(index_elements=["name"], set_=changed))


def last_runs(db: Session) -> dict[str, ChoreRun]:
    """By the chore's name."""
    return {row.name: row for row in db.scalars(select(ChoreRun))}
