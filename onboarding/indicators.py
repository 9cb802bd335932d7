"""Figures of a unit, counted from what happened. A share is never without its denominator.

A total is the sum of numerators over the sum of denominators, never a mean of shares. Within one's own scope figures
are exact.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import astuple, dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, case, distinct, func, select
from sqlalchemy.orm import Session

from identity.account import Account, AccountState
from identity.application.model import Application, State
from identity.places import Unit
from onboarding.assistance import AssistanceEvent
from onboarding.catalogue import ACTIVATION_TASKS, Mode, Result
from onboarding.records import in_units, with_outcome
from onboarding.team import Team


@dataclass(frozen=True, slots=True)
class Ratio:
    """So many of so many."""

    numerator: int
    denominator: int

    @property
    def share(self) -> float | None:
        """None where there is nothing to take a share of: missing, which is not zero."""
        return self.numerator / self.denominator if self.denominator else None


@dataclass(frozen=True, slots=True)
class Funnel:
    """Applications of level 2 by where they got to: sent, account issued, account activated.

    `waiting` are people who can still activate: whose account was closed before is issued and does not wait.
    """

    applied: int = 0
    issued: int = 0
    activated: int = 0
    waiting: int = 0

    def __add__(self, other: Funnel) -> Funnel:
        both = zip(astuple(self), astuple(other), strict=True)
        return Funnel(*(one + another for one, another in both))

    @property
    def issued_of_applied(self) -> Ratio:
        return Ratio(self.issued, self.applied)

    @property
    def activated_of_issued(self) -> Ratio:
        return Ratio(self.activated, self.issued)

    @property
    def activated_of_applied(self) -> Ratio:
        return Ratio(self.activated, self.applied)


@dataclass(frozen=True, slots=True)
class UnitFunnel:
    """The funnel of the people who live in one unit."""

    unit_id: UUID
    code: str
    name: str
    funnel: Funnel


def funnel_by_unit(db: Session, unit_ids: Collection[UUID]) -> list[UnitFunnel]:
    """One row for each unit in which somebody applied, by place of residence, largest first."""
    issued = case((Application.state == State.ISSUED, 1), else_=0)
    activated = case((Account.activated_at.is_not(None), 1), else_=0)
    can_activate = (Application.state == State.ISSUED) & (Account.state == AccountState.ISSUED)
    waiting = func.count(distinct(case((can_activate, Account.person_id))))
    rows = db.execute(
        select(
            *(Unit.id, Unit.code, Unit.name),
            *(func.count(Application.id), func.sum(issued), func.sum(issued * activated), waiting),
        )
        .join(Application, Application.home_unit_id == Unit.id)
        .outerjoin(Account, (Account.person_id == Application.person_id) & (Account.kind == "resident"))
        .where(Application.home_unit_id.in_(unit_ids), Application.level == 2)
        .group_by(Unit.id, Unit.code, Unit.name)
        .order_by(func.count(Application.id).desc(), Unit.code)
    )
    return [UnitFunnel(row[0], row[1], row[2], Funnel(*(int(number) for number in row[3:]))) for row in rows]


def total(rows: Iterable[UnitFunnel]) -> Funnel:
    """The sum of several units."""
    return sum((row.funnel for row in rows), Funnel())


def funnel(db: Session, unit_ids: Collection[UUID]) -> Funnel:
    """The funnel of all the units together."""
    return total(funnel_by_unit(db, unit_ids))


def assisted_activation(db: Session, unit_ids: Collection[UUID], *, until: datetime | None = None) -> Ratio:
    """People who activated in the days that count, of those helped with activation whose help code leads to them."""
    help_with_it = in_units(unit_ids) & AssistanceEvent.task.in_(ACTIVATION_TASKS)
    rows = with_outcome(known_before=until).where(help_with_it).subquery()
    known, confirmed = (
        case((which, rows.c.pseudonym)) for which in (rows.c.is_known, rows.c.activated_at.is_not(None))
    )
    found = db.execute(select(func.count(distinct(confirmed)), func.count(distinct(known)))).one()
    return Ratio(*found)


@dataclass(frozen=True, slots=True)
class TeamActivity:
    """What one team recorded since a moment, visits and people apart, claimed and confirmed apart."""

    team_id: UUID
    name: str
    unit_name: str
    visits: int
    people: int
    own_hand: int
    claimed: int
    checkable: int
    confirmed: int
    last_at: datetime | None

    @property
    def confirmed_of_checkable(self) -> Ratio:
        """Confirmed by the system, of the activations that were claimed with a help code."""
        return Ratio(self.confirmed, self.checkable)

    @property
    def own_hand_of_visits(self) -> Ratio:
        return Ratio(self.own_hand, self.visits)


def team_activity(
    db: Session, unit_ids: Collection[UUID], *, since: datetime, until: datetime | None = None
) -> list[TeamActivity]:
    """Every team of the units, also those that recorded nothing. `until`: only what the server had by then."""
    records = with_outcome(known_before=until).where(AssistanceEvent.happened_at >= since).subquery()
    done = records.c.result == Result.DONE
    activation = records.c.task.in_(ACTIVATION_TASKS)
    checkable = done & activation & records.c.is_known
    rows = db.execute(
        select(
            Team.id,
            Team.name,
            Unit.name,
            func.count(records.c.id),
            func.count(distinct(case((records.c.is_known, records.c.pseudonym)))),
            _count(records.c.mode == Mode.GUIDED),
            _count(done & activation),
            _count(checkable),
            _count(checkable & records.c.activated_at.is_not(None)),
            func.max(records.c.happened_at),
        )
        .join(Unit, Unit.id == Team.unit_id)
        .outerjoin(records, records.c.team_id == Team.id)
        .where(Team.unit_id.in_(unit_ids))
        .group_by(Team.id, Team.name, Unit.name)
        .order_by(func.count(records.c.id).desc(), Team.name)
    )
    return [TeamActivity(*row) for row in rows]


def _count(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.count(case((condition, 1)))
