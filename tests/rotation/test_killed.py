"""Workers are killed in the middle of a turn: another goes on where they died, and nothing is unreadable or unfound."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text

from identity import rotation
from identity.account import AccountState, create_account, find_account
from identity.jobs import Job
from identity.key_check import remember_keys
from identity.key_use import SETTLE, settle_uses
from identity.rotation.reseal import is_under
from identity.vault import Purpose, Vault
from portal.database import Database
from portal.gateways.keys import KeyFolder, save
from tests.rotation.office_hours import open_process
from tests.rotation.test_coverage import opened
from tests.servers import process, settings_of

pytestmark = [pytest.mark.slow, pytest.mark.any_engine]
PEOPLE, STEPS = 120, 3
SLOWLY = (
    "import identity.rotation.reindex as index, identity.rotation.reseal as seal; index.BATCH = seal.BATCH = 4; "
    "from flask.cli import main; main()"
)
"""A worker of small steps, so that there is a middle to be killed in."""
PATIENCE_SECONDS = 120


@pytest.fixture
def environment(database: Database, database_url: str, vault: Vault, tmp_path: Path) -> dict[str, str]:
    """People with logins and names, and keys beside the database."""
    save(tmp_path / "keys", vault.keys)
    now = datetime.now(UTC)
    with database.transaction() as db:
        remember_keys(db)
        settle_uses(db, now=now)
        for number in range(PEOPLE):
            name = f"person{number:04}"
            create_account(db, "resident", name, display_name=name, now=now, state=AccountState.ACTIVE)
    return settings_of(tmp_path, database_url)


def begin_both(operator: Database, folder: Path) -> None:
    """Both turns have come to the point where a job writes everything anew."""
    now = datetime.now(UTC)
    for purpose in (Purpose.ENCRYPTION, Purpose.INDEX):
        KeyFolder(folder).make(purpose)
    operator.vault.renew()
    with operator.transaction() as db:
        for purpose in (Purpose.ENCRYPTION, Purpose.INDEX):
            rotation.begin(db, purpose, 2, now=now - 6 * SETTLE)
        remember_keys(db)
    for earlier in (4, 2):
        with operator.transaction() as db:
            rotation.go_on(db, now=now - earlier * SETTLE)


def job(operator: Database, kind: str) -> tuple[int, bool]:
    """How many rows it has looked through in all its life, and whether it is done."""
    with operator.session(write=False) as db:
        row = db.scalars(select(Job).where(Job.kind == kind)).one()
        return (row.done, row.finished_at is not None)


def wait_until(reached: Callable[[], bool], worker: Any, log: Path) -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while not reached():
        assert worker.poll() is None, log.read_text()[-2000:]
        assert time.monotonic() < end, "the work stands still"
        time.sleep(0.002)


def kill_in_the_middle(operator: Database, kind: str, environment: dict[str, str], log: Path) -> None:
    with process("-c", SLOWLY, "worker", environment=environment, log=log) as worker:
        wait_until(lambda: job(operator, kind)[0] >= STEPS, worker, log)
        os.kill(worker.pid, 9)
        worker.wait()
    with operator.transaction() as db:  # the dead held leases, which the test does not wait for
        db.execute(text("UPDATE job SET leased_until = NULL WHERE finished_at IS NULL"))


def test_a_turn_is_resumed_and_nothing_is_lost(database_url: str, environment: dict[str, str], tmp_path: Path) -> None:
    operator, log = open_process(database_url, tmp_path / "keys"), tmp_path / "worker.log"
    before = opened(operator)
    begin_both(operator, tmp_path / "keys")
    left = {}
    for kind in (rotation.RESEAL_JOB, rotation.INDEX_JOB):
        kill_in_the_middle(operator, kind, environment, log)
        left[kind], is_done = job(operator, kind)
        assert not is_done, "killed too late to tell anything"
    everything_is_there(database_url, tmp_path / "keys", before)
    with process("-m", "flask", "worker", environment=environment, log=log) as worker:
        wait_until(lambda: all(job(operator, kind)[1] for kind in left), worker, log)
    assert all(job(operator, kind)[0] > steps for kind, steps in left.items()), "each was taken up again"
    now = datetime.now(UTC)
    with operator.transaction() as db:
        assert rotation.go_on(db, now=now + rotation.stages.INDEX_RESTS * 2) == 1
    with operator.transaction() as db:
        assert not is_under(db, 1)
        for purpose in (Purpose.ENCRYPTION, Purpose.INDEX):
            rotation.let_go(db, purpose, 1, now=now)
    for purpose in (Purpose.ENCRYPTION, Purpose.INDEX):
        KeyFolder(tmp_path / "keys").drop(purpose, 1)
    operator.engine.dispose()
    everything_is_there(database_url, tmp_path / "keys", before)


def everything_is_there(url: str, folder: Path, before: dict[Any, bytes]) -> None:
    """To a process that starts now, with the keys that are left."""
    fresh = open_process(url, folder)
    assert before.items() <= opened(fresh).items()
    with fresh.session(write=False) as db:
        assert all(find_account(db, f"person{number:04}") is not None for number in range(PEOPLE))
    fresh.engine.dispose()
