"""What dashboards cost over HTTP with a year of events: each page's time by the clock, its processor time, statements.

The portal is a process of its own, asked page by page by who may see it: the province's leader, the ward's coordinator,
a member of a team.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import median, quantiles
from uuid import UUID

import requests
from sqlalchemy import select

from identity.account import get_account
from identity.audit import SYSTEM
from identity.places import Unit
from identity.registers.embedded import open_registers
from identity.session import open_session
from identity.staff import give_role, hire
from onboarding.team import Team, appoint
from portal.assembly import create_app
from portal.commands import server_arguments
from portal.database import Database
from portal.security.cookies import SESSION
from portal.services import Services
from portal.settings import Setting, Settings
from tests.servers import free_port, process, settings_of, wait_for
from tests.statements import heard

SECRET = "a secret key that only load tools use"
WARM, TIMES = 3, 40
HEADER = "X-Processor-Time"
"""As in `tests.load.timed`, which makes a portal when it is imported."""


@dataclass(frozen=True, slots=True)
class Page:
    """One address and whose session opens it."""

    name: str
    path: str
    token: str


def measure_pages(database: Database, folder: Path, url: str, province: UUID) -> float:
    """Print a line for each page; the slowest p95 in seconds."""
    pages, slowest = pages_for(database, province), 0.0
    counted = statements_of(database, folder, url, pages)
    with served(folder, url) as address, requests.Session() as browser:
        for page in pages:
            clock, cost, size = asked_again(browser, address, page)
            p95 = quantiles(clock, n=20)[-1]
            slowest = max(slowest, p95)
            middle, own = median(clock) * 1000, median(cost) / 1000
            times = f"p95 {p95 * 1000:6.1f} ms, middle {middle:6.1f} ms, {own:5.1f} ms of the process"
            print(f"{page.name:32} {times}, {counted[page.path]:3} statements, {size:,} bytes", flush=True)
    return slowest


def pages_for(database: Database, province: UUID) -> list[Page]:
    """All four levels, the wall, the lists of units and what is exported, of the year and of one month."""
    now = datetime.now(UTC)
    with database.transaction() as db:
        ward = db.scalars(select(Unit.id).where(Unit.parent_id == province).order_by(Unit.code)).first()
        team = db.scalars(select(Team).where(Team.unit_id == ward).order_by(Team.id)).first()
        assert ward is not None and team is not None
        staff = {
            name: hire(db, f"load-{name}", name.title(), now=now).id for name in ("leader", "coordinator", "member")
        }
        db.flush()
        give_role(db, staff["leader"], "leader", province, SYSTEM, now=now)
        give_role(db, staff["coordinator"], "coordinator", ward, SYSTEM, now=now)
        appoint(db, team, staff["member"], SYSTEM, now=now)
        team_id = team.id
        opened = {
            name: open_session(db, get_account(db, account), ("pwd", "otp"), 2, now=now).token
            for name, account in staff.items()
        }
    places = {"nation": ("leader", "/figures/nation"), "province": ("leader", f"/figures/units/{province}")}
    places["ward"] = ("coordinator", f"/figures/units/{ward}")
    found = [Page("team", f"/figures/teams/{team_id}?period=2025-07", opened["member"])]
    for name, (who, path) in places.items():
        parts = ("", "/wall", "/units", "/figures.csv") if name != "ward" else ("", "/wall", "/figures.csv")
        found += [
            Page(f"{name}{part} {period}", f"{path}{part}?period={period}", opened[who])
            for part in parts
            for period in ("2025", "2025-07")
        ]
    return found


def statements_of(database: Database, folder: Path, url: str, pages: list[Page]) -> Mapping[str, int]:
    """How many statements each page takes once everything is compiled, counted in this process."""
    settings = settings_for(folder, url)
    services = Services(
        settings, lambda: datetime.now(UTC), database.vault, *open_registers(settings.register_database_url)
    )
    client = create_app(settings, services, database).test_client()
    found = {}
    for page in pages:
        client.set_cookie(SESSION, page.token)
        assert client.get(page.path).status_code == 200, page
        with heard(database) as statements:
            client.get(page.path)
        found[page.path] = len(statements)
    return found


def asked_again(browser: requests.Session, address: str, page: Page) -> tuple[list[float], list[int], int]:
    """The times by the clock and of the processor, and how much came."""
    clock, cost, size = [], [], 0
    browser.cookies.update({SESSION: page.token, "language": "vi"})
    for number in range(WARM + TIMES):
        begun = time.monotonic()
        answer = browser.get(address + page.path, timeout=120)
        spent = time.monotonic() - begun
        assert answer.status_code == 200, (page, answer.status_code)
        if number >= WARM:
            clock.append(spent)
            cost.append(int(answer.headers[HEADER]))
            size = len(answer.content)
    return clock, cost, size


@contextmanager
def served(folder: Path, url: str) -> Iterator[str]:
    """A portal of one process; its address."""
    port = free_port()
    settings = settings_for(folder, url)
    environment = settings_of(folder, url, PORT=str(port), RATE_LIMITS="off", SECRET_KEY=SECRET)
    arguments = [*server_arguments(settings.model_copy(update={"port": port}), 1, 4)[:-1], "tests.load.timed:app"]
    with ExitStack() as running:
        portal = running.enter_context(process(*arguments, environment=environment, log=folder / "web.log"))
        wait_for(f"http://127.0.0.1:{port}/healthz", portal, folder / "web.log", 120)
        yield f"http://127.0.0.1:{port}"


def settings_for(folder: Path, url: str) -> Settings:
    return Settings(
        setting=Setting.TEST,
        secret_key=SECRET,
        var=folder,
        keys=folder / "keys",
        database_url=url,
        register_database_url=f"sqlite:///{folder / 'registers.db'}",
        rate_limits=False,
    )
