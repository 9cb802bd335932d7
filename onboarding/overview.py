"""What a coordinator sees of the units in scope (each with everything below it), exact: it is their own scope."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from identity.deadlines import today_in_vietnam
from identity.helping import all_waiting_by_place
from identity.places import Unit
from onboarding.guidance import WaitingFor, waiting_by_trouble
from onboarding.indicators import (
    Funnel,
    Ratio,
    TeamActivity,
    UnitFunnel,
    assisted_activation,
    funnel_by_unit,
    team_activity,
    total,
)
from onboarding.map import within_today
from onboarding.records import day_span


@dataclass(frozen=True, slots=True)
class Overview:
    """One look at the units in scope. `since` begins the month that the teams' activity counts.

    What reaches us today, late records, corrections and outcomes too, is the team's own until the day is over: nobody
    else sees a card before the team has.
    """

    places: list[str]
    on: date
    since: date
    units: list[UnitFunnel]
    waiting: list[WaitingFor]
    assisted: Ratio
    teams: list[TeamActivity]

    @property
    def funnel(self) -> Funnel:
        return total(self.units)

    @property
    def people_waiting(self) -> int:
        return sum(row.people for row in self.waiting)

    @property
    def claimed(self) -> int:
        return sum(team.claimed for team in self.teams)

    @property
    def confirmed(self) -> Ratio:
        """Confirmed of the claims that the system can check."""
        return Ratio(sum(team.confirmed for team in self.teams), sum(team.checkable for team in self.teams))


def overview_of(db: Session, unit_ids: Iterable[UUID], *, now: datetime) -> Overview:
    """The figures of these units and of all below them, counted once."""
    held = set(unit_ids)
    today = today_in_vietnam(now)
    scope = within_today(db, held, on=today)
    since, begun = today.replace(day=1), day_span(today)[0]
    return Overview(
        places=list(db.scalars(select(Unit.name).where(Unit.id.in_(held)).order_by(Unit.name))),
        on=today,
        since=since,
        units=funnel_by_unit(db, scope),
        waiting=waiting_by_trouble(db, scope, now=now),
        assisted=assisted_activation(db, scope, until=begun),
        teams=team_activity(db, scope, since=day_span(since)[0], until=begun),
    )


MOST_UNITS = 40


def waiting_by_unit(db: Session, unit_ids: Collection[UUID], *, now: datetime) -> list[tuple[str, list[WaitingFor]]]:
    """The units with most people waiting, each with what stands in their way."""
    people = all_waiting_by_place(db, unit_ids)
    units = db.scalars(select(Unit).where(Unit.id.in_(people)))
    most = sorted(units, key=lambda unit: (-people[unit.id], unit.code))[:MOST_UNITS]
    return [(unit.name, waiting_by_trouble(db, {unit.id}, now=now)) for unit in most]
