"""Whoever waits to write on SQLite comes to their turn beside a worker that writes step after step."""

from __future__ import annotations

import threading
import time

import pytest

from identity import jobs
from portal.database import Database
from portal.unhurried import Unhurried
from tests.fakes import Clock


class Patience(threading.Event):
    """Stands for the end of the process, and keeps what it was waited for."""

    def __init__(self) -> None:
        super().__init__()
        self.waited: list[float] = []

    def wait(self, timeout: float | None = None) -> bool:
        self.waited.append(timeout or 0.0)
        return True


@pytest.fixture
def patience() -> Patience:
    return Patience()


def is_sqlite(database: Database) -> bool:
    return database.engine.dialect.name == "sqlite"


def test_others_get_as_long_as_the_last_step_took(bare_database: Database, patience: Patience) -> None:
    unhurried, began = Unhurried(bare_database, patience), time.monotonic()
    for _ in range(3):
        with unhurried.transaction():
            time.sleep(0.02)  # a step has some work
    assert len(patience.waited) == (2 if is_sqlite(bare_database) else 0)
    assert all(0.02 <= waited <= time.monotonic() - began for waited in patience.waited)


def test_a_step_that_failed_owes_what_the_one_before_it_did(bare_database: Database, patience: Patience) -> None:
    unhurried = Unhurried(bare_database, patience)
    with unhurried.transaction():
        pass
    owed = unhurried.owed
    with pytest.raises(ZeroDivisionError), unhurried.transaction():
        raise ZeroDivisionError
    assert unhurried.owed == owed


def test_what_was_written_is_there(bare_database: Database, patience: Patience) -> None:
    clock = Clock()
    with Unhurried(bare_database, patience).transaction() as db:
        jobs.enqueue(db, "nobody-knows-this", {}, now=clock())
    with bare_database.session(write=False) as db:
        assert db.query(jobs.Job).count() == 1
