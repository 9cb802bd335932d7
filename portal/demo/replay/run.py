"""The whole replay: a clock that moves from day to day, and what stands in the database at its end."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial

from sqlalchemy import text
from sqlalchemy.orm import Session

from identity.deadlines import end_of_day
from portal.demo.replay.campaign import Played
from portal.demo.replay.counting import count_and_publish
from portal.demo.replay.hands import hands
from portal.demo.replay.player import Asked, Player


@dataclass(frozen=True, slots=True)
class Figures:
    """What was published, counted again from the rows."""

    applied: int
    issued: int
    activated: int

    @property
    def waiting(self) -> int:
        return self.issued - self.activated


Told = Callable[[date, int, int], None]
"""Called at the end of a day with the day, how many have applied so far, and how many will."""


def replay(asked: Asked, processes: int, told: Told) -> Figures:
    """Play what has not been played; returns the figures. Ends early only by an exception, and can be called again."""
    player = Player(asked)
    try:
        player.prepare()
        so_far, played = 0, player.played
        lanes = sorted(played.lanes, key=len, reverse=True)  # the longest first, so that none is left over at the end
        with hands(partial(Player, asked), processes) as at_work:
            for day in played.days:
                so_far += at_work.play(lanes, day)
                told(day, so_far, played.applied)
        player.end()
        with player.database.session(write=False) as db:
            return figures(db, played)
    finally:
        player.close()


def publish(asked: Asked, *, clock: Callable[[], datetime]) -> None:
    """Count the facts from what was played, and publish them."""
    player = Player(asked)
    try:
        count_and_publish(player.database, clock=clock)
    finally:
        player.close()


def figures(db: Session, played: Played) -> Figures:
    """Foreign residents who applied, were issued an account, and activated it within the campaign's days."""
    span = {
        "since": end_of_day(played.first_day - timedelta(days=1)),
        "until": end_of_day(played.last_day),
    }
    return Figures(
        _count(db, "submitted_at", "application", span, "person_kind = 'foreigner'"),
        _count(db, "issued_at", "account", span, "kind = 'resident'"),
        _count(db, "activated_at", "account", span, "kind = 'resident'"),
    )


def _count(db: Session, moment: str, table: str, span: dict[str, object], which: str) -> int:
    query = text(f"SELECT count(*) FROM {table} WHERE {moment} > :since AND {moment} <= :until AND {which}")  # noqa: S608
    return int(db.execute(query, span).scalar_one())
