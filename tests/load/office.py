"""`python -m tests.load.office`: an office's morning on PostgreSQL. Fifty officers acknowledge while applicants look.

Prints milliseconds of server CPU a page and ends with 1 when an act was lost or came twice. Sizes are arguments, so
that it can be tried small: `--officers 3 --applicants 20 --files 30`.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import requests
from sqlalchemy import select

from identity.account import get_account
from identity.application import Application
from identity.audit import SYSTEM, AuditEvent, Event
from identity.key_check import remember_keys
from identity.places import load_units
from identity.session import open_session
from identity.staff import give_role, hire
from identity.vault import Keys, Vault
from portal.commands import server_arguments
from portal.database import Database, connect
from portal.gateways.keys import save
from portal.migrations import upgrade
from portal.settings import Setting, Settings
from tests.crash.officers_day import SECRET_KEY, Officer
from tests.factories import fill_registers
from tests.identity.applicants import CITIZEN, an_office, submitted
from tests.load.bench import Meter
from tests.servers import PostgreSQL, free_port, process, wait_for


@dataclass
class Crowd:
    """Applicants who open the page of their application's state, again and again, until the officers are done."""

    address: str
    pages: int = 0
    slow: list[float] = field(default_factory=list)
    wrong: Counter[int] = field(default_factory=Counter)

    def look(self, stop: threading.Event) -> None:
        with requests.Session() as browser:
            while not stop.is_set():
                begun = time.monotonic()
                answer = browser.get(f"{self.address}/status", timeout=60)
                self.slow.append(time.monotonic() - begun)
                self.pages += 1
                if answer.status_code != 200:
                    self.wrong[answer.status_code] += 1
                stop.wait(1)


def prepare(database: Database, address: str, officers: int, files: int) -> list[Officer]:
    """The office's files, shared out among officers who are signed in."""
    now, found = datetime.now(UTC), []
    with database.transaction() as db:
        remember_keys(db)
        load_units(db, now=now)
        unit = an_office(db, "commune_police").unit_id
        mine: list[list[UUID]] = [[] for _ in range(officers)]
        accounts = []
        for number in range(officers):
            account = hire(db, f"officer{number}", f"Officer {number}", now=now)
            db.flush()
            give_role(db, account.id, "receiving_officer", unit, SYSTEM, now=now)
            db.flush()
            accounts.append(account.id)
        for number in range(files):
            card, born = f"001190{number:06}", CITIZEN.birth_date + timedelta(days=number % 9000)
            who = replace(CITIZEN, personal_number=card, card_number=card, birth_date=born)
            application, _code = submitted(db, who, now=now, phone=f"+8491{number:07}")
            application.held_by_id, application.held_at = accounts[number % officers], now
            mine[number % officers].append(application.id)
        for account_id, own in zip(accounts, mine, strict=True):
            token = open_session(db, get_account(db, account_id), ("pwd", "otp"), 2, now=now).token
            found.append(Officer(address, token, "acknowledge", {}, own, database))
    return found


def morning(officers: list[Officer], crowd: Crowd, applicants: int, meter: Meter) -> tuple[float, float]:
    """Everybody at once; CPU seconds and wall seconds."""
    stop = threading.Event()
    before, begun = meter.cpu(), time.monotonic()
    with ThreadPoolExecutor(len(officers) + applicants) as pool:
        at_work = [pool.submit(one.work, stop) for one in officers]
        looking = [pool.submit(crowd.look, stop) for _ in range(applicants)]
        for one in at_work:
            one.result()
        stop.set()
        for one in looking:
            one.result()
    return meter.cpu() - before, time.monotonic() - begun


def losses(database: Database, officers: list[Officer]) -> list[str]:
    """Acts that are not there exactly once, and what went wrong on the way."""
    with database.session(write=False) as db:
        name = Event.APPLICATION_RECEIVED.value
        done = Counter(db.scalars(select(AuditEvent.subject_id).where(AuditEvent.name == name)))
        states = dict(db.execute(select(Application.id, Application.state)).all())
    found = [line for one in officers for line in one.trouble]
    for one in officers:
        found += [f"{file}: {done[file]} times" for file in one.files if done[file] != 1]
        found += [
            f"{file}: acknowledged, but {states[file]}" for file in one.acknowledged if states[file] != "received"
        ]
    return found


@contextmanager
def the_office(officers: int, files: int, processes: int) -> Iterator[tuple[Database, list[Officer], int]]:
    """A server over a fresh PostgreSQL, and the officers; the last value is its port."""
    with ExitStack() as running:
        folder = Path(running.enter_context(tempfile.TemporaryDirectory(ignore_cleanup_errors=True)))
        store = PostgreSQL.start()
        running.enter_context(store.stop)
        url, port, vault = store.create("office"), free_port(), Vault(Keys.generate())
        save(folder / "keys", vault.keys)
        fill_registers(f"sqlite:///{folder / 'registers.db'}")
        upgrade(url, vault)
        database = connect(url, vault)
        running.callback(database.engine.dispose)
        at_work = prepare(database, f"http://127.0.0.1:{port}", officers, files)
        environment = {
            "SETTING": "test",
            "SECRET_KEY": SECRET_KEY,
            "VAR": str(folder),
            "KEYS": str(folder / "keys"),
            "PORT": str(port),
            "DATABASE_URL": url,
            "REGISTER_DATABASE_URL": f"sqlite:///{folder / 'registers.db'}",
            "RATE_LIMITS": "off",
            "FLASK_APP": "wsgi",
        }
        settings = Settings(setting=Setting.TEST, port=port, secret_key=SECRET_KEY)
        arguments = server_arguments(settings, processes, 8)
        served = running.enter_context(process(*arguments, environment=environment, log=folder / "web.log"))
        wait_for(f"http://127.0.0.1:{port}/healthz", served, folder / "web.log", 120)
        yield database, at_work, port


def main() -> int:
    """Run it and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--officers", type=int, default=50)
    parser.add_argument("--applicants", type=int, default=2000)
    parser.add_argument("--files", type=int, default=1000)
    parser.add_argument("--processes", type=int, default=4)
    asked = parser.parse_args()
    with the_office(asked.officers, asked.files, asked.processes) as (database, officers, port):
        crowd = Crowd(f"http://127.0.0.1:{port}")
        cpu, wall = morning(officers, crowd, asked.applicants, Meter.of_portal(port))
        lost = losses(database, officers)
    acts = sum(len(one.acknowledged) for one in officers)
    pages, waits = crowd.pages + 2 * acts, sorted(crowd.slow) or [0.0]
    print(
        f"{acts} acts of {len(officers)} officers, {crowd.pages} pages of {asked.applicants} applicants, {wall:.1f} s"
    )
    print(f"server CPU {cpu * 1000 / max(pages, 1):.1f} ms a page; an applicant waited {waits[len(waits) // 2]:.2f} s,")
    print(f"one in twenty {waits[len(waits) * 95 // 100]:.2f} s; wrong answers: {dict(crowd.wrong) or 'none'}")
    for line in lost:
        print(f"LOST: {line}", file=sys.stderr)
    return 1 if lost or crowd.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
