"""`make bench`: what a page and a code flow cost in server CPU, on a fresh demonstration over PostgreSQL.

CPU seconds for 1,000 operations are the steady figure; wall time depends on the neighbours. They do a little too, so
the flows of relying parties are measured beside npm's oidc-provider, run by run in turn: the ratio is the figure that
means something on another machine.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from statistics import median, quantiles
from typing import Any
from urllib.parse import urlsplit

import requests
from argon2.exceptions import VerifyMismatchError
from sqlalchemy import create_engine, select, text, update

from identity.credentials.passwords import DUMMY, HASHER
from identity.oidc.clients import KEPT_SECONDS, RelyingParty
from identity.registers.embedded import open_session
from identity.registers.synthetic import generate, load
from tests.browser.conftest import Demo, running_demo
from tests.load.fapi import BoundFlow
from tests.load.flows import CodeFlow, Documents, Introspection, Machine, Provider, Refresh, SignIn, like, signed_in
from tests.load.meter import Meter
from tests.load.peer import running_peer
from tests.load.workers import two_workers
from tests.servers import PostgreSQL

Make = Callable[[], Callable[[], int]]
RUNS, WARM, RIPE = 5, 30, 600
"""After 30 operations every connection of ours has its statements prepared. The peer's engine compiles what it has seen
often: a code flow cost it 6.9 ms in the first 200, 4.1 after 600, so so many come before it is measured."""


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
        sizes = [operation() for operation in ours for _ in range(WARM)]
        for operation in theirs:
            for _ in range(RIPE // self.callers):
                operation()
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

    def measure_waiting(self, name: str, make: Make, beside: Make | None = None) -> None:
        """Print how long one caller waits, in milliseconds by the clock: half of the times, and 99 of 100 (p99)."""
        kinds: list[tuple[str, Callable[[], int], list[float]]] = [("ours", make(), [])]
        kinds += [("npm peer", beside(), [])] if beside else []
        for number in range(WARM + RUNS * self.times):
            for _, operation, waits in kinds:
                began = time.perf_counter()
                operation()
                waits += [(time.perf_counter() - began) * 1000] if number >= WARM else []
        told = (f"{who} {median(waits):.1f}, p99 {quantiles(waits, n=100)[98]:.1f}" for who, _, waits in kinds)
        print(f"{name:42} {'; '.join(told)}", flush=True)

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
        bench.measure_waiting("W2 in milliseconds by the clock", *(partial(CodeFlow, at) for at in (ours, peer) if at))
        sign_with(database, ours.client, "RS256")
        rsa = peer and replace(peer, client=peer.rsa)
        bench.measure("W2 code flow, RS256", partial(CodeFlow, ours), rsa and partial(CodeFlow, rsa), meter)
        sign_with(database, ours.client, "ES256")
    bound = partial(BoundFlow, ours, next(client for client in demo.known["clients"] if _is_bound(client)))
    bound().consent()
    bench.measure("W2 pushed, private_key_jwt, DPoP, ES256", bound)
    if store:
        print(f"two workers after {times} code flows: {two_workers(demo, database, times):.0f} MB (PSS)", flush=True)
    sign_ins(replace(bench, times=max(callers, times // 5)), demo, database, ours)
    print(f"memory of the portal process: {bench.portal.resident():.0f} MB resident", flush=True)
    if flows:
        flow = CodeFlow(ours)
        for _ in range(flows):
            flow()
        print(f"the same after {flows} more code flows: {bench.portal.resident():.0f} MB", flush=True)


def sign_ins(bench: Bench, demo: Demo, database: str, ours: Provider) -> None:
    """W6: the second way takes the apps away, so it comes last."""
    citizen = demo.person("citizen")
    bench.measure_in_hashes("W6 with the code of an app", partial(SignIn, ours, citizen, has_app=True))
    forget_apps(database)
    bench.measure_in_hashes("W6 sign-in", partial(SignIn, ours, citizen, has_app=False))


def run_sign_ins(demo: Demo, database: str, store: Meter | None, times: int, callers: int) -> None:
    """W6 alone."""
    ours = Provider.of(demo, signed_in(demo, demo.person("citizen")))
    CodeFlow(ours).consent()
    sign_ins(Bench(Meter.of_portal(urlsplit(demo.portal).port or 80), store, times, callers), demo, database, ours)


def _is_bound(client: dict[str, Any]) -> bool:
    return client["auth_method"] == "private_key_jwt" and client["jwks_private"]["keys"][0]["kty"] == "EC"


def forget_apps(database: str) -> None:
    """Residents sign in with their password alone from now on."""
    with create_engine(database).begin() as connection:
        connection.execute(text("UPDATE account SET totp_secret_sealed = NULL WHERE kind = 'resident'"))


def sign_with(database: str, client: dict[str, Any], algorithm: str) -> None:
    """ID tokens of this client are signed so from now on; every process has read it after five seconds."""
    parties = RelyingParty.__table__
    with create_engine(database).begin() as connection:
        mine = parties.c.client_id == client["client_id"]
        details = connection.scalar(select(parties.c.details).where(mine))
        details = {**(details or {}), "id_token_signed_response_alg": algorithm}
        connection.execute(update(parties).where(mine).values(details=details))
    time.sleep(KEPT_SECONDS + 1)


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
    parser.add_argument("--sign-in", action="store_true", help="W6 alone")
    chosen = parser.parse_args()
    if not chosen.sign_in:
        load_people(chosen.people)
    folder = Path(tempfile.mkdtemp(prefix="portal-bench-"))
    if chosen.sqlite:
        with running_demo(folder) as demo:
            run(demo, f"sqlite:///{folder}/portal.db", None, chosen.times, chosen.callers, chosen.flows)
        return
    server = PostgreSQL.start()
    database = server.create("bench")
    with server.stop, running_demo(folder, DATABASE_URL=database) as demo:
        store = Meter.of_server(server.folder)
        if chosen.sign_in:
            run_sign_ins(demo, database, store, chosen.times, chosen.callers)
        else:
            run(demo, database, store, chosen.times, chosen.callers, chosen.flows)


if __name__ == "__main__":
    main()
