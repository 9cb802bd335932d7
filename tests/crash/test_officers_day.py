"""Web and worker are killed at random moments of an officers' day: each acknowledged act is there once, none by half.

Two officers work through a real server: one acknowledges, one approves. Whoever gets no answer opens the file again and
sends again what is still to be done. `make test` kills five times on each database, `make proof` CRASHES=100.
"""

from __future__ import annotations

import os
import random
import re
import signal
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import requests
from sqlalchemy import func, select, text

from identity import seals
from identity.account import Account, get_account
from identity.application import Application
from identity.audit import SYSTEM, AuditEvent, Event
from identity.key_check import remember_keys
from identity.outbox import OutboxMessage
from identity.person import Person
from identity.session import open_session
from identity.staff import give_role, hire
from identity.vault import Vault
from portal.commands import server_arguments
from portal.database import Database
from portal.gateways.keys import save
from portal.security.cookies import SESSION
from portal.settings import Setting, Settings
from tests.factories import fill_registers
from tests.identity.applicants import CITIZEN, an_office, matched, submitted
from tests.servers import free_port, mail_catcher, process, wait_for

CRASHES = int(os.environ.get("CRASHES", "5"))
pytestmark = [pytest.mark.slow, pytest.mark.timeout(1500 + 60 * CRASHES)]
ACTS = CRASHES * 3 + 4
PATIENCE_SECONDS = 240
SECRET_KEY = "a secret key that only the tests use"
TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')


@dataclass
class Officer:
    """Presses one button after another, and remembers which answers came."""

    address: str
    token: str
    act: str
    data: dict[str, str]
    files: list[UUID]
    database: Database
    acknowledged: list[UUID] = field(default_factory=list)
    trouble: list[str] = field(default_factory=list)

    def work(self, stop: threading.Event) -> None:
        for file in self.files:
            while not stop.is_set() and not self.trouble:
                try:
                    if self.press(file):
                        self.acknowledged.append(file)
                    if self.is_done(file):
                        break
                except requests.RequestException:
                    stop.wait(0.05)  # nobody answers: the server was killed and comes back
                except Exception as error:  # told to the test, which fails with it
                    self.trouble.append(f"{type(error).__name__} {error}")

    def press(self, file: UUID) -> bool:
        """True when the server said that it is done. A file that was done before an answer came is not sent again."""
        cookies = {SESSION: self.token, "language": "en"}
        with requests.Session() as browser:
            browser.cookies.update(cookies)
            page = browser.get(f"{self.address}/office/cases/{file}", timeout=30)
            found = TOKEN.search(page.text)
            if self.is_done(file):
                return False
            assert page.status_code == 200 and found, f"{page.status_code} {page.text[:300]}"
            data = {"csrf_token": found[1], "version": str(self.version(file)), **self.data}
            answer = browser.post(
                f"{self.address}/office/cases/{file}/{self.act}", data=data, timeout=30, allow_redirects=False
            )
        assert answer.status_code in (302, 303), f"{answer.status_code} {answer.text[:2000]}"
        return True

    def version(self, file: UUID) -> int:
        with self.database.session(write=False) as db:
            return db.get_one(Application, file).version

    def is_done(self, file: UUID) -> bool:
        with self.database.session(write=False) as db:
            return db.get_one(Application, file).state in ("received", "issued")


def the_files(database: Database, now: datetime) -> tuple[list[UUID], list[UUID], dict[str, str]]:
    """Files to acknowledge, files to approve, and the officers' sessions."""
    with database.transaction() as db:
        unit = an_office(db, "commune_police").unit_id
        tokens, accounts = {}, {}
        for role in ("receiving_officer", "approving_officer"):
            account = hire(db, role.replace("_", "."), role.title(), now=now)
            db.flush()
            give_role(db, account.id, role, unit, SYSTEM, now=now)
            db.flush()
            tokens[role] = open_session(db, get_account(db, account.id), ("pwd", "otp"), 2, now=now).token
            accounts[role] = account.id
        new, ready = [], []
        for number in range(ACTS):
            card, born = f"0011901{number:05}", CITIZEN.birth_date + timedelta(days=number)  # nobody's namesake
            who = replace(CITIZEN, personal_number=card, card_number=card, birth_date=born)
            answers = {"phone": f"+8491{number:07}", "notify_by": "email", "email": f"an{number}@example.org"}
            if number % 2:
                application, _officer = matched(db, who, now=now, **answers)
                application.held_by_id, application.held_at = accounts["approving_officer"], now
                ready.append(application.id)
            else:
                application, _code = submitted(db, who, now=now, **answers)
                application.held_by_id, application.held_at = accounts["receiving_officer"], now
                new.append(application.id)
            db.flush()
        db.execute(text("DELETE FROM outbox_message"))
        remember_keys(db)
    return new, ready, tokens


@contextmanager
def running(arguments: tuple[str, ...], environment: dict[str, str], address: str, folder: Path) -> Iterator[Any]:
    with process(*arguments, environment=environment, log=folder / "process.log") as one:
        if address:
            wait_for(f"{address}/healthz", one, folder / "process.log", PATIENCE_SECONDS)
        yield one


def test_nothing_is_lost_doubled_or_done_by_half(
    database: Database, database_url: str, vault: Vault, tmp_path: Path
) -> None:
    new, ready, tokens = the_files(database, datetime.now(UTC))
    save(tmp_path / "keys", vault.keys)
    fill_registers(f"sqlite:///{tmp_path / 'registers.db'}")
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    with mail_catcher() as (catcher, mail):
        environment = {
            "SETTING": "test",
            "SECRET_KEY": SECRET_KEY,
            "VAR": str(tmp_path),
            "KEYS": str(tmp_path / "keys"),
            "PORT": str(port),
            "DATABASE_URL": database_url,
            "REGISTER_DATABASE_URL": f"sqlite:///{tmp_path / 'registers.db'}",
            "RATE_LIMITS": "off",
            "SMTP_URL": mail,
            "FLASK_APP": "wsgi",
        }
        approve = {"outcome": "approved", "step": "send"}
        officers = [
            Officer(address, tokens["receiving_officer"], "acknowledge", {}, new, database),
            Officer(address, tokens["approving_officer"], "decision", approve, ready, database),
        ]
        with the_day(officers, environment, address, tmp_path):
            assert [one.trouble for one in officers] == [[], []]
            everything_is_there_once(database, officers)
            every_letter_arrived(database, catcher)
    acts = sum(len(one.acknowledged) for one in officers)
    print(f"{CRASHES} kills, {acts} answers, {len(new) + len(ready)} acts: each there once, every letter sent")


@contextmanager
def the_day(officers: list[Officer], environment: dict[str, str], address: str, folder: Path) -> Iterator[None]:
    """Until everything is done; in the block the last server and worker are still there."""
    settings = Settings(setting=Setting.TEST, port=int(environment["PORT"]), secret_key=SECRET_KEY)
    web, worker = (*server_arguments(settings),), ("-m", "flask", "worker")
    chance, stop = random.Random(20261122 + CRASHES), threading.Event()
    threads = [threading.Thread(target=one.work, args=(stop,)) for one in officers]
    with ExitStack() as open_now:
        one_worker = open_now.enter_context(running(worker, environment, "", folder))
        one_web = open_now.enter_context(running(web, environment, address, folder))
        for thread in threads:
            thread.start()
        try:
            for crash in range(CRASHES):
                wait_for_acts(officers, threads, chance.randint(1, 3))
                time.sleep(chance.uniform(0, 0.05))  # anywhere within a request
                if crash % 3 == 1:
                    one_worker.kill()
                    one_worker = open_now.enter_context(running(worker, environment, "", folder))
                else:
                    kill_with_children(one_web)
                    one_web = open_now.enter_context(running(web, environment, address, folder))
            for thread in threads:
                thread.join(PATIENCE_SECONDS)
        finally:
            stop.set()
            for thread in threads:
                thread.join(60)
        yield


def kill_with_children(web: Any) -> None:
    """The server and the process that answers, both at once and without a word.

    It is stopped first, else it may start another that answers before it is killed itself, and that one stays.
    """
    os.kill(web.pid, signal.SIGSTOP)
    listing = Path(f"/proc/{web.pid}/task/{web.pid}/children").read_text()
    for child in map(int, listing.split()):
        os.kill(child, 9)
    web.kill()
    web.wait()


def wait_for_acts(officers: list[Officer], threads: list[threading.Thread], some: int) -> None:
    wanted = sum(len(one.acknowledged) for one in officers) + some
    end = time.monotonic() + PATIENCE_SECONDS
    while sum(len(one.acknowledged) for one in officers) < wanted and any(one.is_alive() for one in threads):
        assert time.monotonic() < end, "the officers stand still"
        time.sleep(0.002)


def everything_is_there_once(database: Database, officers: list[Officer]) -> None:
    receiving, approving = officers
    with database.session(write=False) as db:
        done = {
            event.value: Counter(db.scalars(select(AuditEvent.subject_id).where(AuditEvent.name == event.value)))
            for event in (Event.APPLICATION_RECEIVED, Event.APPLICATION_APPROVED, Event.APPLICATION_ISSUED)
        }
        for one, event in ((receiving, Event.APPLICATION_RECEIVED), (approving, Event.APPLICATION_APPROVED)):
            assert len(set(one.acknowledged)) == len(one.acknowledged), "no answer came twice"
            assert all(done[event.value][file] == 1 for file in one.files), "each act is there once"
        assert all(done[Event.APPLICATION_ISSUED.value][file] == 1 for file in approving.files)
        people = db.scalar(select(func.count()).select_from(Person))
        residents = db.scalar(select(func.count()).select_from(Account).where(Account.kind == "resident"))
        assert people == residents == len(approving.files), "a person and an account for each that was approved"
        letters = Counter(db.scalars(select(OutboxMessage.kind)))
        assert letters["account-issued"] == len(approving.files)
        assert letters["application-received"] in (0, len(receiving.files))
    with database.transaction() as db:
        while seals.seal_some(db, "tests", now=datetime.now(UTC)):
            pass
    with database.session(write=False) as db:
        findings = seals.verify(db, "tests").findings
    assert [one for one in findings if one.kind != "checkpoint-signature"] == []


def every_letter_arrived(database: Database, catcher: Any) -> None:
    """The dead held leases; they are free after a minute, which the test does not wait for."""
    with database.transaction() as db:
        db.execute(text("UPDATE outbox_message SET leased_until = NULL WHERE delivered_at IS NULL"))
        wanted = {str(one) for one in db.scalars(select(OutboxMessage.id).where(OutboxMessage.channel == "email"))}
    end = time.monotonic() + PATIENCE_SECONDS
    while not wanted <= {message_id.strip("<>").partition("@")[0] for message_id, _ in catcher.received}:
        assert time.monotonic() < end, "letters do not arrive"
        time.sleep(0.02)
    assert wanted
