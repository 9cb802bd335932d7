"""Plays the days of working groups, a transaction each, in this process.

A group's day is marked in the one-winner ledger in its own transaction: who starts again, or starts twice, does nothing
twice.
"""

from __future__ import annotations

import gc
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from functools import cached_property
from urllib.parse import urlsplit

from identity import once
from identity.credentials.passkey import Site
from identity.deadlines import VIETNAM
from identity.registers.embedded import open_session
from identity.registers.synthetic import load
from identity.vault import Vault
from portal.database import connect
from portal.demo.replay import campaign, messages, plan
from portal.demo.replay.activating import Settled
from portal.demo.replay.acts import Scene, do_day
from portal.demo.replay.campaign import Group
from portal.demo.replay.orders import order
from portal.demo.replay.people import people
from portal.demo.replay.staff import desk_of, hire_groups
from portal.gateways.keys import read_keys
from portal.settings import Settings

MARK = "demo-replay"
FOREVER = datetime(2200, 1, 1, tzinfo=UTC)
"""The ledger's sweep leaves the marks alone."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be played, and where."""

    settings: Settings
    name: str = "2025"
    scale: int = 1
    seed: int = plan.SEED


class Player:
    """One process at work. Each draws the same plan from the seed and opens its own connections."""

    def __init__(self, asked: Asked) -> None:
        self.asked = asked
        self.played = campaign.read(asked.name, asked.scale)
        self.database = connect(asked.settings.database_url, Vault(read_keys(asked.settings)))
        self.database.engine.dialect.use_insertmanyvalues_wo_returning = (
            True  # a day's rows of a table in one statement
        )

    @cached_property
    def plan(self) -> dict[tuple[int, date], plan.Day]:
        drawn = plan.draw_plan(self.played, self.asked.seed)
        gc.freeze()  # it stays: the collector need not walk over it again and again
        return drawn

    @cached_property
    def settled(self) -> Settled:
        issuer = self.asked.settings.issuer
        return Settled.at(Site(urlsplit(issuer).hostname or "localhost", issuer, "replay"))

    def prepare(self) -> None:
        """The campaign is ordered, its groups are hired, and the immigration register knows the people."""
        first = datetime.combine(self.played.first_day, time(0), VIETNAM).astimezone(UTC)
        with self.database.transaction() as db:
            order(db, self.played, now=first)
            hire_groups(db, self.played, now=first)
        with open_session(self.asked.settings.register_database_url) as register:
            load(register, people(range(self.played.applied), self.asked.seed, self.played.first_day))
            register.commit()

    def play_lane(self, lane: list[Group], day: date) -> int:
        """Every group of the lane, one after the other; how many applied, also where it had been done before."""
        return sum(self._play(group, day) for group in lane)

    def _play(self, group: Group, day: date) -> int:
        steps = self.plan.get((group.number, day))
        if steps is None:
            return 0
        with self.database.transaction() as db:
            if once.spend(db, MARK, f"{self.played.mark}:{group.number}:{day}", expires_at=FOREVER):
                desk = desk_of(db, self.played, group)
                do_day(db, Scene(self.played, self.asked.seed, desk, self.settled), steps)
        return len(steps.get(plan.Act.APPLY, ()))

    def end(self) -> None:
        """The campaign is over."""
        with self.database.transaction() as db:
            messages.wipe_unread(db, self.played)

    def close(self) -> None:
        self.database.engine.dispose()
