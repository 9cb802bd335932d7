"""`make bench`: what a page and a code flow cost in server CPU, on a fresh demonstration over PostgreSQL.

CPU seconds for 1,000 operations are the steady figure; wall time depends on the neighbours. They do a little too, so
the flows of relying parties are measured beside npm's oidc-provider, run by run in turn: the ratio is the figure that
means something on another machine.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any
from urllib.parse import urlsplit

import requests
from argon2.exceptions import VerifyMismatchError
from sqlalchemy import create_engine, text

from identity.credentials.passwords import DUMMY, HASHER
from identity.registers.embedded import open_session
from identity.registers.synthetic import generate, load
from tests.browser.conftest import Demo, running_demo
from tests.load.fapi import BoundFlow
from tests.load.flows import CodeFlow, Documents, Introspection, Machine, Provider, Refresh, SignIn, like, signed_in
from tests.load.peer import running_peer
from tests.servers import PostgreSQL

Make = Callable[[], Callable[[], int]]
TICKS = 100
RUNS, WARM = 5, 30
"""After 30 operations every connection has its statements prepared."""


class Meter:
    """CPU time and memory of some processes."""

    def __init__(self, find: Callable[[], Iterable[Path]]) -> None:
        self.find = find

    @classmethod
    def of_portal(cls, port: int) -> Meter:
        """Everything that serves this port."""
        marker = f"--port\0{port}\0".encode()
        served = [path.parent for path in Path("/proc").glob("[0-9]*/cmdline") if marker in _read(path)]
        return cls(lambda: served)

    @classmethod
    def of_server(cls, folder: Path) -> Meter:
        """A PostgreSQL server and the backends that it has at the moment."""
        first = (folder / "data" / "postmaster.pid").read_text().split()[0]
        return cls(
            lambda: (process for process in Path("/proc").glob("[0-9]*") if first in (process.name, _parent(process)))
        )

    @classmethod
    def of(cls, pids: Iterable[int]) -> Meter:
        """These processes."""
        folders = [Path("/proc") / str(pid) for pid in pids]
        return cls(lambda: folders)

    def cpu(self) -> float:
        """Seconds so far, user and system, with those of children that have ended."""
        fields = (_fields(process) for process in self.find())
        return sum(int(ticks) for field in fields for ticks in field[11:15]) / TICKS

    def resident(self) -> float:
        """Megabytes resident, the largest of the processes."""
        pages = (int(_read(process / "statm").split()[1]) for process in self.find())
        return max(pages) * 4096 / 1e6


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""


def _fields(process: Path) -> list[str]:
    """/proc/…/stat after the name: state, parent, …"""
    return _read(process / "stat").rpartition(b")")[2].decode().split()


def _parent(process: Path) -> str:
    return next(iter(_fields(process)[1:2]), "")


@dataclass(frozen=True)
class Bench:
    """Measures operations several times over; `store` is absent on SQLite, which runs inside the portal."""

    portal: Meter
    store: Meter | None
    times: int
    callers: int

    def measure(self, name: str, make: Make, beside: Make | None = None, peer: Meter | None = None) -> None:
        """Print milliseconds of CPU an operation (seconds for a thousand), the least and the median of the runs."""
        ours, theirs = [make() for _ in range(self.callers)], [beside() for _ in range(self.callers)] if beside else []
        sizes = [operation() for operation in [*ours, *theirs] for _ in range(WARM)]
        runs, others = [], []
        for _ in range(RUNS):
            runs.append(self._run(ours))
            others += [self._run(theirs, peer)] if peer and theirs else []
        portal, store, rate = (list(column) for column in zip(*runs, strict=True))
        print(
            f"{name:42} {min(portal):6.2f} / {median(portal):6.2f}   {min(store):6.2f} / {median(store):6.2f}   "
            f"{median(rate):6.0f}   {sizes[WARM - 1]:6}{_beside(runs, others)}",
            flush=True,
        )

    def measure_in_hashes(self, name: str, make: Make) -> None:
        """Print what an operation costs, store included, over one password hash taken before and after each run."""
        operations = [make() for _ in range(self.callers)]
        for operation in operations:
            for _ in range(WARM):
                operation()
        ratios, hashes, costs = [], [_hash()], []
        for _ in range(RUNS):
            portal, store, _rate = self._run(operations)
            hashes.append(_hash())
            costs.append((portal, store))
            ratios.append((portal + store) / (sum(hashes[-2:]) / 2))
        portal, store = min(costs)
        print(
            f"{name:42} {portal:6.2f} + {store:.2f}, a hash {min(hashes):.2f}: "
            f"{min(ratios):.2f} / {median(ratios):.2f} hashes",
            flush=True,
        )

    def _run(self, operations: list[Callable[[], int]], peer: Meter | None = None) -> tuple[float, float, float]:
        each, server = max(1, self.times // len(operations)), peer or self.portal
        before, store, wall = server.cpu(), self._store(), time.monotonic()
        with ThreadPoolExecutor(len(operations)) as callers:
            list(callers.map(lambda operation: [operation() for _ in range(each)], operations))
        done = each * len(operations)
        wall = time.monotonic() - wall
        return (server.cpu() - before) / done * 1000, (self._store() - store) / done * 1000, done / wall

    def _store(self) -> float:
        return self.store.cpu() if self.store else 0.0


def _beside(runs: list[tuple[float, float, float]], others: list[tuple[float, float, float]]) -> str:
    """What the peer cost, store included, and ours over it: the median of the ratios of neighbouring runs."""
    if not others:
        return ""
    ratios = [(portal + store) / cpu for (portal, store, _), (cpu, _, _) in zip(runs, others, strict=True) if cpu]
    costs = [cpu for cpu, _, _ in others]
    return f"   {min(costs):6.2f} / {median(costs):6.2f}   {median(ratios):5.2f}" if ratios else ""


def page(visitor: requests.Session, url: str) -> Callable[[], int]:
    """Fetch a page in a browser like `visitor`'s, redirects not followed; gives its bytes on the wire."""
    session = like(visitor)

    def operation() -> int:
        answer = session.get(url, timeout=30, allow_redirects=False)
        assert answer.status_code == 200, (url, answer.status_code)
        return int(answer.headers["Content-Length"])

    return operation


def run(demo: Demo, database: str, store: Meter | None, times: int, callers: int, flows: int) -> None:
    bench = Bench(Meter.of_portal(urlsplit(demo.portal).port or 80), store, times, callers)
    visitor, resident = requests.Session(), signed_in(demo, demo.person("citizen"))
    officer = signed_in(demo, demo.person("officer_receiving"))
    header = f"{'ms an operation, least / median of 5 runs':42}   portal CPU        store CPU       a second    bytes"
    print(header)
    for name, session, path in (
        ("home page", visitor, "/"),
        ("start of an application", visitor, "/apply"),
        ("sign-in page", visitor, "/sign-in"),
        ("account overview", resident, "/account"),
        ("account history", resident, "/account/history"),
        ("what I share", resident, "/account/consents"),
        ("my browsers", resident, "/account/sessions"),
        ("officer's queue", officer, "/office/queue"),
    ):
        bench.measure(name, partial(page, session, f"{demo.portal}{path}"))
    ours = Provider.of(demo, resident)
    CodeFlow(ours).consent()
    with running_peer() as found:
        print(f"{header}   npm peer, all    ours / peer" if found else "no Node 22, or no packages for it: no npm peer")
        peer, meter = (found[0], Meter.of(found[1])) if found else (None, None)
        for name, operation in (
            ("W1 discovery and keys", Documents),
            ("W2 code flow (authorize, token, userinfo)", CodeFlow),
            ("W3 refresh", Refresh),
            ("W4 introspection", Introspection),
            ("W5 client credentials", Machine),
        ):
            bench.measure(name, partial(operation, ours), peer and partial(operation, peer), meter)
    bound = partial(BoundFlow, ours, next(client for client in demo.known["clients"] if _is_bound(client)))
    bound().consent()
    bench.measure("W2 pushed, private_key_jwt, DPoP, ES256", bound)
    slow, citizen = replace(bench, times=max(callers, times // 5)), demo.person("citizen")
    slow.measure_in_hashes("W6 with the code of an app", partial(SignIn, ours, citizen, has_app=True))
    forget_apps(database)
    slow.measure_in_hashes("W6 sign-in", partial(SignIn, ours, citizen, has_app=False))
    print(f"memory of the portal process: {bench.portal.resident():.0f} MB resident", flush=True)
    if flows:
        flow = CodeFlow(ours)
        for _ in range(flows):
            flow()
        print(f"the same after {flows} more code flows: {bench.portal.resident():.0f} MB", flush=True)


def _is_bound(client: dict[str, Any]) -> bool:
    return client["auth_method"] == "private_key_jwt" and client["jwks_private"]["keys"][0]["kty"] == "EC"


def forget_apps(database: str) -> None:
    """Residents sign in with their password alone from now on."""
    with create_engine(database).begin() as connection:
        connection.execute(text("UPDATE account SET totp_secret_sealed = NULL WHERE kind = 'resident'"))


def _hash() -> float:
    """Milliseconds of CPU that one hash takes here at our setting, one right after the other."""
    began, count = time.process_time(), 20
    for _ in range(count):
        with suppress(VerifyMismatchError):
            HASHER.verify(DUMMY, "a password")
    return (time.process_time() - began) / count * 1000


def load_people(number: int) -> None:
    """Generate a population and load it into fresh registers."""
    with tempfile.TemporaryDirectory(prefix="portal-bench-") as folder:
        began, cpu = time.monotonic(), time.process_time()
        with open_session(f"sqlite:///{folder}/registers.db") as registers:
            load(registers, generate(number, seed=1))
            registers.commit()
        spent = time.monotonic() - began, time.process_time() - cpu
    print(f"{number} synthetic people generated and loaded: {spent[0]:.1f} s wall, {spent[1]:.1f} s CPU")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=200, help="operations in each of the five runs")
    parser.add_argument("--callers", type=int, default=1, help="at once")
    parser.add_argument("--sqlite", action="store_true", help="measure on SQLite instead")
    parser.add_argument("--flows", type=int, default=5_000, help="code flows before memory is looked at again")
    parser.add_argument("--people", type=int, default=10_000)
    chosen = parser.parse_args()
    load_people(chosen.people)
    folder = Path(tempfile.mkdtemp(prefix="portal-bench-"))
    if chosen.sqlite:
        with running_demo(folder) as demo:
            run(demo, f"sqlite:///{folder}/portal.db", None, chosen.times, chosen.callers, chosen.flows)
        return
    server = PostgreSQL.start()
    database = server.create("bench")
    with server.stop, running_demo(folder, DATABASE_URL=database) as demo:
        run(demo, database, Meter.of_server(server.folder), chosen.times, chosen.callers, chosen.flows)


if __name__ == "__main__":
    main()
