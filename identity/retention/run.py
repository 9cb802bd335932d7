"""The daily run: every rule in batches, each batch one transaction with its line of the report.

A worker that dies between two batches leaves a true report; the next one goes on where it stood.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from identity.audit import SYSTEM, Event, record
from identity.deadlines import VIETNAM, today_in_vietnam
from identity.jobs import enqueue_once
from identity.retention.model import RetentionReport
from identity.retention.rules import RULES, Rule

JOB = "retention"
BATCH = 200
FROM_HOUR = 2
"""At night, when few wait."""


@dataclass(frozen=True, slots=True)
class Due:
    """What a rule would purge now."""

    rule: str
    before: datetime
    rows: int


def start_the_days_purge(db: Session, *, now: datetime) -> None:
    """Ask for today's job once, by whichever worker comes first."""
    today = today_in_vietnam(now)
    if now.astimezone(VIETNAM).hour < FROM_HOUR:
        return
    enqueue_once(db, JOB, today.isoformat(), {"day": today.isoformat()}, lasting=timedelta(days=2), now=now)


def purge_some(db: Session, cursor: Mapping[str, Any] | None, *, now: datetime) -> dict[str, Any] | None:
    """One batch of one rule; returns where to go on, or None at the end."""
    place = int(cursor["rule"]) if cursor else 0
    if place >= len(RULES):
        return None
    rule = RULES[place]
    report = _report(db, rule, now)
    gone = rule.purge_some(db, report.before, BATCH)
    report.purged += gone
    if gone == BATCH:
        return {"rule": place, "of": len(RULES)}
    report.finished_at = now
    if report.purged:
        record(db, Event.DATA_PURGED, SYSTEM, now=now, rule=rule.name, rows=report.purged)
    return {"rule": place + 1, "of": len(RULES)}


def due_now(db: Session, *, now: datetime) -> list[Due]:
    """What a run would purge, changing nothing."""
    return [Due(rule.name, rule.before(now), rule.count(db, now)) for rule in RULES]


def reports(db: Session, *, most: int = 50) -> list[RetentionReport]:
    """The newest lines."""
    newest = select(RetentionReport).order_by(RetentionReport.day.desc(), RetentionReport.rule)
    return list(db.scalars(newest.limit(most)))


def gone_before(db: Session, name: str) -> datetime | None:
    """Up to which moment a rule has purged rows; None as long as it found none."""
    row = RetentionReport
    return db.scalar(select(func.max(row.before)).where(row.rule == name, row.purged > 0))


def _report(db: Session, rule: Rule, now: datetime) -> RetentionReport:
    """Today's line of the rule; its cut-off stands from the first batch to the last. A second run takes a newer one."""
    day: date = today_in_vietnam(now)
    line = db.scalar(select(RetentionReport).where(RetentionReport.day == day, RetentionReport.rule == rule.name))
    if line is None:
        line = RetentionReport(day=day, rule=rule.name, before=rule.before(now), begun_at=now, purged=0)
        db.add(line)
    elif line.finished_at is not None:
        line.before, line.finished_at = rule.before(now), None
    return line
