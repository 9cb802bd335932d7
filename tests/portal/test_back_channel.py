"""The worker signs a logout token when it sends it, and knows a refusal for good from one for now."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from identity import outbox
from identity.gateways import Fetched, FetchRefused
from identity.oidc.back_channel import TRIED_FOR
from identity.oidc.keys import Keychain, KeyRing, keep_ahead
from identity.outbox import FIRST_RETRY, LEASE, Channel, Lane, OutboxMessage
from identity.session import end_session
from portal import language
from portal.database import Database
from portal.gateways.back_channel import BackChannel
from portal.settings import Settings
from portal.worker import SERVICES_AT_ONCE, Worker
from tests.fakes import Clock
from tests.identity.oidc.making import a_code, a_resident, a_service

ADDRESS, QUICK = "https://service.example/bye", "https://quick.example/bye"
PATIENCE_SECONDS = 20


class Services:
    """Relying parties that answer as they are told; an exception is raised."""

    def __init__(self) -> None:
        self.answers: list[int | FetchRefused] = []
        self.posted: list[tuple[str, str]] = []

    def post(self, url: str, form: Mapping[str, str]) -> int:
        answer = self.answers.pop(0) if self.answers else 200
        self.posted.append((url, form["logout_token"]))
        if isinstance(answer, FetchRefused):
            raise answer
        return answer

    def get(self, url: str, *, accept: str) -> Fetched:
        raise AssertionError("nothing is fetched")


@pytest.fixture
def remote() -> Services:
    return Services()


@pytest.fixture
def ring(bare_database: Database, now: datetime) -> KeyRing:
    with bare_database.transaction() as db:
        keep_ahead(db, now=now)
    with bare_database.session(write=False) as db:
        found = Keychain().load(db, now=now)
    assert found
    return found


@pytest.fixture
def worker(settings: Settings, bare_database: Database, clock: Clock, remote: Services, ring: KeyRing) -> Worker:
    app = Flask("worker")
    app.extensions["database"] = bare_database
    app.extensions["services"] = SimpleNamespace(settings=settings, clock=clock)
    language.init(app, settings)
    way = BackChannel(settings.issuer, bare_database, remote, clock)
    return Worker(app, {Channel.BACK_CHANNEL: way})


def leave(database: Database, now: datetime, *, times: int = 1, login: str = "001158012345", **said: Any) -> None:
    """A person signs out of a session that has met a service, or of several."""
    with database.transaction() as db:
        account = a_resident(db, now=now, login=login)
        client = a_service(db, now=now, **{"backchannel_logout_uri": ADDRESS, **said})
        for _ in range(times):
            _code, session = a_code(db, account, client, now=now, client_id=client.client_id)
            end_session(db, account.id, session, now=now)


def stored(database: Database) -> OutboxMessage:
    with database.session(write=False) as db:
        return db.scalars(select(OutboxMessage)).one()


@pytest.mark.parametrize("status", [200, 204])
def test_a_service_gets_a_token_that_our_keys_signed(
    worker: Worker, bare_database: Database, now: datetime, remote: Services, ring: KeyRing, status: int
) -> None:
    leave(bare_database, now)
    remote.answers = [status]
    assert worker.deliver(Lane.LOGOUT) == 1
    [(address, token)] = remote.posted
    claims = ring.read(token)
    assert (address, claims and claims["aud"], claims and claims["iss"]) == (ADDRESS, "a-service", "http://localhost")
    assert header_of(token)["typ"] == "logout+jwt"
    assert stored(bare_database).delivered_at == now
    assert worker.deliver(Lane.LOGOUT) == 0


def test_it_is_signed_with_the_algorithm_of_the_service(
    worker: Worker, bare_database: Database, now: datetime, remote: Services
) -> None:
    leave(bare_database, now, id_token_signed_response_alg="PS256")
    worker.deliver(Lane.LOGOUT)
    assert header_of(remote.posted[0][1])["alg"] == "PS256"


@pytest.mark.parametrize("trouble", [500, 503, 302, 404, FetchRefused("too-slow")])
def test_a_service_in_trouble_is_tried_again_with_a_fresh_token(
    worker: Worker,
    bare_database: Database,
    clock: Clock,
    remote: Services,
    ring: KeyRing,
    trouble: int | FetchRefused,
) -> None:
    leave(bare_database, clock())
    remote.answers = [trouble, 200]
    worker.deliver(Lane.LOGOUT)
    assert stored(bare_database).last_error == str(trouble)
    assert worker.deliver(Lane.LOGOUT) == 0, "it waits before the next attempt"
    clock.advance(seconds=FIRST_RETRY.total_seconds())
    assert worker.deliver(Lane.LOGOUT) == 1
    first, second = (ring.read(token) or {} for _url, token in remote.posted)
    assert second["iat"] - first["iat"] == FIRST_RETRY.total_seconds()
    assert first["jti"] != second["jti"]
    assert (first["sid"], first["sub"]) == (second["sid"], second["sub"])
    assert stored(bare_database).delivered_at is not None


def test_a_service_that_declines_the_token_is_not_asked_again_but_by_hand(
    worker: Worker, bare_database: Database, clock: Clock, remote: Services
) -> None:
    leave(bare_database, clock())
    remote.answers = [400]
    worker.deliver(Lane.LOGOUT)
    row = stored(bare_database)
    assert (row.gave_up_at, row.last_error, row.delivered_at) == (clock(), "400", None)
    clock.advance(hours=3)
    assert worker.deliver(Lane.LOGOUT) == 0
    with bare_database.transaction() as db:
        assert outbox.send_again(db, row.id, now=clock())
    assert worker.deliver(Lane.LOGOUT) == 1
    with bare_database.transaction() as db:
        assert not outbox.send_again(db, row.id, now=clock()), "it has arrived"


def test_nobody_is_called_for_ever(worker: Worker, bare_database: Database, clock: Clock, remote: Services) -> None:
    leave(bare_database, clock())
    remote.answers = [503] * 100
    for _ in range(60):
        worker.deliver(Lane.LOGOUT)
        clock.advance(hours=1)
    with bare_database.transaction() as db:
        outbox.expire(db, now=clock())
        assert not outbox.send_again(db, stored(bare_database).id, now=clock())
    assert stored(bare_database).payload_sealed is None
    assert len(remote.posted) <= TRIED_FOR / timedelta(hours=1) + 1


def test_a_service_that_does_not_answer_holds_up_nobody_else(
    worker: Worker, bare_database: Database, now: datetime, monkeypatch: pytest.MonkeyPatch, remote: Services
) -> None:
    """Every share of the slow one is on its way, and more of it waits, when a quick one is told."""
    answer, told = threading.Event(), threading.Event()

    def post(url: str, _form: Mapping[str, str]) -> int:
        if url == ADDRESS:
            assert answer.wait(PATIENCE_SECONDS)
        elif url == QUICK:
            told.set()
        return 200

    monkeypatch.setattr(remote, "post", post)
    leave(bare_database, now, times=SERVICES_AT_ONCE)
    running = threading.Thread(target=worker.run)
    running.start()
    try:
        leave(bare_database, now, login="001158012346", client_id="quick", backchannel_logout_uri=QUICK)
        assert told.wait(PATIENCE_SECONDS), "it waits for a service that does not answer"
    finally:
        answer.set()
        worker.stop()
        running.join(PATIENCE_SECONDS)
    assert not running.is_alive()


def test_a_worker_that_died_while_sending_loses_nothing(
    worker: Worker, bare_database: Database, clock: Clock, remote: Services
) -> None:
    leave(bare_database, clock())
    with bare_database.transaction() as db:
        assert outbox.lease(db, Lane.LOGOUT, now=clock())
    assert worker.deliver(Lane.LOGOUT) == 0
    clock.advance(seconds=LEASE.total_seconds() + 1)
    assert worker.deliver(Lane.LOGOUT) == 1
    assert len(remote.posted) == 1


def test_a_message_that_is_being_sent_is_not_sent_beside(bare_database: Database, now: datetime) -> None:
    leave(bare_database, now)
    with bare_database.transaction() as db:
        [message] = outbox.lease(db, Lane.LOGOUT, now=now)
        assert not outbox.send_again(db, message.id, now=now)


def header_of(token: str) -> dict[str, Any]:
    from joserfc import jws

    return dict(jws.extract_compact(token.encode()).headers())
