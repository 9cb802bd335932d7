"""Two processes of a portal in which people sign in all the time, while a third one turns the keys."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError

from identity import jobs, once, rotation
from identity.account import AccountState, create_account, find_account, get_account
from identity.base import new_id
from identity.credentials.sign_in import Visit, first_step, look_up
from identity.key_use import read_uses
from identity.person import Kind, Person, add_person, find_namesakes, find_person_by_number, set_personal_number
from identity.session import find_session
from identity.vault import Vault
from portal.chores import do_step
from portal.database import Database, connect
from portal.gateways.keys import KeyFolder
from portal.standing import Standing
from tests.fakes import Clock
from tests.identity.account_scene import LOGIN

PATIENCE_SECONDS = 180
VISIT = Visit("203.0.113.7", "a browser")


def open_process(url: str, folder: Path) -> Database:
    """A process of its own: its own keys in memory, its own idea of which are in use."""
    source = KeyFolder(folder)
    vault = Vault(source.read(), source.read)
    return connect(url, vault, Standing(vault, every=0))


@dataclass
class Caller:
    """Somebody who signs in again and again, and keeps an old session, too."""

    process: Database
    clock: Clock
    name: str
    rounds: int = 0
    trouble: list[str] = field(default_factory=list)
    token: str = ""
    first_token: str = ""
    ticket: str = ""

    def run(self, stop: threading.Event) -> None:
        while not stop.is_set() and not self.trouble:
            try:
                self.round()
                self.rounds += 1
            except Exception as error:  # told to the test, which fails with it
                self.trouble.append(f"{self.name}, round {self.rounds}: {type(error).__name__} {error}")

    def round(self) -> None:
        now = self.clock.now
        self.sign_in(now)
        self.use_what_is_held(now)
        self.register_somebody(now)

    def sign_in(self, now: datetime) -> None:
        with self.process.session(write=False) as db:
            found = look_up(db, LOGIN, VISIT, now=now)
            self.expect(found.account_id is not None, "the login is found")
        with self.process.transaction() as db:
            opened = first_step(db, found, True, VISIT, now=now)
            self.token = opened.token
        self.first_token = self.first_token or self.token

    def use_what_is_held(self, now: datetime) -> None:
        with self.process.session(write=False) as db:
            held = [find_session(db, token, now=now) for token in (self.token, self.first_token)]
            self.expect(all(held), "both sessions are alive")
            self.expect(held[0].display_name == "Nguyễn Thị Hoa", "the name can be read")
        with self.process.transaction() as db:
            if self.ticket:
                self.expect(once.redeem(db, "trial", self.ticket, now=now) is not None, "the ticket is good")
                self.expect(once.redeem(db, "trial", self.ticket, now=now) is None, "and good once")
            ends = now.replace(year=now.year + 1)
            self.ticket = once.issue(db, "trial", None, now=now, expires_at=ends)
            used = once.spend(db, "trial", self.name, expires_at=ends)
            self.expect(used == (self.rounds == 0), "what was used stays used")

    def register_somebody(self, now: datetime) -> None:
        number = f"{self.name}{self.rounds:08}"
        with self.process.transaction() as db:
            person = Person(kind=Kind.CITIZEN.value, sex="F", nationality="VNM", age_band="30-44", created_at=now)
            add_person(db, person, full_name=number, birth_date=now.date(), phone="+84912345678")
            set_personal_number(db, person, number)
            create_account(db, "resident", number, display_name=number, now=now, state=AccountState.ACTIVE)
        with self.process.session(write=False) as db:
            self.expect(find_person_by_number(db, number) is not None, "the new person is found")
            earlier = f"{self.name}{self.rounds // 2:08}"
            self.expect(find_person_by_number(db, earlier) is not None, "and an earlier one")
            self.expect(len(find_namesakes(db, earlier, now.date())) == 1, "by the name, too")
        self.twice(number, now)

    def twice(self, number: str, now: datetime) -> None:
        earlier = f"{self.name}{self.rounds // 2:08}"
        try:
            with self.process.transaction() as db:
                create_account(db, "resident", earlier, display_name="x", now=now)
        except IntegrityError:
            return
        raise AssertionError("a login was given twice")

    def expect(self, holds: bool, what: str) -> None:
        if not holds:
            raise AssertionError(f"not so: {what}")


@dataclass
class Hours:
    """The office while it is open."""

    url: str
    folder: Path
    clock: Clock
    operator: Database
    callers: list[Caller]
    passed: timedelta = timedelta()

    def all_go_on(self, times: int = 2) -> None:
        """Wait until each caller has done so many more whole rounds: by then every process has read what changed."""
        wanted = [caller.rounds + times for caller in self.callers]
        self.until(lambda: all(caller.rounds >= many for caller, many in zip(self.callers, wanted, strict=True)))

    def until(self, reached: Callable[[], bool]) -> None:
        end = time.monotonic() + PATIENCE_SECONDS
        while not reached():
            assert not self.trouble, self.trouble
            assert time.monotonic() < end, "the callers stand still"
            time.sleep(0.005)

    @property
    def trouble(self) -> list[str]:
        return [one for caller in self.callers for one in caller.trouble]

    def next_stage(self, after: timedelta = rotation.SETTLE) -> None:
        """Time passes for the operator's clock, and the worker's chore looks."""
        self.all_go_on()
        self.passed += after
        with self.operator.transaction() as db:
            assert rotation.go_on(db, now=self.clock.now + self.passed) == 1
        self.all_go_on()

    def work(self, most: int | None = None) -> Any:
        """A worker takes the job and does it to its end, or dies after `most` steps."""
        now = self.clock.now + self.passed
        with self.operator.transaction() as db:
            job = jobs.take(db, now=now)
        steps = 0
        while most is None or steps < most:
            steps += 1
            with self.operator.transaction() as db:
                cursor = do_step(db, job.kind, job.cursor, now)
                if cursor is None:
                    jobs.finish(db, job, now=now)
                    return job
                job = jobs.progress(db, job, job.done + 1, None, now=now, cursor=cursor)
        with self.operator.transaction() as db:  # killed in the middle of a step: it never happened
            do_step(db, job.kind, job.cursor, now)
            db.rollback()
        return job

    def stage(self, purpose: Any) -> Any:
        with self.operator.session(write=False) as db:
            return read_uses(db).get(purpose)


@contextmanager
def office_hours(url: str, folder: Path, clock: Clock) -> Iterator[Hours]:
    """Open: three callers at two processes, until the end of the block. None of them may have met any trouble."""
    processes = [open_process(url, folder) for _ in range(2)]
    operator = open_process(url, folder)
    with operator.transaction() as db:
        account = create_account(
            db, "resident", LOGIN, display_name="Nguyễn Thị Hoa", now=clock.now, state=AccountState.ACTIVE
        )
        account.password_hash = "none is verified here"
    callers = [Caller(processes[number % 2], clock, f"{number}{new_id().int % 1000:03}") for number in range(3)]
    stop = threading.Event()
    threads = [threading.Thread(target=caller.run, args=(stop,)) for caller in callers]
    for thread in threads:
        thread.start()
    hours = Hours(url, folder, clock, operator, callers)
    try:
        hours.all_go_on()
        yield hours
        hours.all_go_on()
    finally:
        stop.set()
        for thread in threads:
            thread.join(PATIENCE_SECONDS)
        for process in (*processes, operator):
            process.engine.dispose()
    if hours.trouble:
        pytest.fail(str(hours.trouble))


def everybody_is_found(hours: Hours) -> None:
    """A process that starts now, with the keys that are left, finds and reads all that was written on the way."""
    fresh = open_process(hours.url, hours.folder)
    now = hours.clock.now
    with fresh.session(write=False) as db:
        account = find_account(db, LOGIN)
        assert get_account(db, account.id).display_name == "Nguyễn Thị Hoa"
        for caller in hours.callers:
            for number in range(caller.rounds):
                name = f"{caller.name}{number:08}"
                assert find_account(db, name).display_name == name
                assert find_person_by_number(db, name).full_name == name
                assert len(find_namesakes(db, name, now.date())) == 1
    fresh.engine.dispose()
