"""Figures of an office over a span of days: how fast, how much is late, why it refused, and whether it treats alike.

Fairness is the share of refusals by age band, nationality and office; small numbers are protected (`small_numbers`).
Middles (medians) and groups are reckoned from the newest `MOST` files of the span, which the page says.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from statistics import median
from uuid import UUID

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from identity.application.model import OPEN, Application, State
from identity.application.small_numbers import Share, protected
from identity.application.tasks import Kind, Task
from identity.audit import AuditEvent, Event
from identity.deadlines import calendar, rule, today_in_vietnam
from identity.person import age_band

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
    decided = _decided(db, units, since)
    least = int(rule("small_numbers", today_in_vietnam(now)))
    return Figures(
        since=today_in_vietnam(since),
        least=least,
        received=_speed_of_receipt(db, units, since),
        decided=_speed_of_decision(decided),
        overdue=_count(db, units, Application.due_at < now),
        open=_count(db, units, Application.state.in_([state.value for state in OPEN])),
        refusals=Counter(row.refusal_reason for row in decided if row.refusal_reason).most_common(),
        out_of_turn=_events(db, units, Event.CASE_TAKEN, since, way="supervisor"),
        handed_back=_events(db, units, Event.CASE_HANDED_BACK, since),
        second_looks=_second_looks(db, units, since),
        by_age=_shares(decided, _age, least),
        by_nationality=_shares(decided, _nationality, least),
        by_office=_shares(decided, lambda row: str(row.office_id), least),
    )


def _decided(db: Session, units: Collection[UUID], since: datetime) -> list[Application]:
    """What officers decided; what the rule decides at once has no officer to be fair."""
    query = select(Application).where(
        Application.unit_id.in_(units),
        Application.decided_at >= since,
        Application.decided_by_id.is_not(None),
        Application.state.in_(ENDED),
        Application.full_name_folded != "",
    )
    return list(db.scalars(query.order_by(Application.decided_at.desc()).limit(MOST)))


def _speed_of_receipt(db: Session, units: Collection[UUID], since: datetime) -> Speed:
    columns = (Application.submitted_at, Application.received_at, Application.receipt_due_at)
    query = select(*columns).where(Application.unit_id.in_(units), Application.received_at >= since)
    rows = db.execute(query.order_by(Application.received_at.desc()).limit(MOST)).all()
    return _speed((row.submitted_at, row.received_at, row.receipt_due_at) for row in rows)


def _speed_of_decision(decided: Iterable[Application]) -> Speed:
    found = ((row.received_at, row.decided_at, row.decision_due_at) for row in decided)
    return _speed((began, ended, due) for began, ended, due in found if began and ended)


def _speed(steps: Iterable[tuple[datetime, datetime, datetime | None]]) -> Speed:
    office = calendar()
    took, in_time = [], 0
    for began, ended, due in steps:
        took.append(office.working_time(began, ended) / HOUR)
        in_time += due is None or ended <= due
    return Speed(len(took), in_time, round(median(took), 1) if took else None)


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


def _shares(rows: Iterable[Application], name: Callable[[Application], str], least: int) -> list[Share]:
    decided: Counter[str] = Counter()
    refused: Counter[str] = Counter()
    for row in rows:
        decided[name(row)] += 1
        refused[name(row)] += row.refusal_reason is not None
    return protected((Share(group, count, refused[group]) for group, count in decided.items()), least)


def _age(row: Application) -> str:
    return age_band(row.birth_date, today_in_vietnam(row.submitted_at)) if row.birth_date else ""


def _nationality(row: Application) -> str:
    return "VNM" if row.person_kind == "citizen" else str((row.declared or {}).get("nationality", ""))
