"""The worker words, sends and marks; whatever a provider does, no message is lost and no other one waits."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, text
from sqlalchemy.orm import Session

from identity import jobs, outbox
from identity.outbox import Channel, Lane
from portal import language
from portal.chores import STEPS
from portal.database import Database
from portal.drawing import qr_png
from portal.gateways.mail import Mail
from portal.gateways.sink import Sink, sent
from portal.gateways.sms import SMS
from portal.settings import Setting, Settings
from portal.worker import Worker, messengers
from tests.fakes import Clock
from tests.servers import Catcher, mail_catcher

PHONE, EMAIL = "+84912345678", "person@example.org"


@pytest.fixture
def app(settings: Settings, bare_database: Database, clock: Clock) -> Flask:
    """What the worker needs of the portal: language, database, clock."""
    app = Flask("worker")
    app.extensions["database"] = bare_database
    app.extensions["services"] = SimpleNamespace(settings=settings, clock=clock)
    language.init(app, settings)
    return app


@pytest.fixture
def catcher() -> Iterator[tuple[Catcher, str]]:
    with mail_catcher() as running:
        yield running


class Provider(BaseHTTPRequestHandler):
    """An SMS provider that refuses as often as it is told to."""

    refusals = 0
    taken: list[tuple[str, dict[str, str]]] = []

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if Provider.refusals:
            Provider.refusals -= 1
            self.send_response(503)
        else:
            Provider.taken.append((self.headers["Idempotency-Key"], body))
            self.send_response(202)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def provider() -> Iterator[str]:
    Provider.refusals, Provider.taken = 0, []
    server = HTTPServer(("127.0.0.1", 0), Provider)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/sms"
    server.shutdown()
    server.server_close()
    thread.join()


def post(database: Database, clock: Clock, channel: Channel, kind: str, address: str, **options: Any) -> str:
    with database.transaction() as db:
        return str(outbox.post(db, channel, kind, address, now=clock(), **options))


def test_a_mail_arrives_in_the_readers_language_under_its_own_id(
    app: Flask, bare_database: Database, clock: Clock, catcher: tuple[Catcher, str]
) -> None:
    box, address = catcher
    worker = Worker(app, {Channel.EMAIL: Mail(address, "no-reply@localhost", "localhost")})
    for locale in ("vi", "en"):
        row = post(
            bare_database, clock, Channel.EMAIL, "application-withdrawn", EMAIL, locale=locale, dossier_number="H-7"
        )
        assert worker.deliver(Lane.NOTICE) == 1
        assert box.received[-1] == (f"<{row}@localhost>", EMAIL)
    vietnamese, english = box.texts
    assert "H-7" in vietnamese
    assert "withdrawn" in english
    assert "withdrawn" not in vietnamese


def test_the_mail_with_an_activation_code_carries_it_as_a_picture_too(
    app: Flask, bare_database: Database, clock: Clock, catcher: tuple[Catcher, str]
) -> None:
    box, address = catcher
    worker = Worker(app, {Channel.EMAIL: Mail(address, "no-reply@localhost", "localhost")})
    facts = {"code": "3FGG-Q2DH-PNBM", "activate_by": "2026-11-29"}
    post(bare_database, clock, Channel.EMAIL, "account-issued", EMAIL, login="046064970226", **facts)
    post(bare_database, clock, Channel.EMAIL, "application-withdrawn", EMAIL, dossier_number="H-7")
    assert worker.deliver(Lane.NOTICE) == 2
    assert box.pictures == [qr_png("http://localhost/activate?code=3FGG-Q2DH-PNBM")]


def test_a_mail_that_was_refused_comes_again_with_the_same_id(
    app: Flask, bare_database: Database, clock: Clock, catcher: tuple[Catcher, str]
) -> None:
    box, address = catcher
    box.fail = 1
    worker = Worker(app, {Channel.EMAIL: Mail(address, "no-reply@localhost", "localhost")})
    row = post(bare_database, clock, Channel.EMAIL, "application-withdrawn", EMAIL, dossier_number="H-7")
    worker.deliver(Lane.NOTICE)
    assert box.received == []
    assert worker.deliver(Lane.NOTICE) == 0, "it waits before the next attempt"
    clock.advance(minutes=1)
    worker.deliver(Lane.NOTICE)
    assert box.received == [(f"<{row}@localhost>", EMAIL)]


def test_an_sms_carries_its_idempotency_key_and_is_tried_again(
    app: Flask, bare_database: Database, clock: Clock, provider: str
) -> None:
    worker = Worker(app, {Channel.SMS: SMS(provider)})
    Provider.refusals = 2
    row = post(bare_database, clock, Channel.SMS, "otp", PHONE, lane=Lane.CODE, locale="en", code="123456", minutes=5)
    for _ in range(3):
        worker.deliver(Lane.CODE)
        clock.advance(minutes=1)
    [(key, body)] = Provider.taken
    assert (key, body["to"], body["id"]) == (row, PHONE, row)
    assert "123456" in body["text"]


def test_a_code_that_expired_while_the_provider_was_away_is_not_sent(
    app: Flask, bare_database: Database, clock: Clock, provider: str
) -> None:
    worker = Worker(app, {Channel.SMS: SMS(provider)})
    Provider.refusals = 1
    ends = clock() + timedelta(minutes=5)
    post(bare_database, clock, Channel.SMS, "otp", PHONE, lane=Lane.CODE, expires_at=ends, code="123456", minutes=5)
    worker.deliver(Lane.CODE)
    clock.advance(minutes=6)
    assert worker.deliver(Lane.CODE) == 0
    assert Provider.taken == []


def test_a_message_without_words_or_way_stays_and_the_others_go(
    app: Flask, bare_database: Database, clock: Clock, tmp_path: Path
) -> None:
    worker = Worker(app, {Channel.SMS: Sink(tmp_path)})
    post(bare_database, clock, Channel.SMS, "nobody-worded-this", PHONE)
    post(bare_database, clock, Channel.SMS, "application-withdrawn", PHONE)  # the fact is missing
    post(bare_database, clock, Channel.SMS, "application-withdrawn", PHONE, locale="no language", dossier_number="H-6")
    post(bare_database, clock, Channel.EMAIL, "application-withdrawn", EMAIL, dossier_number="H-7")
    post(bare_database, clock, Channel.SMS, "application-withdrawn", PHONE, dossier_number="H-8")
    worker.deliver(Lane.NOTICE)
    assert [message["to"] for message in sent(tmp_path)] == [PHONE]
    with bare_database.session(write=False) as db:
        errors = db.scalars(text("SELECT last_error FROM outbox_message WHERE delivered_at IS NULL")).all()
    assert sorted(errors) == ["KeyError", "KeyError", "KeyError", "ValueError"]


def test_no_transaction_is_open_while_a_message_is_sent(app: Flask, bare_database: Database, clock: Clock) -> None:
    def write_meanwhile(*_: object) -> None:
        with bare_database.transaction() as db:  # on SQLite this waits for ever if the worker holds the lock
            db.execute(text("UPDATE outbox_message SET lane = lane"))

    worker = Worker(app, {Channel.SMS: write_meanwhile})
    post(bare_database, clock, Channel.SMS, "application-withdrawn", PHONE, dossier_number="H-7")
    worker.deliver(Lane.NOTICE)
    with bare_database.session(write=False) as db:
        assert db.scalar(text("SELECT count(*) FROM outbox_message WHERE delivered_at IS NOT NULL")) == 1


def test_the_sink_shows_a_repeated_message_once(tmp_path: Path, clock: Clock) -> None:
    from uuid import uuid4

    from identity.outbox import Leased
    from portal.messages import Words

    message = Leased(uuid4(), Channel.SMS, "otp", PHONE, "vi", {}, 1)
    for words in ("first", "again"):
        Sink(tmp_path)(message, Words("", words))
    assert [entry["text"] for entry in sent(tmp_path)] == ["again"]
    assert sent(tmp_path, to="+8499") == []


def test_production_without_a_configured_way_keeps_its_messages(settings: Settings) -> None:
    assert messengers(settings) == {}
    assert set(messengers(settings.model_copy(update={"setting": Setting.DEMONSTRATION}))) == {
        Channel.SMS,
        Channel.EMAIL,
    }
    configured = settings.model_copy(update={"smtp_url": "smtp://mail", "sms_url": "https://sms"})
    assert {type(way) for way in messengers(configured).values()} == {Mail, SMS}


def test_chores_give_up_late_messages(app: Flask, bare_database: Database, clock: Clock) -> None:
    post(
        bare_database, clock, Channel.SMS, "otp", PHONE, expires_at=clock() + timedelta(minutes=5), code="1", minutes=5
    )
    clock.advance(minutes=6)
    Worker(app, {}).do_chores()
    with bare_database.session(write=False) as db:
        assert db.scalar(text("SELECT payload_sealed FROM outbox_message WHERE gave_up_at IS NOT NULL")) is None


def test_an_idle_worker_only_reads(app: Flask, bare_database: Database) -> None:
    begun: list[bool] = []
    event.listen(
        bare_database.engine, "begin", lambda one: begun.append(one.get_execution_options().get("write", False))
    )
    worker = Worker(app, {})
    assert (worker.do_jobs(), worker.deliver(Lane.CODE)) == (0, 0)
    assert not any(begun)


def test_a_job_is_done_step_by_step_to_its_end(
    app: Flask, bare_database: Database, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def step(db: Session, cursor: dict[str, int] | None, *, now: datetime) -> dict[str, int] | None:
        reached = cursor["step"] if cursor else 0
        outbox.post(db, Channel.SMS, "otp", PHONE, now=now, code=str(reached))
        return {"step": reached + 1} if reached < 2 else None

    monkeypatch.setitem(STEPS, "count", step)  # type: ignore[arg-type]
    with bare_database.transaction() as db:
        jobs.enqueue(db, "count", {}, now=clock())
    assert Worker(app, {}).do_jobs() == 1
    with bare_database.session(write=False) as db:
        job = db.query(jobs.Job).one()
        assert (job.finished_at, job.done) == (clock(), 2)
        assert db.scalar(text("SELECT count(*) FROM outbox_message")) == 3


def test_long_work_gives_way_to_a_job_that_waits_and_goes_on(
    app: Flask, bare_database: Database, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []

    def long(db: Session, cursor: dict[str, int] | None, *, now: datetime) -> dict[str, int] | None:
        reached = cursor["step"] if cursor else 0
        if reached == 1:
            jobs.enqueue(db, "short", {}, now=now)
        done.append(f"long {reached}")
        clock.advance(seconds=1)
        return {"step": reached + 1} if reached < 3 else None

    def short(db: Session, cursor: None, *, now: datetime) -> None:
        done.append("short")
        clock.advance(seconds=1)

    monkeypatch.setitem(STEPS, "long", long)  # type: ignore[arg-type]
    monkeypatch.setitem(STEPS, "short", short)  # type: ignore[arg-type]
    monkeypatch.setattr("portal.worker.TURN", timedelta(0))
    with bare_database.transaction() as db:
        jobs.enqueue(db, "long", {}, now=clock())
    worker = Worker(app, {})
    assert [worker.do_jobs() for _ in range(4)] == [1, 1, 1, 0]
    assert done == ["long 0", "long 1", "short", "long 2", "long 3"]


def test_a_job_that_fails_undoes_its_step_and_waits(app: Flask, bare_database: Database, clock: Clock) -> None:
    with bare_database.transaction() as db:
        jobs.enqueue(db, "nobody-knows-this", {}, now=clock())
    worker = Worker(app, {})
    assert [worker.do_jobs(), worker.do_jobs()] == [1, 0]
    with bare_database.session(write=False) as db:
        job = db.query(jobs.Job).one()
        assert (job.error, job.failed_at) == ("KeyError", None)
