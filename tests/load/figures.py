"""What figures cost with a year of events: a full rebuild, a day, publication, and what a page reads.

python -m tests.load.figures --events 5000000 --database postgresql
python -m tests.load.figures --events 1000000 --database sqlite
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from statistics import quantiles
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from identity.places import Unit, load_units
from identity.vault import Keys, Vault
from onboarding.figures.facts import count_anew, facts_of
from onboarding.figures.model import NATION, IndicatorFact
from onboarding.figures.periods import read_period
from onboarding.figures.published import published
from onboarding.figures.registry import fed
from portal.counting import count_what_waits, mark_every_day, publish
from portal.database import Database, connect
from portal.gateways.keys import save
from portal.migrations import upgrade
from tests.load.figures_pages import measure_pages
from tests.load.figures_year import LAST, Year
from tests.servers import PostgreSQL

REBUILD_SECONDS, READ_SECONDS = 600, 0.2
NOW = datetime(2026, 1, 2, 3, 0, tzinfo=UTC)
PERIODS = ("2025", "2025-H2", "2025-Q3", "2025-07", "2025-W27", "2025-07-14", "S2025-07")


def main() -> None:
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("--events", type=int, default=100_000)
    ask.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    ask.add_argument("--check", action="store_true", help="Fail where a goal is not reached.")
    said = ask.parse_args()
    with opened(said.database) as (database, folder, url):
        missed = measure(database, folder, url, said.events)
    if said.check and missed:
        raise SystemExit(f"not reached: {', '.join(missed)}")


@contextmanager
def opened(kind: str) -> Iterator[tuple[Database, Path, str]]:
    """A fresh database of that kind with the administrative units, the folder of its keys, and its address."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        folder, keys = Path(name), Keys.generate()
        server = PostgreSQL.start() if kind == "postgresql" else None
        url = server.create("figures") if server else f"sqlite:///{folder / 'figures.db'}"
        save(folder / "keys", keys)
        upgrade(url)
        database = connect(url, Vault(keys))
        try:
            with database.transaction() as db:
                load_units(db, now=NOW)
            yield database, folder, url
        finally:
            database.engine.dispose()
            if server:
                server.stop.close()


def measure(database: Database, folder: Path, url: str, events: int) -> list[str]:
    """Print each figure; the goals that were missed."""
    province = timed("fill", lambda: Year(database, events).fill())[0]
    _, rebuilt = timed("full rebuild", lambda: rebuild(database))
    timed("one day again, unchanged", lambda: count_day_again(database))
    timed("publication", lambda: publish(database, clock=lambda: NOW))
    with database.session(write=False) as db:
        print(f"  {db.scalar(select(func.count()).select_from(IndicatorFact)):,} rows of facts")
    slowest = reads(database, province)
    page = measure_pages(database, folder, url, province)
    missed = {"full rebuild": rebuilt > REBUILD_SECONDS, "reads": slowest > READ_SECONDS, "pages": page > READ_SECONDS}
    return [name for name, is_missed in missed.items() if is_missed]


def timed(name: str, work: Callable[[], Any]) -> tuple[Any, float]:
    began, busy = time.monotonic(), time.process_time()
    result = work()
    seconds = time.monotonic() - began
    print(f"{name:28} {seconds:8.2f} s, {time.process_time() - busy:.2f} s of it in this process", flush=True)
    return result, seconds


def rebuild(database: Database) -> None:
    """As `flask figures rebuild` does it."""
    mark_every_day(database)
    count_what_waits(database, now=NOW)


def count_day_again(database: Database) -> None:
    with database.transaction() as db:
        count_anew(db, {LAST - timedelta(days=100)}, now=NOW + timedelta(hours=1))


def reads(database: Database, province: UUID) -> float:
    """p95 of what a page of the province and one of the nation read: all their places, one indicator, one period."""
    with database.session(write=False) as db:
        communes = list(db.scalars(select(Unit.id).where(Unit.parent_id == province)))
    slowest = 0.0
    for name, read in (
        ("facts of all communes", lambda db, one, period: facts_of(db, one.code, communes, period.first, period.end)),
        ("published, one place", lambda db, one, period: published(db, one, province, period)),
        ("published, the nation", lambda db, one, period: published(db, one, NATION, period)),
    ):
        taken = [_one_read(database, read, one, code) for one in fed() for code in PERIODS]
        p95 = quantiles(taken, n=20)[-1]
        slowest = max(slowest, p95)
        print(f"{name:28} p95 {p95 * 1000:6.1f} ms of {len(taken)}", flush=True)
    return slowest


def _one_read(database: Database, read: Callable[..., Any], one: Any, code: str) -> float:
    began = time.monotonic()
    with database.session(write=False) as db:
        read(db, one, read_period(code, on=date(2026, 1, 2)))
    return time.monotonic() - began


if __name__ == "__main__":
    main()
