"""Workers are killed at random moments: every message arrives, and a receiver that knows its ids shows each once."""

from __future__ import annotations

import os
import random
import subprocess
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import text

from identity import outbox
from identity.key_check import remember_keys
from identity.outbox import Channel, Lane
from identity.vault import Vault
from portal.database import Database
from portal.gateways.keys import save
from tests.servers import Catcher, mail_catcher, process, settings_of

pytestmark = pytest.mark.slow
MESSAGES = 48
KILLS = 3
PATIENCE_SECONDS = 120


@pytest.fixture
def environment(bare_url: str, bare_database: Database, vault: Vault, tmp_path: Path) -> dict[str, str]:
    save(tmp_path / "keys", vault.keys)
    with bare_database.transaction() as db:
        remember_keys(db)
    return settings_of(tmp_path, bare_url)


def post_many(database: Database) -> set[str]:
    with database.transaction() as db:
        return {
            str(
                outbox.post(
                    db,
                    Channel.EMAIL,
                    "application-withdrawn",
                    f"person{number}@example.org",
                    now=datetime.now(UTC),
                    lane=(Lane.NOTICE, Lane.CODE)[number % 2],
                    dossier_number=number,
                )
            )
            for number in range(MESSAGES)
        }


def wait_until(reached: Callable[[], bool], worker: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while not reached():
        assert worker.poll() is None, "the worker ended by itself"
        assert time.monotonic() < end, "the messages do not arrive"
        time.sleep(0.005)


def let_the_leases_end(database: Database) -> None:
    """The dead cannot renew: what they held is free after a minute, which the test does not wait for."""
    with database.transaction() as db:
        db.execute(text("UPDATE outbox_message SET leased_until = NULL WHERE delivered_at IS NULL"))


def undelivered(database: Database) -> int:
    with database.session(write=False) as db:
        return db.execute(text("SELECT count(*) FROM outbox_message WHERE delivered_at IS NULL")).scalar() or 0


def kill_while_it_sends(catcher: Catcher, environment: dict[str, str], some: int) -> None:
    already = len(catcher.received)
    with process("-m", "flask", "worker", environment=environment) as worker:
        wait_until(lambda: len(catcher.received) >= already + some, worker)
        time.sleep(random.uniform(0, 0.02))
        os.kill(worker.pid, 9)
        worker.wait()


def test_killed_workers_lose_nothing(bare_database: Database, environment: dict[str, str]) -> None:
    with mail_catcher() as (catcher, address):
        environment["SMTP_URL"] = address
        ids = post_many(bare_database)
        for _ in range(KILLS):
            kill_while_it_sends(catcher, environment, random.randint(1, 10))
            let_the_leases_end(bare_database)
        with process("-m", "flask", "worker", environment=environment) as worker:
            wait_until(lambda: undelivered(bare_database) == 0, worker)
    times = Counter(message_id.strip("<>").partition("@")[0] for message_id, _ in catcher.received)
    assert set(times) == ids
    assert sum(times.values()) - MESSAGES <= KILLS * 2, "at most what each lane was sending when it was killed"


def test_two_workers_share_the_work_without_sending_twice(bare_database: Database, environment: dict[str, str]) -> None:
    with mail_catcher() as (catcher, address):
        environment["SMTP_URL"] = address
        ids = post_many(bare_database)
        with (
            process("-m", "flask", "worker", environment=environment),
            process("-m", "flask", "worker", environment=environment) as worker,
        ):
            wait_until(lambda: undelivered(bare_database) == 0, worker)
    received = [message_id.strip("<>").partition("@")[0] for message_id, _ in catcher.received]
    assert sorted(received) == sorted(ids)


def test_a_worker_that_is_asked_to_end_finishes_what_it_sends(
    bare_database: Database, environment: dict[str, str]
) -> None:
    with mail_catcher() as (catcher, address):
        environment["SMTP_URL"] = address
        post_many(bare_database)
        with process("-m", "flask", "worker", environment=environment) as worker:
            wait_until(lambda: len(catcher.received) > 0, worker)
            worker.terminate()
            assert worker.wait(timeout=20) == 0
    assert len(catcher.received) == MESSAGES - undelivered(bare_database)
