"""Figures for the operator's monitoring, read from the database when they are asked for."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Gauge, generate_latest
from prometheus_client.process_collector import ProcessCollector
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from identity.jobs import Job
from identity.outbox import Lane, OutboxMessage
from identity.seals import unsealed_tail
from portal.database import peek
from portal.services import now


def exposition() -> str:
    """The figures in Prometheus' text form."""
    registry = CollectorRegistry()
    ProcessCollector(namespace="portal", registry=registry)
    with peek() as db:
        _outbox(db, registry)
        _jobs(db, registry)
        _trail(db, registry)
    return generate_latest(registry).decode()


def _outbox(db: Session, registry: CollectorRegistry) -> None:
    waiting = Gauge("portal_outbox_waiting", "Messages not yet delivered", ["lane"], registry=registry)
    delay = Gauge("portal_outbox_delay_seconds", "Age of the oldest due message", ["lane"], registry=registry)
    open_rows = (OutboxMessage.delivered_at.is_(None), OutboxMessage.gave_up_at.is_(None))
    query = select(OutboxMessage.lane, func.count(), func.min(OutboxMessage.due_at)).where(*open_rows)
    found = {lane: (count, oldest) for lane, count, oldest in db.execute(query.group_by(OutboxMessage.lane))}
    for lane in Lane:
        count, oldest = found.get(lane.value, (0, None))
        waiting.labels(lane.value).set(count)
        delay.labels(lane.value).set(max((now() - oldest).total_seconds(), 0) if oldest else 0)


def _jobs(db: Session, registry: CollectorRegistry) -> None:
    waiting = Gauge("portal_jobs_open", "Long work not yet finished", registry=registry)
    waiting.set(
        db.scalar(select(func.count()).select_from(Job).where(Job.finished_at.is_(None), Job.failed_at.is_(None))) or 0
    )


def _trail(db: Session, registry: CollectorRegistry) -> None:
    count, oldest = unsealed_tail(db)
    Gauge("portal_audit_unsealed", "Audit events that have no seal yet", registry=registry).set(count)
    age = Gauge("portal_audit_unsealed_seconds", "Age of the oldest audit event without a seal", registry=registry)
    age.set(max((now() - oldest).total_seconds(), 0) if oldest else 0)
