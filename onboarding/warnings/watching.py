"""Looking for what is odd: a job a day, a province at a time. What it found is looked for before a step writes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from identity import jobs
from identity.deadlines import VIETNAM, today_in_vietnam
from identity.places import Unit, UnitKind
from onboarding.warnings.finding import Finding
from onboarding.warnings.handling import open_findings
from onboarding.warnings.of_figures import odd_figures
from onboarding.warnings.of_teams import odd_teams

JOB = "look-for-warnings"
FROM_HOUR = 5
"""In Vietnam: late records of the day before have come, and the owners read it in the morning."""
Cursor = dict[str, Any]


def look_once_a_day(db: Session, *, now: datetime) -> None:
    """Chore: ask for today's job once, by whichever worker comes first."""
    today = today_in_vietnam(now)
    if now.astimezone(VIETNAM).hour < FROM_HOUR:
        return
    jobs.enqueue_once(db, JOB, today.isoformat(), {}, lasting=timedelta(days=2), now=now)


def find_some(db: Session, cursor: Mapping[str, Any] | None, *, now: datetime) -> list[Finding]:
    """Before a step: what is odd in the next province. Reads only."""
    if not cursor or not cursor["left"]:
        return []
    return findings_in(db, UUID(cursor["left"][0]), now=now)


def open_some(
    db: Session, cursor: Mapping[str, Any] | None, *, now: datetime, found: list[Finding] | None = None
) -> Cursor | None:
    """Step of the job: open what was found in one province, go on to the next."""
    if cursor is None:
        provinces = select(Unit.id).where(Unit.kind == UnitKind.PROVINCE, Unit.valid_to.is_(None)).order_by(Unit.code)
        return {"left": [str(unit) for unit in db.scalars(provinces)]}
    open_findings(db, find_some(db, cursor, now=now) if found is None else found, now=now)
    left = cursor["left"][1:]
    return {"left": left} if left else None


def findings_in(db: Session, province: UUID, *, now: datetime) -> list[Finding]:
    """All that is odd in a province and its communes."""
    units = {province, *db.scalars(select(Unit.id).where(Unit.parent_id == province))}
    return [*odd_figures(db, units, today=today_in_vietnam(now)), *odd_teams(db, units, now=now)]
