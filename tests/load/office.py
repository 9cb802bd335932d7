"""`python -m tests.load.office`: an office's morning on PostgreSQL, in which everybody takes from one queue.

Half of the officers receive, half decide: look at the queue, take the next case, open it, act. Applicants look up how
their application stands meanwhile. Prints the server's processor time a page and ends with 1 when an act was lost, came
twice, or a case was handed to two. Sizes are arguments: `--officers 4 --applicants 20 --files 40`.
"""

from __future__ import annotations

import argparse
import re
import sys
import tempfile
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import requests
from sqlalchemy import select

from identity.account import get_account
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
from portal.security.cookies import SESSION
from portal.settings import Setting, Settings
from tests.factories import fill_registers
from tests.identity.applicants import CITIZEN, an_office, matched, submitted
from tests.load.bench import Meter
from tests.servers import PostgreSQL, free_port, process, wait_for

CARRIED = {
    "csrf_token": re.compile(r'name="csrf_token"[^>]*value="([^"]+)"'),
    "version": re.compile(r'name="version"[^>]*value="([^"]+)"'),
}
GOAL = 15
"""Milliseconds of processor time, p95 of all pages."""
PATIENCE = 300
"""Seconds for one answer: two processors serve 2,000 people who all ask each second, and some wait for a minute."""
HEADER = "X-Processor-Time"
"""As in `tests.load.timed`, which makes a portal when it is imported."""
WORK = (
    ("receiving_officer", "acknowledge", {}),
    ("approving_officer", "decision", {"outcome": "approved", "step": "send"}),
)
"""Role, what it does, and what its form says."""


@dataclass
class Crowd:
    """Applicants who open the page of their application's state, again and again, until the officers are done."""

    address: str
    pages: int = 0
    slow: list[float] = field(default_factory=list)
    cost: list[int] = field(default_factory=list)
    wrong: Counter[int] = field(default_factory=Counter)

    def look(self, stop: threading.Event) -> None:
        with requests.Session() as browser:
            while not stop.is_set():
                begun = time.monotonic()
                answer = browser.get(f"{self.address}/status", timeout=PATIENCE)
                self.slow.append(time.monotonic() - begun)
                self.pages += 1
                self.cost.append(int(answer.headers[HEADER]))
                if answer.status_code != 200:
                    self.wrong[answer.status_code] += 1
                stop.wait(1)


@dataclass
class Clerk:
    """An officer who takes the next case until none is left."""

    address: str
    token: str
    act: str
    data: dict[str, str]
    done: list[UUID] = field(default_factory=list)
    cost: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    trouble: list[str] = field(default_factory=list)

    def work(self, stop: threading.Event) -> None:
        with requests.Session() as browser:
            browser.cookies.update({SESSION: self.token, "language": "vi"})
            try:
                while not stop.is_set() and self.one_case(browser):
                    pass
            except Exception as error:  # told at the end, with a status of 1
                self.trouble.append(f"{type(error).__name__} {error}")

    def one_case(self, browser: requests.Session) -> bool:
        queue = self.ask(browser, "queue", "GET", "/office/queue")
        taken = self.ask(browser, "next", "POST", "/office/queue/next", data=form_of(queue))
        if taken.status_code == 409:
            return False
        path = urlsplit(taken.headers["Location"]).path
        case = self.ask(browser, "case", "GET", path)
        acted = self.ask(browser, self.act, "POST", f"{path}/{self.act}", data={**form_of(case), **self.data})
        if acted.status_code not in (302, 303):
            raise AssertionError(f"{self.act}: {acted.status_code} {acted.text[:300]}")
        self.done.append(UUID(path.rsplit("/", 1)[1]))
        return True

    def ask(self, browser: requests.Session, name: str, method: str, path: str, **more: Any) -> requests.Response:
        answer = browser.request(method, self.address + path, timeout=PATIENCE, allow_redirects=False, **more)
        self.cost[name].append(int(answer.headers[HEADER]))
        return answer


def form_of(page: requests.Response) -> dict[str, str]:
    """What a form of the page carries: the token and, of a case, its version."""
    if page.status_code != 200:
        raise AssertionError(f"{page.url}: {page.status_code}")
    return {name: found[1] for name, sign in CARRIED.items() if (found := sign.search(page.text))}


@dataclass
class Office:
    """Who works, and on what."""

    clerks: list[Clerk]
    new: list[UUID]
    ready: list[UUID]


def prepare(database: Database, address: str, officers: int, files: int) -> Office:
    """Files that nobody took, half of them received and matched; officers who are signed in."""
    now = datetime.now(UTC)
    found = Office([], [], [])
    with database.transaction() as db:
        remember_keys(db)
        load_units(db, now=now)
        unit = an_office(db, "commune_police").unit_id
        for number in range(officers):
            role, act, data = WORK[number % 2]
            account = hire(db, f"officer{number}", f"Officer {number}", now=now)
            db.flush()
            give_role(db, account.id, role, unit, SYSTEM, now=now)
            db.flush()
            token = open_session(db, get_account(db, account.id), ("pwd", "otp"), 2, now=now).token
            found.clerks.append(Clerk(address, token, act, data))
    for number in range(files):
        card, born = f"001190{number:06}", CITIZEN.birth_date + timedelta(days=number % 9000)
        name = f"Nguyễn Văn {number // 9000} {chr(65 + number % 26)}"
        who = replace(CITIZEN, personal_number=card, card_number=card, birth_date=born, full_name=name)
        with database.transaction() as db:
            make = matched if number % 2 else submitted
            application = make(db, who, now=now, phone=f"+8491{number:07}")[0]
            (found.ready if number % 2 else found.new).append(application.id)
    return found


def morning(officers: list[Clerk], crowd: Crowd, applicants: int, meter: Meter) -> tuple[float, float]:
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


def losses(database: Database, office: Office) -> list[str]:
    """Acts that are not there exactly once, cases handed to two, and what went wrong on the way."""
    with database.session(write=False) as db:
        names = (Event.CASE_TAKEN, Event.APPLICATION_RECEIVED, Event.APPLICATION_APPROVED, Event.APPLICATION_ISSUED)
        done = {
            name: Counter(db.scalars(select(AuditEvent.subject_id).where(AuditEvent.name == name.value)))
            for name in names
        }
    found = [line for one in office.clerks for line in one.trouble]
    taken, received, approved, issued = (done[name] for name in names)
    found += [f"{file}: taken {taken[file]} times" for file in (*office.new, *office.ready) if taken[file] != 1]
    found += [f"{file}: received {received[file]} times" for file in office.new if received[file] != 1]
    found += [
        f"{file}: approved {approved[file]} times, issued {issued[file]} times"
        for file in office.ready
        if (approved[file], issued[file]) != (1, 1)
    ]
    acknowledged = Counter(file for one in office.clerks for file in one.done)
    everything = Counter([*office.new, *office.ready])
    return found if acknowledged == everything else [*found, "what officers were told differs from the files"]


@contextmanager
def the_office(officers: int, files: int, processes: int) -> Iterator[tuple[Database, Office, int]]:
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
            "SECRET_KEY": "a secret key that only load tools use",
            "VAR": str(folder),
            "KEYS": str(folder / "keys"),
            "PORT": str(port),
            "DATABASE_URL": url,
            "REGISTER_DATABASE_URL": f"sqlite:///{folder / 'registers.db'}",
            "RATE_LIMITS": "off",
            "FLASK_APP": "wsgi",
        }
        settings = Settings(setting=Setting.TEST, port=port, secret_key="a secret key that only load tools use")
        arguments = [*server_arguments(settings, processes, 8)[:-1], "tests.load.timed:app"]
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
    with the_office(asked.officers, asked.files, asked.processes) as (database, office, port):
        crowd = Crowd(f"http://127.0.0.1:{port}")
        cpu, wall = morning(office.clerks, crowd, asked.applicants, Meter.of_portal(port))
        lost = losses(database, office)
    acts, waits = sum(len(one.done) for one in office.clerks), sorted(crowd.slow) or [0.0]
    pages = crowd.pages + sum(len(costs) for one in office.clerks for costs in one.cost.values())
    print(f"{acts} acts of {len(office.clerks)} officers in {wall:.1f} s")
    print(f"{crowd.pages} pages of {asked.applicants} applicants")
    print(f"server CPU {cpu * 1000 / max(pages, 1):.1f} ms a page; an applicant waited {waits[len(waits) // 2]:.2f} s,")
    print(f"one in twenty {waits[len(waits) * 95 // 100]:.2f} s; wrong answers: {dict(crowd.wrong) or 'none'}")
    costs = {name: (middle, high) for name, middle, high in costs_of(office.clerks, crowd)}
    for name, (middle, high) in costs.items():
        print(f"  {name:12} middle {middle:5.1f} ms, p95 {high:5.1f} ms of processor time")
    high = costs["every page"][1]
    print(f"p95 of every page {high:.1f} ms, goal {GOAL} ms: {'reached' if high <= GOAL else 'NOT reached'}")
    for line in lost:
        print(f"LOST: {line}", file=sys.stderr)
    return 1 if lost or crowd.wrong else 0


def costs_of(clerks: list[Clerk], crowd: Crowd) -> Iterator[tuple[str, float, float]]:
    """Of each kind of page, and of all together, the middle and the 95th of a hundred, in milliseconds."""
    kinds: dict[str, list[int]] = {"status": list(crowd.cost)}
    for one in clerks:
        for name, costs in one.cost.items():
            kinds.setdefault(name, []).extend(costs)
    kinds["every page"] = [cost for costs in kinds.values() for cost in costs]
    for name, costs in kinds.items():
        if costs:
            ordered = sorted(costs)
            yield name, ordered[len(ordered) // 2] / 1000, ordered[len(ordered) * 95 // 100] / 1000


if __name__ == "__main__":
    sys.exit(main())
