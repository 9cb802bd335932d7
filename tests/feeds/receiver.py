"""A receiver of figures over real https, a publication to be fed, and a worker that feeds it."""

from __future__ import annotations

import socket
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from flask import Flask
from sqlalchemy import select

from identity.audit import SYSTEM
from identity.outbox import Channel, Lane
from onboarding.feeds.deliveries import begin_passes, deliveries, make_some
from onboarding.feeds.model import FeedDelivery
from onboarding.feeds.subscriptions import get_subscription, subscribe
from onboarding.feeds.wish import Wish
from onboarding.figures.model import NATION, IndicatorFact, PublishedSpan
from portal.gateways.feeds import FeedWay
from portal.gateways.fetcher import Fetcher
from portal.worker import Worker
from tests.remote import Remote, reply

CODE, FAMILY = "issued-of-applied", "e-id"
DROP = 0
"""Instead of a status: the connection ends without an answer."""


@dataclass
class Receiver:
    """Answers as it is told, 200 afterwards; it keeps the first message of each key and counts the others."""

    remote: Remote
    path: str = "/figures"
    told: list[int] = field(default_factory=list)
    body: bytes = b'{"status": "SUCCESS"}'
    kept: dict[str, bytes] = field(default_factory=dict)
    asked: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.remote.answers[self.path] = self.answer

    @property
    def address(self) -> str:
        return self.remote.address(self.path)

    def answer(self, handler: Any) -> None:
        body, status = self.remote.forms[-1], self.told.pop(0) if self.told else 200
        self.asked.append((handler.path, dict(handler.headers), body))
        if status in (200, DROP):
            self.kept.setdefault(handler.headers["Idempotency-Key"], body)
        if status == DROP:
            handler.connection.shutdown(socket.SHUT_RDWR)
            handler.close_connection = True
        else:
            reply(handler, self.body, "application/json", status)


def worker_of(database: Any, clock: Any, settings: Any, authority: Path) -> Worker:
    app = Flask("worker")
    app.extensions["database"] = database
    app.extensions["services"] = SimpleNamespace(settings=settings, clock=clock)
    fetcher = Fetcher(loopback=True, authority=authority)
    return Worker(app, {Channel.FEED: FeedWay(settings.issuer, database, fetcher, clock)})


def publish(database: Any, clock: Any, *months: tuple[str, int, int], cut: bool = True, unit: UUID = NATION) -> None:
    """A place's figures of some months (first day, numerator, denominator), published now; none else can be cut."""
    with database.transaction() as db:
        for first, some, all_ in months:
            for row in db.scalars(select(IndicatorFact).where(IndicatorFact.replaced_at.is_(None))):
                if (row.unit_id, row.starts.isoformat()) == (unit, first):
                    row.replaced_at = clock.now
            for kind in ("day", "month"):
                db.flush()
                starts = clock.now.date().fromisoformat(first)
                counts = {"numerator": some, "denominator": all_, "version": 1, "as_of": clock.now}
                db.add(IndicatorFact(indicator=CODE, unit_id=unit, kind=kind, starts=starts, **counts))
        span = db.get(PublishedSpan, (FAMILY, unit))
        if span is None:
            span = PublishedSpan(family=FAMILY, unit_id=unit)
            db.add(span)
        days = ["2026-01-01", "2026-08-01", "2026-09-01", "2026-10-01", "2026-11-01"]
        span.boundaries, span.as_of = (days if cut else days[:-1]), clock.now


def subscribed(database: Any, clock: Any, address: str, **said: Any) -> None:
    wish = {"name": "IOC", "format": "csv", "indicators": [CODE], "periods": 4, **said}
    with database.transaction() as db:
        subscribe(db, Wish(address=address, **wish), SYSTEM, now=clock.now)


def make(database: Any, clock: Any) -> int:
    """What the worker does after a publication; how many messages it made."""
    with database.transaction() as db:
        before = len(db.scalars(select(FeedDelivery.id)).all())
        begun = begin_passes(db, now=clock.now)
    cursor: dict[str, Any] | None = None
    while begun:
        with database.transaction() as db:
            cursor = make_some(db, cursor, now=clock.now)
        begun = cursor is not None
    with database.transaction() as db:
        from identity.jobs import Job

        for job in db.scalars(select(Job).where(Job.finished_at.is_(None))):
            job.finished_at = clock.now
        return len(db.scalars(select(FeedDelivery.id)).all()) - before


def feed(database: Any, clock: Any, worker: Worker) -> int:
    """Make and deliver until nothing is due; how many messages were made."""
    made = make(database, clock)
    while worker.deliver(Lane.FEED):
        pass
    return made


def next_day(clock: Any) -> None:
    clock.now += timedelta(days=1)


def receipts(database: Any, name: str = "IOC") -> list[FeedDelivery]:
    with database.session(write=False) as db:
        found = deliveries(db, get_subscription(db, name))
        for one in found:
            assert one.answer is None or one.answer
        return found
