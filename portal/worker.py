"""Delivers the outbox, does long work, and keeps the clocks. Any number of workers may run; killed, they lose nothing.

A message is leased and committed, sent with no transaction open, then marked and committed. A worker that dies between
sending and marking sends again after the lease, under the same Message-ID or idempotency key.
"""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from types import FrameType
from typing import Any

import structlog
from flask import Flask

from identity import jobs, outbox, seals
from identity.outbox import Channel, Declined, Lane, Leased
from portal.chores import LOOKS, do_step, look_first, run_chores
from portal.database import Database
from portal.deaths import DeathWatch
from portal.gateways import checkpoints
from portal.gateways.back_channel import BackChannel, NotTaken
from portal.gateways.feeds import FeedWay
from portal.gateways.mail import Mail
from portal.gateways.sink import Sink
from portal.gateways.sms import SMS
from portal.hand_checks import HandChecks
from portal.hands import Hands
from portal.language import force_locale
from portal.messages import Words, worded
from portal.services import Services
from portal.settings import Settings
from portal.unhurried import Unhurried

Send = Callable[[Leased, Words], None]
PAUSE = {lane: timedelta(seconds=1) for lane in Lane} | {Lane.CODE: timedelta(seconds=0.3)}
"""How long a lane without work is left alone."""
BATCH = {Lane.CODE: 5, Lane.NOTICE: 10, Lane.LOGOUT: 10, Lane.FEED: 1}
"""Small batches: what is leased by a worker that dies waits for its lease to end."""
SERVICES_AT_ONCE, EACH = 16, 4
"""Logout tokens on their way, to all services and to one: one that does not answer does not hold up the others."""
NO_WORDS = Words("", "")
"""For channels that programs read."""
CHORES_EVERY, JOBS_EVERY, SEALS_EVERY = timedelta(seconds=20), timedelta(seconds=2), timedelta(minutes=5)
HAND_CHECKS_EVERY = timedelta(minutes=1)
TURN = timedelta(seconds=5)
"""How long a job is worked on while others wait; a code to recover an account is a job, a night's forecasts are one."""
log = structlog.get_logger("worker")


def messengers(settings: Settings) -> dict[Channel, Send]:
    """How each channel leaves. Without a way, the demonstration writes files and production keeps the message."""
    ways: dict[Channel, Send] = {}
    if settings.is_demonstration:
        sink = Sink(settings.var / "messages")
        ways = {Channel.EMAIL: sink, Channel.SMS: sink}
    if settings.smtp_url:
        ways[Channel.EMAIL] = Mail(settings.smtp_url, settings.mail_from, settings.host_name)
    if settings.sms_url:
        ways[Channel.SMS] = SMS(settings.sms_url)
    return ways


class Worker:
    """One process's worth of work over one database."""

    def __init__(self, app: Flask, ways: Mapping[Channel, Send]) -> None:
        self.app, self.ways = app, ways
        self.database: Database = app.extensions["database"]
        self.services: Services = app.extensions["services"]
        settings = self.services.settings
        self.site = {"host": settings.host_name, "issuer": settings.issuer, "hotline": settings.hotline}
        self.stopping = threading.Event()
        self.steps, self.chores = (Unhurried(self.database, self.stopping) for _ in range(2))

    def run(self) -> None:
        """A thread for each lane, so that codes wait for nothing, and for jobs, chores, seals; ends after `stop`."""
        with Hands(SERVICES_AT_ONCE) as hands:
            self._run(hands)

    def _run(self, hands: Hands) -> None:
        lanes = {lane: self._lane(lane) for lane in (Lane.CODE, Lane.NOTICE, Lane.FEED)}
        lanes[Lane.LOGOUT] = lambda: self.tell_services(hands)
        works = {lane: (work, PAUSE[lane]) for lane, work in lanes.items()}
        threads = [threading.Thread(target=self._repeat, args=work, name=lane) for lane, work in works.items()]
        threads.append(threading.Thread(target=self._repeat, args=(self.do_jobs, JOBS_EVERY), name="jobs"))
        threads.append(threading.Thread(target=self._repeat, args=(self.do_chores, CHORES_EVERY), name="chores"))
        threads.append(threading.Thread(target=self._repeat, args=(self.do_seals, SEALS_EVERY), name="seals"))
        deaths = DeathWatch(self.database, self.services)
        threads.append(threading.Thread(target=self._repeat, args=(deaths.look, SEALS_EVERY), name="deaths"))
        checks = HandChecks(self.database, self.services)
        threads.append(threading.Thread(target=self._repeat, args=(checks.look, HAND_CHECKS_EVERY), name="hand-checks"))
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def stop(self, _signal: int = 0, _frame: FrameType | None = None) -> None:
        """Finish what is being sent, then end."""
        self.stopping.set()

    def deliver(self, lane: Lane) -> int:
        """One batch of a lane, one message after another; returns how many were taken."""
        leased = self._lease(lane, BATCH[lane], each=1 if lane is Lane.FEED else None)
        for message in leased:
            self._send(message)
        return len(leased)

    def tell_services(self, hands: Hands) -> int:
        """Give logout tokens to free hands, to each service its share; 0 when nothing is to be done or under way."""
        free = hands.free()
        leased = self._lease(Lane.LOGOUT, free, each=EACH) if free else []
        for message in leased:
            hands.take(self._send, message)
        if not leased and free < hands.many:
            hands.rest(PAUSE[Lane.LOGOUT].total_seconds())
            return 1
        return len(leased)

    def _lease(self, lane: Lane, most: int, *, each: int | None = None) -> list[Leased]:
        """An idle worker only reads."""
        with self.database.session(write=False) as db:
            if not outbox.is_waiting(db, lane, now=self.services.clock()):
                return []
        with self.database.transaction() as db:
            return outbox.lease(db, lane, now=self.services.clock(), most=most, each=each)

    def _send(self, message: Leased) -> None:
        try:
            self.ways[message.channel](message, self._words(message))
        except Declined as answer:
            log.warning("declined", kind=message.kind, id=str(message.id), answer=str(answer))
            with self.database.transaction() as db:
                outbox.declined(db, message, str(answer), now=self.services.clock())
        except NotTaken as answer:
            self._failed(message, str(answer))
        except Exception as error:  # whatever a provider does, the message stays and the lane goes on
            self._failed(message, type(error).__name__)
        else:
            with self.database.transaction() as db:
                outbox.delivered(db, message.id, now=self.services.clock())
            log.info(
                "sent", kind=message.kind, channel=message.channel.value, id=str(message.id), tries=message.attempts
            )

    def _words(self, message: Leased) -> Words:
        if message.channel in {Channel.BACK_CHANNEL, Channel.FEED}:
            return NO_WORDS
        with self.app.app_context(), force_locale(message.locale.replace("-", "_")):
            return worded(message.kind, message.channel.value, message.facts, self.site)

    def _failed(self, message: Leased, error: str) -> None:
        log.warning("not-sent", kind=message.kind, id=str(message.id), error=error)
        with self.database.transaction() as db:
            outbox.failed(db, message, error, now=self.services.clock())

    def do_chores(self) -> int:
        """Everything that is done because time passes."""
        done = run_chores(self.chores.transaction, self.services.clock(), lambda: self.database.session(write=False))
        log.info("chores-done", **done)
        return 0

    def do_seals(self) -> int:
        """Seal a batch of the audit trail and publish its checkpoint; 1 when another full batch may be waiting."""
        settings, now, made = self.services.settings, self.services.clock(), None
        with self.database.session(write=False) as db:
            before, waiting = seals.sealed_so_far(db), seals.is_waiting(db, now=now)
        if waiting:
            with self.database.transaction() as db:
                made = seals.seal_some(db, checkpoints.origin_of(settings), now=now)
        with self.database.session(write=False) as db:
            checkpoints.publish(db, checkpoints.folder_of(settings))
        return int(made is not None and made.size - before >= seals.MOST)

    def do_jobs(self) -> int:
        """Take a job and do it, a transaction a step, to its end or that of its turn; returns how many were taken."""
        with self.database.session(write=False) as db:
            if not jobs.is_waiting(db, now=self.services.clock()):
                return 0
        with self.database.transaction() as db:
            job = jobs.take(db, now=self.services.clock())
        if job is None:
            return 0
        try:
            self._do(job)
        except jobs.LeaseLost:
            log.warning("job-taken-over", kind=job.kind, id=str(job.id))
        return 1

    def _do(self, job: jobs.Taken) -> None:
        turn = time.monotonic() + TURN.total_seconds()
        while not self.stopping.is_set():
            now = self.services.clock()
            try:
                if time.monotonic() > turn and self._gave_way(job, now):
                    return
                given = self._look(job, now) if job.kind in LOOKS else {}
                with self.steps.transaction() as db:
                    cursor = do_step(db, job.kind, job.cursor, now, **given)
                    if cursor is None:
                        jobs.finish(db, job, now=now)
                        log.info("job-done", kind=job.kind, id=str(job.id), steps=job.done + 1)
                        return
                    job = jobs.progress(db, job, job.done + 1, None, now=now, cursor=cursor)
            except jobs.LeaseLost:
                raise
            except Exception as error:  # the job waits for its next attempt; other work goes on
                log.error("job-failed", kind=job.kind, id=str(job.id), error=type(error).__name__)
                with self.database.transaction() as db:
                    jobs.fail(db, job, type(error).__name__, now=now)
                return

    def _gave_way(self, job: jobs.Taken, now: datetime) -> bool:
        """Whether another job waits, which has its turn now."""
        with self.database.session(write=False) as db:
            if not jobs.is_waiting(db, now=now):
                return False
        with self.steps.transaction() as db:
            jobs.give_way(db, job, now=now)
        return True

    def _look(self, job: jobs.Taken, now: datetime) -> dict[str, Any]:
        with self.database.session(write=False) as db:
            return look_first(db, job.kind, job.cursor, now)

    def _lane(self, lane: Lane) -> Callable[[], int]:
        return lambda: self.deliver(lane)

    def _repeat(self, work: Callable[[], int], pause: timedelta) -> None:
        while not self.stopping.is_set():
            try:
                busy = work()
            except Exception as error:  # the database is away: keep trying, say so
                log.error("worker-trouble", error=type(error).__name__)
                busy = 0
            if not busy:
                self.stopping.wait(pause.total_seconds())


def serve(app: Flask) -> None:
    """Run until a termination signal."""
    services: Services = app.extensions["services"]
    to_services = BackChannel(services.settings.issuer, app.extensions["database"], services.fetcher, services.clock)
    to_receivers = FeedWay(services.settings.issuer, app.extensions["database"], services.fetcher, services.clock)
    ways = {**messengers(services.settings), Channel.BACK_CHANNEL: to_services, Channel.FEED: to_receivers}
    worker = Worker(app, ways)
    signal.signal(signal.SIGTERM, worker.stop)
    signal.signal(signal.SIGINT, worker.stop)
    log.info("worker-started")
    worker.run()
