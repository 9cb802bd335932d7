"""200 phones send 20 records each at the same moment, twice, over PostgreSQL: nothing lost, nothing doubled.

python -m tests.load.phones --phones 200 --records 20
"""

from __future__ import annotations

import argparse
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import quantiles
from threading import Barrier
from typing import Any
from uuid import UUID, uuid4

import requests
from sqlalchemy import func, select

from identity.audit import SYSTEM
from identity.places import unit_by_code
from identity.session import open_session
from identity.staff import hire
from identity.vault import Vault
from onboarding.assistance import AssistanceEvent
from onboarding.team import appoint, found_team
from portal.database import Database, connect
from portal.demo.population import WARD_CODE
from portal.gateways.keys import read_keys
from portal.settings import Setting, Settings
from tests.browser.conftest import Demo, running_demo
from tests.load.bench import Meter
from tests.servers import PostgreSQL

TEAM_SIZE, PATIENCE_SECONDS = 10, 120


@dataclass
class Phone:
    """One member's phone, signed in, with its outbox."""

    portal: str
    token: str
    records: list[dict[str, Any]]
    seconds: float = 0
    tries: int = 0

    def send(self, gate: Barrier) -> list[str]:
        """Send as the app does: again after a failure, with a fresh form token; the states that came back."""
        with requests.Session() as browser:
            browser.cookies.set("eid_session", self.token)
            gate.wait()
            began = time.monotonic()
            while time.monotonic() - began < PATIENCE_SECONDS:
                self.tries += 1
                states = self._once(browser)
                if states is not None:
                    self.seconds = time.monotonic() - began
                    return states
                time.sleep(0.5)
        raise AssertionError("the server never took the batch")

    def _once(self, browser: requests.Session) -> list[str] | None:
        try:
            hello = browser.get(f"{self.portal}/team/sync", timeout=60)
            if not hello.ok:
                return None
            body = {"owner": hello.json()["owner"], "sent_at": _iso(datetime.now(UTC)), "records": self.records}
            headers = {"X-CSRF-Token": hello.json()["token"]}
            answer = browser.post(f"{self.portal}/team/sync", json=body, headers=headers, timeout=60)
            return [each["state"] for each in answer.json()["records"]] if answer.ok else None
        except requests.RequestException:
            return None


def members(database: Database, number: int) -> list[str]:
    """Session tokens of as many members, in teams of ten."""
    moment, tokens = datetime.now(UTC), []
    with database.transaction() as db:
        ward = unit_by_code(db, WARD_CODE, on=moment.date())
        assert ward is not None
        for n in range(number):
            if n % TEAM_SIZE == 0:
                team = found_team(db, ward.id, f"Tổ {n // TEAM_SIZE}", SYSTEM, now=moment - timedelta(days=2))
                db.flush()
            account = hire(db, f"phone{n}", f"Người Thứ {n}", now=moment)
            db.flush()
            appoint(db, team, account.id, SYSTEM, now=moment - timedelta(days=2))
            db.flush()
            tokens.append(open_session(db, account, ("pwd", "otp", "mfa"), 2, now=moment).token)
    return tokens


def outbox(number: int) -> list[dict[str, Any]]:
    """Records of the last hours."""
    moment = datetime.now(UTC)
    plain = {"task": "payment", "mode": "guided", "result": "done", "minutes": 15}
    return [
        {**plain, "id": str(uuid4()), "happened_at": _iso(moment - timedelta(minutes=5 * n + 1))} for n in range(number)
    ]


def run(demo: Demo, phones: int, records: int) -> None:
    settings = Settings(setting=Setting.DEMONSTRATION, secret_key="x" * 40, var=demo.folder)
    database = connect(demo.known["database_url"], Vault(read_keys(settings)))
    crew = [Phone(demo.portal, token, outbox(records)) for token in members(database, phones)]
    meter = Meter.of_portal(int(demo.portal.rpartition(":")[2]))
    for turn, expected in (("first", "saved"), ("again", "known")):
        gate, cpu, began = Barrier(phones), meter.cpu(), time.monotonic()
        with ThreadPoolExecutor(phones) as pool:
            states = [state for answer in pool.map(lambda phone, gate=gate: phone.send(gate), crew) for state in answer]
        spent = time.monotonic() - began
        assert {*states} <= {expected, "known"} and len(states) == phones * records, set(states)
        waits = quantiles([phone.seconds for phone in crew], n=20)
        print(
            f"{turn}: {len(states)} records in {spent:.1f} s, {1000 * (meter.cpu() - cpu) / len(states):.2f} ms portal"
            f" CPU a record; a phone waited {waits[9]:.1f} s (median), {waits[18]:.1f} s (95 %); tries"
            f" {sum(phone.tries for phone in crew)}"
        )
        for phone in crew:
            phone.tries = 0
    check(database, {UUID(record["id"]) for phone in crew for record in phone.records})
    database.engine.dispose()


def check(database: Database, sent: set[UUID]) -> None:
    """Each record stands on the server, once."""
    with database.session(write=False) as db:
        stored = set(db.scalars(select(AssistanceEvent.id).where(AssistanceEvent.id.in_(sent))))
        number = db.scalar(select(func.count()).where(AssistanceEvent.id.in_(sent)))
    assert stored == sent and number == len(sent), f"{len(sent - stored)} lost, {number} stored"
    print(f"nothing lost, nothing doubled: {number} records of {len(sent)}")


def _iso(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--phones", type=int, default=200)
    parser.add_argument("--records", type=int, default=20)
    wanted = parser.parse_args()
    server = PostgreSQL.start()
    with (
        server.stop,
        tempfile.TemporaryDirectory() as folder,
        running_demo(Path(folder), DATABASE_URL=server.create("phones")) as demo,
    ):
        run(demo, wanted.phones, wanted.records)


if __name__ == "__main__":
    main()
