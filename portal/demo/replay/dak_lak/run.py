"""The whole replay of Dak Lak, and what the facts say at its end."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from urllib.parse import urlsplit

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from identity import once
from identity.credentials.passkey import Site
from identity.deadlines import VIETNAM
from identity.places import unit_by_code
from identity.registers.embedded import open_session
from identity.registers.synthetic import SyntheticCitizen, load
from identity.vault import Vault
from onboarding.figures.facts import Figure, fact
from onboarding.figures.periods import span
from onboarding.team import Team
from portal.database import Database, connect
from portal.demo.replay import messages
from portal.demo.replay.activating import Settled
from portal.demo.replay.counting import count_and_publish
from portal.demo.replay.dak_lak.acts import Scene, do_day
from portal.demo.replay.dak_lak.forces import found_teams, order
from portal.demo.replay.dak_lak.plan import SEED, Plan, draw_plan
from portal.demo.replay.dak_lak.published import Province, read
from portal.demo.replay.player import FOREVER, MARK
from portal.gateways.keys import read_keys
from portal.settings import Settings

SKILLED, GUIDED = "skilled-adults", "guided-adults"
Told = Callable[[date, int, int], None]
"""Called at the end of a day with the day, how many were guided so far, and how many will be."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """From events alone."""

    communes: int
    teams_of_ward: int
    skilled: Figure
    guided: Figure


def replay(settings: Settings, scale: int, seed: int | None, told: Told, *, now: datetime) -> Outcome:
    """Play what has not been played, count and publish. Ends early only by an exception, and can be called again."""
    played, seed = read(scale), SEED if seed is None else seed
    database = connect(settings.database_url, Vault(read_keys(settings)))
    try:
        scene, plan = Scene(played, seed, _settled(settings)), draw_plan(played, seed)
        _prepare(database, settings, scene, plan, now=now)
        so_far = 0
        for day in played.days:
            for commune, teams in ((at, teams) for (at, on), teams in plan.items() if on == day):
                with database.transaction() as db:
                    if once.spend(db, MARK, f"{played.mark}:{commune}:{day}", expires_at=FOREVER):
                        do_day(db, scene, commune, day, teams)
                so_far += sum(len(team.guided) for team in teams.values())
            told(day, so_far, played.guided)
        with database.transaction() as db:
            messages.wipe_unread(db, played)
        count_and_publish(database, now=now)
        with database.session(write=False) as db:
            return outcome(db, played)
    finally:
        database.engine.dispose()


def outcome(db: Session, played: Province) -> Outcome:
    """The figures of the province in the campaign's days."""
    days, province = span(played.first_day, played.last_day), unit_by_code(db, played.code, on=played.first_day)
    ward = unit_by_code(db, played.ward, on=played.first_day)
    assert province is not None and ward is not None
    skilled, guided = (fact(db, code, province.id, days) for code in (SKILLED, GUIDED))
    assert skilled is not None and guided is not None
    teams = select(func.count()).select_from(Team).where(Team.unit_id == ward.id)
    return Outcome(len(played.communes()), db.scalar(teams) or 0, skilled, guided)


def _prepare(database: Database, settings: Settings, scene: Scene, plan: Plan, *, now: datetime) -> None:
    """The campaign is ordered, teams are founded, and the population register knows the people."""
    played = scene.played
    first = datetime.combine(played.first_day, time(0), VIETNAM).astimezone(UTC)
    with database.transaction() as db:
        order(db, played, now=first, today=now)
    for commune in played.communes():
        with database.transaction() as db:
            found_teams(db, played, commune, now=first)
    with open_session(settings.register_database_url) as register:
        load(register, _people(scene, plan))
        register.commit()


def _people(scene: Scene, plan: Plan) -> Iterator[SyntheticCitizen]:
    for (commune, _day), teams in plan.items():
        for team in teams.values():
            yield from (scene.person(number, commune) for number in team.guided)


def _settled(settings: Settings) -> Settled:
    return Settled.at(Site(urlsplit(settings.issuer).hostname or "localhost", settings.issuer, "replay"))
