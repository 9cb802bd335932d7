"""Figures for the operator's monitoring, read from the database when they are asked for."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Gauge, generate_latest
from prometheus_client.process_collector import ProcessCollector
from sqlalchemy.orm import Session

from identity.key_use import Stage, all_uses
from identity.operation.clocks import last_runs
from identity.operation.lanes import count_in_trouble, lanes
from identity.operation.routes import Register, manual
from identity.operation.stuck_jobs import count_open
from identity.seals import unsealed_tail
from portal.chores import CHORES, name_of
from portal.database import peek
from portal.services import now


def exposition() -> str:
    """The figures in Prometheus' text form."""
    registry = CollectorRegistry()
    ProcessCollector(namespace="portal", registry=registry)
    with peek() as db:
        _outbox(db, registry)
        _jobs(db, registry)
        _clocks(db, registry)
        _standing(db, registry)
        _trail(db, registry)
    return generate_latest(registry).decode()


def _outbox(db: Session, registry: CollectorRegistry) -> None:
    waiting = Gauge("portal_outbox_waiting", "Messages not yet delivered", ["lane"], registry=registry)
    failing = Gauge("portal_outbox_failing", "Of these, tried in vain several times", ["lane"], registry=registry)
    delay = Gauge("portal_outbox_delay_seconds", "Age of the oldest due message", ["lane"], registry=registry)
    for lane in lanes(db):
        waiting.labels(lane.lane.value).set(lane.waiting)
        failing.labels(lane.lane.value).set(lane.failing)
        delay.labels(lane.lane.value).set(lane.delay(now()))
    dead = Gauge("portal_outbox_undecided", "Messages that an operator has to decide about", registry=registry)
    dead.set(count_in_trouble(db, now=now()))


def _jobs(db: Session, registry: CollectorRegistry) -> None:
    waiting, failed = count_open(db)
    Gauge("portal_jobs_open", "Long work not yet finished", registry=registry).set(waiting)
    Gauge("portal_jobs_failed", "Long work that has failed", registry=registry).set(failed)


def _clocks(db: Session, registry: CollectorRegistry) -> None:
    age = Gauge("portal_clock_age_seconds", "Since a clock last ran well", ["clock"], registry=registry)
    names = set(map(name_of, CHORES))  # those of an earlier release are nobody's concern
    for name, run in last_runs(db).items():
        if name in names and run.good_at is not None:
            age.labels(name).set(max((now() - run.good_at).total_seconds(), 0))


def _standing(db: Session, registry: CollectorRegistry) -> None:
    manual_now = manual(db)
    route = Gauge("portal_register_manual", "1 while a register is not asked", ["register"], registry=registry)
    for register in Register:
        route.labels(register.value).set(register in manual_now)
    turning = Gauge("portal_key_turning", "1 while a newer key takes over", ["key"], registry=registry)
    for use in all_uses(db, now=now()):
        turning.labels(use.purpose).set(use.stage != Stage.RESTS)


def _trail(db: Session, registry: CollectorRegistry) -> None:
    count, oldest = unsealed_tail(db, now=now())
    Gauge("portal_audit_unsealed", "Audit events that have no seal yet", registry=registry).set(count)
    age = Gauge("portal_audit_unsealed_seconds", "Age of the oldest audit event without a seal", registry=registry)
    age.set(max((now() - oldest).total_seconds(), 0) if oldest else 0)
