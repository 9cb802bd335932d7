"""What a replay costs: seconds of processor time per 1,000 people, of the replay and of PostgreSQL together.

python -m tests.load.replay --scale 50 --processes 2 [--profile]
python -m tests.load.replay --campaign dak-lak --scale 1000 --processes 2

Seconds of a processor are honest on a machine that others use too; seconds of a clock are not.
"""

from __future__ import annotations

import argparse
import cProfile
import os
import pstats
import resource
import tempfile
import time
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from sqlalchemy import event

from identity.places import load_units
from identity.vault import Keys, Vault
from portal.database import connect
from portal.demo.replay.dak_lak import run as dak_lak
from portal.demo.replay.dak_lak.published import NAME as DAK_LAK
from portal.demo.replay.dak_lak.run import Outcome
from portal.demo.replay.player import Asked
from portal.demo.replay.run import Figures, replay
from portal.gateways.keys import save
from portal.migrations import upgrade
from portal.settings import Setting, Settings
from tests.fakes import A_MONDAY
from tests.servers import PostgreSQL

TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Cost:
    """Of one replay."""

    outcome: Figures | Outcome
    people: int
    own: float
    server: float
    clock: float

    def __str__(self) -> str:
        both = self.own + self.server
        return (
            f"{self.outcome}\n"
            f"replay {self.own:.1f} s, database server {self.server:.1f} s of processor time\n"
            f"{1000 * both / self.people:.1f} s per 1,000 people: {2 * self.people / both:.0f} a second on two "
            f"whole cores; by the clock {self.people / self.clock:.1f} a second"
        )


def server_seconds(folder: Path) -> float:
    """Processor time of the cluster whose data lie here: of its processes, and of those that have ended."""
    postmaster = (folder / "data" / "postmaster.pid").read_text().split()[0]
    total = 0.0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if stat.parent.name == postmaster:
            total += sum(map(int, fields[11:15]))
        elif fields[1] == postmaster:
            total += sum(map(int, fields[11:13]))
    return total / TICKS


def own_seconds() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def prepared(folder: Path, url: str, name: str) -> Settings:
    """A migrated database with the units, and settings to play in it."""
    keys = Keys.generate()
    save(folder / "keys", keys)
    upgrade(url)
    database = connect(url, Vault(keys))
    with database.transaction() as db:
        load_units(db, now=A_MONDAY)
    database.engine.dispose()
    return Settings(
        setting=Setting.TEST,
        issuer="http://localhost",
        secret_key="a secret key that only this load uses",
        var=folder,
        keys=folder / "keys",
        database_url=url,
        register_database_url=f"sqlite:///{folder / 'registers.db'}",
    )


def measure(asked: Asked, processes: int, server: PostgreSQL | None) -> Cost:
    """Play and measure: of Dak Lak with counting and publication, of the other campaign without."""

    def now() -> tuple[float, float, float]:
        return own_seconds(), server_seconds(server.folder) if server else 0.0, time.monotonic()

    before = now()
    outcome: Figures | Outcome
    if asked.name == DAK_LAK:
        outcome = dak_lak.replay(
            asked.settings, asked.scale, None, told, clock=lambda: datetime.now(UTC), processes=processes
        )
        people = outcome.guided.numerator
    else:
        outcome = replay(asked, processes, told)
        people = outcome.applied
    own, of_server, clock = (b - a for a, b in zip(before, now(), strict=True))
    return Cost(outcome, people, own, of_server, clock)


def told(day: date, so_far: int, _of: int) -> None:
    """A line each ten days, with the memory of the largest process so far: neither may grow with what was played."""
    if day.day % 10 == 0:
        most = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
        print(f"{day} {so_far:6} people, {own_seconds():.1f} s of this process, {most // 1024} MB", flush=True)


def main() -> None:
    ask = argparse.ArgumentParser(description=__doc__)
    ask.add_argument("--scale", type=int, default=50)
    ask.add_argument("--campaign", default="2025")
    ask.add_argument("--processes", type=int, default=2)
    ask.add_argument("--sqlite", action="store_true")
    ask.add_argument("--profile", action="store_true", help="in one process: where the time goes, and which statements")
    asked = ask.parse_args()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        server = None if asked.sqlite else PostgreSQL.start()
        if server is not None:
            stack.enter_context(server.stop)
        url = server.create("replay") if server else f"sqlite:///{folder / 'replay.db'}"
        play = Asked(prepared(folder, url, "replay"), asked.campaign, asked.scale)
        if asked.profile:
            profiled(play, server)
        else:
            print(measure(play, asked.processes, server))


def profiled(play: Asked, server: PostgreSQL | None) -> None:
    """One process: functions by their own time, statements by how often they ran."""
    from collections import Counter

    from sqlalchemy import Engine

    ran: Counter[str] = Counter()
    rows: Counter[str] = Counter()

    def note(_c: object, _cursor: object, statement: str, given: object, _context: object, many: bool) -> None:
        ran[statement] += 1
        rows[statement] += len(given) if many else 1  # type: ignore[arg-type]

    event.listen(Engine, "before_cursor_execute", note)
    profile = cProfile.Profile()
    profile.enable()
    cost = measure(play, 1, server)
    profile.disable()
    print(cost)
    for order in ("tottime", "cumtime"):
        pstats.Stats(profile).sort_stats(order).print_stats(70)
    print(sum(ran.values()), "statements", sum(rows.values()), "rows given")
    for statement, count in ran.most_common(45):
        print(count, rows[statement], " ".join(statement.split())[:260])


if __name__ == "__main__":
    main()
