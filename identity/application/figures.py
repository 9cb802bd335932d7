"""Figures of an office over a span of days: how fast, how much is late, and why it refused.

Whether it treats people alike is told apart, and never for a span that moves (`fairness`).
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
from sqlalchemy import case as sql_case
from sqlalchemy.orm import Session

from identity.application.model import OPEN, Application, State
from identity.application.tasks import Kind, Task
from identity.audit import AuditEvent, Event
from identity.deadlines import calendar, today_in_vietnam

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
    """What an office sees of itself, exact for who may open the files."""

    since: date
    received: Speed
    decided: Speed
    overdue: int
    open: int
    refusals: list[tuple[str, int]]
    out_of_turn: int
    handed_back: int
    second_looks: tuple[int, int]
    """How many were looked at again, and how often the two officers did not agree."""


def figures(db: Session, units: Collection[UUID], *, days: int, now: datetime) -> Figures:
    """The figures of `units` for the last `days` days."""
    since = now - timedelta(days=days)
    decided = _decided(units, since)
    in_units = Application.unit_id.in_(units)
    return Figures(
        since=today_in_vietnam(since),
        received=_speed(db, RECEIPT, in_units & (since <= FIRST_LOOK)),
        decided=_speed(db, DECISION, decided),
        overdue=_count(db, units, Application.due_at < now),
        open=_count(db, units, Application.state.in_([state.value for state in OPEN])),
        refusals=_refusals(db, decided),
        out_of_turn=_events(db, units, Event.CASE_TAKEN, since, way="supervisor"),
        handed_back=_events(db, units, Event.CASE_HANDED_BACK, since),
        second_looks=_second_looks(db, units, since),
    )


def _decided(units: Collection[UUID], since: datetime) -> ColumnElement[bool]:
    """What officers decided; what the rule decides at once has no officer to be fair."""
    return and_(
        Application.unit_id.in_(units),
        Application.decided_at >= since,
        Application.decided_by_id.is_not(None),
        Application.state.in_(ENDED),
    )


_LOOKS = (Event.APPLICATION_RECEIVED.value, Event.APPLICATION_SUPPLEMENT_REQUESTED.value)
FIRST_LOOK: ColumnElement[datetime] = sql_case(
    (Application.supplements == 0, Application.received_at),
    else_=select(func.min(AuditEvent.at))
    .where(
        AuditEvent.subject_kind == "application", AuditEvent.subject_id == Application.id, AuditEvent.name.in_(_LOOKS)
    )
    .scalar_subquery(),
)
"""A receipt or a request for what is missing, whichever came first (Decree 45/2020); what is sent in answer is
received later, and no look of the office."""
RECEIPT = (Application.submitted_at, FIRST_LOOK, Application.receipt_due_at)
COMPLETE: ColumnElement[datetime] = sql_case(
    (Application.received_at.is_not(None), Application.received_at),
    else_=select(func.max(AuditEvent.at))
    .where(
        AuditEvent.subject_kind == "application",
        AuditEvent.subject_id == Application.id,
        AuditEvent.name == Event.APPLICATION_RESUBMITTED.value,
    )
    .scalar_subquery(),
)
"""The receipt; where the answer to a supplement was decided upon without one, that answer, from which the clock ran."""
DECISION = (COMPLETE, Application.decided_at, Application.decision_due_at)
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
