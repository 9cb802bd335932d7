"""Plays the days of some communes, a transaction each, in this process.

A commune's day is marked in the one-winner ledger in its own transaction: who starts again does nothing twice.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from functools import cached_property
from urllib.parse import urlsplit

from identity import once
from identity.credentials.passkey import Site
from identity.deadlines import VIETNAM
from identity.registers.embedded import open_session
from identity.registers.synthetic import SyntheticCitizen, load
from identity.vault import Vault
from portal.database import connect
from portal.demo.replay import messages
from portal.demo.replay.activating import Settled
from portal.demo.replay.dak_lak.acts import Scene, do_day
from portal.demo.replay.dak_lak.forces import found_teams, order
from portal.demo.replay.dak_lak.plan import SEED, Plan, draw_plan
from portal.demo.replay.dak_lak.published import read
from portal.demo.replay.player import FOREVER, MARK
from portal.gateways.keys import read_keys
from portal.settings import Settings

COMMUNES = 9
"""In one lane: enough people a day that their rows go together, and on a Saturday not too many for one transaction."""
Lane = list[str]


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be played, and where."""

    settings: Settings
    scale: int
    seed: int = SEED


class Player:
    """One process at work. Each draws the same plan from the seed and opens its own connections."""

    def __init__(self, asked: Asked) -> None:
        self.asked = asked
        self.played = read(asked.scale)
        self.database = connect(asked.settings.database_url, Vault(read_keys(asked.settings)))
        self.database.engine.dialect.use_insertmanyvalues_wo_returning = True  # a day's rows in one statement

    @cached_property
    def plan(self) -> Plan:
        drawn = draw_plan(self.played, self.asked.seed)
        gc.freeze()  # it stays: the collector need not walk over it again and again
        return drawn

    @cached_property
    def scene(self) -> Scene:
        issuer = self.asked.settings.issuer
        settled = Settled.at(Site(urlsplit(issuer).hostname or "localhost", issuer, "replay"))
        return Scene(self.played, self.asked.seed, settled)

    @property
    def lanes(self) -> list[Lane]:
        """Its communes; none of them waits for another."""
        communes = self.played.communes()
        return [communes[at : at + COMMUNES] for at in range(0, len(communes), COMMUNES)]

    def prepare(self, *, now: datetime) -> None:
        """The campaign is ordered, teams are founded, and the population register knows the people."""
        first = datetime.combine(self.played.first_day, time(0), VIETNAM).astimezone(UTC)
        with self.database.transaction() as db:
            order(db, self.played, now=first, today=now)
        for commune in self.played.communes():
            with self.database.transaction() as db:
                found_teams(db, self.played, commune, now=first)
        with open_session(self.asked.settings.register_database_url) as register:
            load(register, self._people())
            register.commit()

    def play_lane(self, lane: Lane, day: date) -> int:
        """The day of every commune of the lane; how many were guided, also where it had been done before."""
        due = {commune: self.plan[commune, day] for commune in lane if (commune, day) in self.plan}
        if not due:
            return 0
        with self.database.transaction() as db:
            marks = {commune: f"{self.played.mark}:{commune}:{day}" for commune in due}
            left = {at: due[at] for at, mark in marks.items() if once.spend(db, MARK, mark, expires_at=FOREVER)}
            if left:
                do_day(db, self.scene, day, left)
        return sum(len(team.guided) for teams in due.values() for team in teams.values())

    def end(self) -> None:
        """The campaign is over."""
        with self.database.transaction() as db:
            messages.wipe_unread(db, self.played)

    def close(self) -> None:
        self.database.engine.dispose()

    def _people(self) -> Iterator[SyntheticCitizen]:
        for (commune, _day), teams in self.plan.items():
            for team in teams.values():
                yield from (self.scene.person(number, commune) for number in team.guided)
