"""The whole replay of Dak Lak, and what the facts say at its end."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from identity.places import unit_by_code
from onboarding.figures.facts import Figure, fact
from onboarding.figures.periods import span
from onboarding.team import Team
from portal.demo.replay.counting import count_and_publish
from portal.demo.replay.dak_lak.plan import SEED
from portal.demo.replay.dak_lak.player import Asked, Player
from portal.demo.replay.dak_lak.published import Province
from portal.demo.replay.hands import hands
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


def replay(
    settings: Settings, scale: int, seed: int | None, told: Told, *, clock: Callable[[], datetime], processes: int = 1
) -> Outcome:
    """Play what has not been played, count and publish. Ends early only by an exception, and can be called again."""
    asked = Asked(settings, scale, SEED if seed is None else seed)
    player = Player(asked)
    try:
        player.prepare(now=clock())
        so_far, played = 0, player.played
        with hands(partial(Player, asked), processes) as at_work:
            for day in played.days:
                so_far += at_work.play(player.lanes, day)
                told(day, so_far, played.guided)
        player.end()
        count_and_publish(player.database, clock=clock)
        with player.database.session(write=False) as db:
            return outcome(db, played)
    finally:
        player.close()


def outcome(db: Session, played: Province) -> Outcome:
    """The figures of the province in the campaign's days."""
    days, province = span(played.first_day, played.last_day), unit_by_code(db, played.code, on=played.first_day)
    ward = unit_by_code(db, played.ward, on=played.first_day)
    assert province is not None and ward is not None
    skilled, guided = (fact(db, code, province.id, days) for code in (SKILLED, GUIDED))
    assert skilled is not None and guided is not None
    teams = select(func.count()).select_from(Team).where(Team.unit_id == ward.id)
    return Outcome(len(played.communes()), db.scalar(teams) or 0, skilled, guided)
