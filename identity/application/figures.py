"""Figures of an office over a span of days: how fast, how much is late, why it refused, and whether it treats alike.

Fairness is the share of refusals by age band, nationality and office; small numbers are protected (`small_numbers`).
Counts are of every file of the span; the middle (median) is of the newest `MOST`, which the page says.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from statistics import median
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import Session

from identity.application.model import OPEN, Application, State
from identity.application.small_numbers import Share, protected
from identity.application.tasks import Kind, Task
from identity.audit import AuditEvent, Event
from identity.deadlines import calendar, rule, today_in_vietnam

MOST = 2000
HOUR = timedelta(hours=1)
ENDED = (State.ISSUED.value, State.REFUSED.value, State.APPEALED.value)
"""An appealed refusal counts until it falls."""


@dataclass(frozen=True, slots=True)
class Speed:
    """How long one step took: how many there were, how many in time, and the middle one in office hours."""

    count: int
    in_time: int
    middle_hours: float | None


@dataclass(frozen=True, slots=True)
class Figures:
    """What an office sees of itself. Groups are protected; counts of files are exact for who may open them."""

    since: date
    least: int
    """Smaller groups are hidden."""
    received: Speed
    decided: Speed
    overdue: int
    open: int
    refusals: list[tuple[str, int]]
    out_of_turn: int
    handed_back: int
    second_looks: tuple[int, int]
    """How many were looked at again, and how often the two officers did not agree."""
    by_age: list[Share]
    by_nationality: list[Share]
    by_office: list[Share]


def figures(db: Session, units: Collection[UUID], *, days: int, now: datetime) -> Figures:
    """The figures of `units` for the last `days` days."""
    since = now - timedelta(days=days)
    decided = _decided(units, since)
    least = int(rule("small_numbers", today_in_vietnam(now)))
    in_units = Application.unit_id.in_(units)
    return Figures(
        since=today_in_vietnam(since),
        least=least,
        received=_speed(db, RECEIPT, in_units & (Application.received_at >= since)),
        decided=_speed(db, DECISION, decided),
        overdue=_count(db, units, Application.due_at < now),
        open=_count(db, units, Application.state.in_([state.value for state in OPEN])),
        refusals=_refusals(db, decided),
        out_of_turn=_events(db, units, Event.CASE_TAKEN, since, way="supervisor"),
        handed_back=_events(db, units, Event.CASE_HANDED_BACK, since),
        second_looks=_second_looks(db, units, since),
        by_age=_shares(db, decided, Application.age_band, least),
        by_nationality=_shares(db, decided, Application.nationality, least),
        by_office=_shares(db, decided, Application.office_id, least),
    )


def _decided(units: Collection[UUID], since: datetime) -> ColumnElement[bool]:
    """What officers decided; what the rule decides at once has no officer to be fair."""
    return and_(
        Application.unit_id.in_(units),
        Application.decided_at >= since,
        Application.decided_by_id.is_not(None),
        Application.state.in_(ENDED),
    )


RECEIPT = (Application.submitted_at, Application.received_at, Application.receipt_due_at)
DECISION = (Application.received_at, Application.decided_at, Application.decision_due_at)
"""When a step begins, ends, and should have ended."""


def _speed(db: Session, step: tuple[Any, Any, Any], which: ColumnElement[bool]) -> Speed:
    """Counts are of all; the middle is of the newest `MOST`, because office hours are not known to the database."""
    began, ended, due = step
    done = and_(which, began.is_not(None), ended.is_not(None))
    late = func.count().filter(ended > due)
    count, after = db.execute(select(func.count(), late).select_from(Application).where(done)).one()
    newest = db.execute(select(began, ended).where(done).order_by(ended.desc()).limit(MOST))
    took = [calendar().working_time(begin, end) / HOUR for begin, end in newest]
    return Speed(count, count - after, round(median(took), 1) if took else None)


def _refusals(db: Session, decided: ColumnElement[bool]) -> list[tuple[str, int]]:
    many = func.count()
    reasons = select(Application.refusal_reason, many).where(decided, Application.refusal_reason.is_not(None))
    ordered = reasons.group_by(Application.refusal_reason).order_by(many.desc(), Application.refusal_reason)
    return [(str(reason), count) for reason, count in db.execute(ordered)]


def _count(db: Session, units: Collection[UUID], condition: ColumnElement[bool]) -> int:
    return (
        db.scalar(select(func.count()).select_from(Application).where(Application.unit_id.in_(units), condition)) or 0
    )


def _events(db: Session, units: Collection[UUID], event: Event, since: datetime, **facts: str) -> int:
    query = (
        select(AuditEvent.facts)
        .join(Application, Application.id == AuditEvent.subject_id)
        .where(Application.unit_id.in_(units), AuditEvent.name == event.value, AuditEvent.at >= since)
    )
    return sum(facts.items() <= found.items() for found in db.scalars(query))


def _second_looks(db: Session, units: Collection[UUID], since: datetime) -> tuple[int, int]:
    query = select(Task.outcome).where(
        Task.unit_id.in_(units), Task.kind == Kind.SECOND_LOOK.value, Task.done_at >= since
    )
    outcomes = list(db.scalars(query))
    return len(outcomes), outcomes.count("disagree")


def _shares(db: Session, decided: ColumnElement[bool], group: Any, least: int) -> list[Share]:
    """Counted by the database over every file of the span, however many there are."""
    counts = select(group, func.count(), func.count(Application.refusal_reason)).where(decided, group.is_not(None))
    rows = db.execute(counts.group_by(group))
    return protected((Share(str(name), many, refused) for name, many, refused in rows), least)
