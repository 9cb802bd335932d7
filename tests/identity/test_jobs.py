"""Long work is done once, shows its progress, and goes on after a crash."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from identity.jobs import LEASE, MOST_ATTEMPTS, Job, LeaseLost, Taken, enqueue, fail, finish, give_way, progress, take
from portal.database import Database

AFTER_THE_LEASE = LEASE + timedelta(seconds=1)


@pytest.fixture
def queued(bare_database: Database, now: datetime) -> Database:
    with bare_database.transaction() as db:
        enqueue(db, "import", {"file": "cards.csv"}, now=now)
    return bare_database


def taken(database: Database, now: datetime) -> Taken | None:
    with database.transaction() as db:
        return take(db, now=now)


def test_one_worker_holds_a_job_at_a_time(queued: Database, now: datetime) -> None:
    first = taken(queued, now)
    assert first is not None
    assert first.arguments == {"file": "cards.csv"}
    assert taken(queued, now) is None


def test_the_oldest_job_comes_first(queued: Database, now: datetime) -> None:
    with queued.transaction() as db:
        enqueue(db, "older", {}, now=now - timedelta(hours=1))
    assert [taken(queued, now).kind for _ in range(2)] == ["older", "import"]


def test_what_has_not_begun_comes_before_what_gave_way_and_that_is_no_attempt(queued: Database, now: datetime) -> None:
    later = now + timedelta(seconds=9)
    long = taken(queued, now)
    with queued.transaction() as db:
        enqueue(db, "code", {}, now=later)
        give_way(db, progress(db, long, 7, None, now=now, cursor={"line": 7}), now=now)
    assert taken(queued, later).kind == "code"
    again = taken(queued, later)
    assert (again.kind, again.done, again.cursor) == ("import", 7, {"line": 7})
    with queued.session(write=False) as db:
        assert db.get_one(Job, again.id).attempts == 1


def test_a_job_whose_worker_died_continues_from_its_last_step(queued: Database, now: datetime) -> None:
    job = taken(queued, now)
    with queued.transaction() as db:
        progress(db, job, 40, 100, now=now, cursor={"line": 40})
    again = taken(queued, now + AFTER_THE_LEASE)
    assert (again.done, again.cursor) == (40, {"line": 40})


def test_progress_renews_the_lease(queued: Database, now: datetime) -> None:
    job = taken(queued, now)
    with queued.transaction() as db:
        progress(db, job, 1, 2, now=now + LEASE - timedelta(seconds=1))
    assert taken(queued, now + AFTER_THE_LEASE) is None


def test_a_worker_that_was_too_slow_may_not_report(queued: Database, now: datetime) -> None:
    slow = taken(queued, now)
    taken(queued, now + AFTER_THE_LEASE)
    for report in (lambda db: progress(db, slow, 99, 100, now=now), lambda db: finish(db, slow, now=now)):
        with pytest.raises(LeaseLost), queued.transaction() as db:
            report(db)


def test_finished_work_is_not_taken_again(queued: Database, now: datetime) -> None:
    job = taken(queued, now)
    with queued.transaction() as db:
        finish(db, job, now=now)
    assert taken(queued, now + timedelta(days=1)) is None


def test_work_that_fails_five_times_has_failed(queued: Database, now: datetime) -> None:
    for _ in range(MOST_ATTEMPTS):
        job = taken(queued, now)
        with queued.transaction() as db:
            fail(db, job, "ValueError", now=now)
        now += AFTER_THE_LEASE
    assert taken(queued, now + timedelta(days=1)) is None
    with queued.session(write=False) as db:
        row = db.query(Job).one()
        assert (row.failed_at is not None, row.error) == (True, "ValueError")


def test_arguments_are_not_readable_in_the_database(queued: Database) -> None:
    with queued.session(write=False) as db:
        assert b"cards.csv" not in bytes(db.query(Job).one().arguments_sealed)
