"""Workers are killed while they tell services: every sign-out arrives, over https, under a token of its own."""

from __future__ import annotations

import os
import random
import ssl
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs

import orjson
import pytest
from joserfc import jws
from sqlalchemy import text

from identity.key_check import remember_keys
from identity.oidc.back_channel import EVENT
from identity.oidc.keys import keep_ahead
from identity.session import end_all_sessions
from identity.vault import Vault
from portal.database import Database
from portal.gateways.keys import save
from tests.identity.oidc.making import a_code, a_resident, a_service
from tests.live.authority import Authority
from tests.servers import process, settings_of

pytestmark = pytest.mark.slow
SESSIONS, KILLS = 16, 2
PATIENCE_SECONDS = 120


class Service(ThreadingHTTPServer):
    """Takes logout tokens, over https."""

    daemon_threads = True

    def __init__(self, authority: Authority) -> None:
        super().__init__(("127.0.0.1", 0), Take)
        pair = authority.server()
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(pair.certificate, pair.key)
        self.socket = context.wrap_socket(self.socket, server_side=True)
        self.taken: list[dict[str, object]] = []


class Take(BaseHTTPRequestHandler):
    server: Service

    def do_POST(self) -> None:
        form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        self.server.taken.append(orjson.loads(jws.extract_compact(form["logout_token"][0].encode()).payload))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path / "authority")


@pytest.fixture
def service(authority: Authority) -> Iterator[Service]:
    running = Service(authority)
    thread = threading.Thread(target=running.serve_forever, daemon=True)
    thread.start()
    yield running
    running.shutdown()
    running.server_close()
    thread.join()


@pytest.fixture
def environment(
    bare_url: str, bare_database: Database, vault: Vault, tmp_path: Path, authority: Authority
) -> dict[str, str]:
    save(tmp_path / "keys", vault.keys)
    with bare_database.transaction() as db:
        remember_keys(db)
        keep_ahead(db, now=datetime.now(UTC))
    return settings_of(tmp_path, bare_url, FETCH_LOOPBACK="on", FETCH_CA=str(authority.file))


def leave_everywhere(database: Database, address: str) -> set[str]:
    """One person signs out of many browsers at once; returns what the service knows the sessions as."""
    now = datetime.now(UTC)
    with database.transaction() as db:
        account = a_resident(db, now=now)
        client = a_service(db, now=now, backchannel_logout_uri=address)
        for _ in range(SESSIONS):
            a_code(db, account, client, now=now)
        end_all_sessions(db, account.id, now=now)
        return set(db.scalars(text("SELECT sid FROM client_session")).all())


def wait_until(reached: Callable[[], bool], worker: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while not reached():
        assert worker.poll() is None, "the worker ended by itself"
        assert time.monotonic() < end, "the sign-outs do not arrive"
        time.sleep(0.005)


def undelivered(database: Database) -> int:
    with database.session(write=False) as db:
        return db.scalar(text("SELECT count(*) FROM outbox_message WHERE delivered_at IS NULL")) or 0


def test_killed_workers_tell_every_service(
    bare_database: Database, environment: dict[str, str], service: Service
) -> None:
    sids = leave_everywhere(bare_database, f"https://localhost:{service.server_port}/bye")
    for _ in range(KILLS):
        already = len(service.taken)
        with process("-m", "flask", "worker", environment=environment) as worker:
            wait_until(lambda before=already: len(service.taken) > before, worker)  # type: ignore[misc]
            time.sleep(random.uniform(0, 0.02))
            os.kill(worker.pid, 9)
            worker.wait()
        with bare_database.transaction() as db:  # what the dead held is free after its lease, which is not waited for
            db.execute(text("UPDATE outbox_message SET leased_until = NULL WHERE delivered_at IS NULL"))
    with process("-m", "flask", "worker", environment=environment) as worker:
        wait_until(lambda: undelivered(bare_database) == 0, worker)
    assert {token["sid"] for token in service.taken} == sids
    assert len({token["jti"] for token in service.taken}) == len(service.taken)
    assert all(token["events"] == {EVENT: {}} and "nonce" not in token for token in service.taken)
