"""Figures are counted and cut before the write lock is taken, by the worker and by command: SQLite has one writer."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from identity import jobs
from identity.application.model import Application
from identity.audit import SYSTEM, Event, record
from identity.retention.model import RetentionReport
from onboarding.figures import facts, published
from onboarding.figures.facts import fact
from onboarding.figures.model import NATION, FigureDay, PublishedSpan
from onboarding.figures.refresh import count_some, look, mark_all, refresh
from portal.database import Database
from portal.worker import Worker
from tests.fakes import Clock
from tests.onboarding.figures_scene import YEAR, count_all, current
from tests.onboarding.scene import communes
from tests.onboarding.test_indicators import applied


@pytest.fixture
def place(database: Database, clock: Clock) -> Any:
    """A commune in which 30 people applied forty days ago."""
    with database.transaction() as db:
        here, *_ = communes(db)
        for _ in range(30):
            applied(db, here, clock.now - timedelta(days=40))
        mark_all(db)
        return here.id


@pytest.fixture
def others_write(database: Database, monkeypatch: pytest.MonkeyPatch) -> Callable[[Any, str], list[str]]:
    """Whoever calls the function named lets somebody else write at its end; which were called, in order."""
    written: list[str] = []

    def beside(module: Any, name: str) -> list[str]:
        inner = getattr(module, name)

        def let_write(*given: Any, **named: Any) -> Any:
            said = inner(*given, **named)
            with database.session(write=True) as db:
                jobs.enqueue(db, "nobody-knows-this", {}, now=Clock()())
                db.flush()
                db.rollback()
            written.append(name)
            return said

        monkeypatch.setattr(module, name, let_write)
        return written

    return beside


@pytest.mark.any_engine
def test_the_worker_counts_and_cuts_while_others_write(
    app: Flask, database: Database, clock: Clock, place: Any, others_write: Callable[[Any, str], list[str]]
) -> None:
    others_write(facts, "count_day")
    written = others_write(published, "_cut_within")
    worker = Worker(app, {})
    worker.do_chores()
    assert set(written) == {"count_day"}
    while not {"_cut_within"} <= set(written):
        assert worker.do_jobs(), "a publication was asked for"
    with database.session(write=False) as db:
        assert fact(db, "issued-of-applied", place, YEAR).denominator == 30  # type: ignore[union-attr]
        assert db.scalar(select(func.count()).select_from(PublishedSpan)) >= 2  # type: ignore[operator]


@pytest.mark.any_engine
def test_a_rebuild_by_command_leaves_the_lock_to_others_and_publishes_in_place_of_the_worker(
    app: Flask, database: Database, clock: Clock, place: Any, others_write: Callable[[Any, str], list[str]]
) -> None:
    times: dict[str, Any] = {"day": clock.now.date(), "begun_at": clock(), "before": clock() - timedelta(days=5 * 365)}
    with database.transaction() as db:
        db.add(RetentionReport(rule="sessions", purged=3, **times))
        jobs.enqueue(db, published.JOB, {}, now=clock())
        under_way = jobs.take(db, now=clock())
    others_write(facts, "count_day")
    written = others_write(published, "_cut_within")
    said = app.test_cli_runner().invoke(args=["figures", "rebuild"])
    assert said.exit_code == 0, said.output
    assert "every figure was counted and published" in said.output
    assert "sessions before 2021-11-24 are gone" in said.output
    assert set(written) == {"count_day", "_cut_within"}
    with database.session(write=False) as db:
        assert db.get_one(PublishedSpan, ("e-id", NATION)).boundaries
        assert not jobs.is_open(db, published.JOB)
    assert under_way is not None
    with pytest.raises(jobs.LeaseLost), database.transaction() as db:
        jobs.progress(db, under_way, 1, None, now=clock())


def test_an_old_look_writes_nothing(database: Database, clock: Clock, place: Any) -> None:
    later = clock.now + timedelta(hours=1)
    with database.transaction() as db:
        here, waits = communes(db)[0], look(db, now=later)
        applied(db, here, clock.now - timedelta(days=40))
        while count_some(db, now=clock.now):
            pass
        counted = current(db)
        assert waits.counts and refresh(db, now=later, found=waits) == 0, "those days were kept by another"
        assert current(db) == counted
        newest = db.scalars(select(Application).order_by(Application.id.desc())).first()
        assert newest is not None
        record(db, Event.APPLICATION_SUBMITTED, SYSTEM, now=clock.now, subject=newest.subject)
        changed = look(db, now=later)
        count_all(db, clock.now)
        assert changed.counts and refresh(db, now=later, found=changed) == 0, "another has read on in the trail"
        assert db.scalar(select(FigureDay).limit(1)) is None
