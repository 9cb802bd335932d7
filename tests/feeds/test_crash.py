"""Workers are killed while they feed a receiver: nothing is lost, and whoever honours the key has each message once."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from sqlalchemy import select, text

from identity.key_check import remember_keys
from identity.oidc.keys import keep_ahead
from onboarding.feeds.model import FeedDelivery
from portal.gateways.keys import save
from tests.feeds.receiver import Receiver, make, publish, subscribed
from tests.remote import Remote
from tests.servers import process, settings_of

pytestmark = [pytest.mark.slow, pytest.mark.any_engine]
FEEDS, KILLS = 8, 2
PATIENCE_SECONDS = 120


@pytest.fixture
def environment(bare_url, bare_database, vault, tmp_path):
    save(tmp_path / "keys", vault.keys)
    with bare_database.transaction() as db:
        remember_keys(db)
        keep_ahead(db, now=datetime.now(UTC))
    return settings_of(tmp_path, bare_url, FETCH_LOOPBACK="on")


def wait_until(reached: Callable[[], bool], worker: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while not reached():
        assert worker.poll() is None, "the worker ended by itself"
        assert time.monotonic() < end, "the figures do not arrive"
        time.sleep(0.005)


def made(database) -> set[str]:
    with database.session(write=False) as db:
        return {str(one) for one in db.scalars(select(FeedDelivery.id))}


def taken(database) -> set[str]:
    with database.session(write=False) as db:
        return {str(one) for one in db.scalars(select(FeedDelivery.id).where(FeedDelivery.taken_at.is_not(None)))}


def test_killed_workers_lose_no_figure(bare_database, environment, tmp_path):
    clock = SimpleNamespace(now=datetime.now(UTC) - timedelta(minutes=1))
    publish(bare_database, clock, ("2026-09-01", 0, 25), ("2026-10-01", 40, 50))
    (tmp_path / "remote").mkdir()
    with Remote(tmp_path / "remote") as remote:
        receiver = Receiver(remote)
        for number in range(FEEDS):
            subscribed(bare_database, clock, receiver.address, name=f"IOC {number}", period_kind="year", periods=10)
        assert make(bare_database, clock) == FEEDS
        ours = made(bare_database)  # a worker that lives for long may publish, and feed, once more
        environment["FETCH_CA"] = str(remote.authority)
        for _ in range(KILLS):
            already = len(receiver.asked)
            with process("-m", "flask", "worker", environment=environment) as worker:
                wait_until(lambda before=already: len(receiver.asked) > before, worker)
                os.kill(worker.pid, 9)
                worker.wait()
            with bare_database.transaction() as db:  # what the dead held is free after its lease, not waited for
                db.execute(text("UPDATE outbox_message SET leased_until = NULL WHERE delivered_at IS NULL"))
        with process("-m", "flask", "worker", environment=environment) as worker:
            wait_until(lambda: taken(bare_database) >= ours, worker)
    told = [(headers["Idempotency-Key"], body) for _path, headers, body in receiver.asked]
    assert set(receiver.kept) >= ours
    assert all(body == receiver.kept[key] for key, body in told), "every attempt says the same"
