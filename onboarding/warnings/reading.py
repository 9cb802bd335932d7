"""Reading warnings: those that wait, one of them, and what was learned."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from identity.base import Refused
from identity.places import Reach, ancestors, in_reach, reached
from onboarding.warnings.model import FigureWarning, State


@dataclass(frozen=True, slots=True)
class Warning:
    """A warning that waits. It is its own task: `task_id` is the name of both."""

    id: UUID
    kind: str
    indicator: str | None
    unit_id: UUID
    team_id: UUID | None
    found_at: datetime
    facts: dict[str, Any]
    task_id: UUID


def open_warnings(db: Session, unit_ids: Collection[UUID], *, limit: int, offset: int = 0) -> list[Warning]:
    """Those of these units that nobody has resolved, the next to end first."""
    rows = _open(FigureWarning.unit_id.in_(unit_ids)).order_by(FigureWarning.due_on, FigureWarning.id)
    found = db.scalars(rows.limit(limit).offset(offset))
    return [
        Warning(one.id, one.kind, one.indicator, one.unit_id, one.team_id, one.found_at, one.facts, one.id)
        for one in found
    ]


def count_open(db: Session, reach: Reach, *, team_id: UUID | None = None) -> int:
    """How many there are; with `team_id` those about this team."""
    found = _open(reached(FigureWarning.unit_id, reach))
    about = found if team_id is None else found.where(FigureWarning.team_id == team_id)
    return db.scalar(select(func.count()).select_from(about.subquery())) or 0


def _open(where: ColumnElement[bool]) -> Any:
    return select(FigureWarning).where(where, FigureWarning.state == State.OPEN)


def get_warning(db: Session, id_: UUID, account_id: UUID | None, reach: Reach) -> FigureWarning:
    """One that this account owns, or that lies in its reach. Refused "not-found"."""
    found = db.get(FigureWarning, id_)
    if found is None or (found.owner_id != account_id and not in_reach(found.unit_id, reach)):
        raise Refused("not-found")
    return found


def warnings_seen(
    db: Session, account_id: UUID, reach: Reach, state: State, *, limit: int, offset: int = 0
) -> list[FigureWarning]:
    """Those of one's own or in reach: open ones by their last day, resolved ones the newest first."""
    order = FigureWarning.due_on if state is State.OPEN else FigureWarning.found_at.desc()
    query = select(FigureWarning).where(_seen(account_id, reach, state)).order_by(order, FigureWarning.id)
    return list(db.scalars(query.limit(limit).offset(offset)))


def count_seen(db: Session, account_id: UUID, reach: Reach, state: State) -> int:
    """How many they are."""
    query = select(func.count()).select_from(FigureWarning).where(_seen(account_id, reach, state))
    return db.scalar(query) or 0


def _seen(account_id: UUID, reach: Reach, state: State) -> ColumnElement[bool]:
    mine = or_(FigureWarning.owner_id == account_id, reached(FigureWarning.unit_id, reach))
    return and_(mine, FigureWarning.state == state)


def lessons_of(db: Session, unit_id: UUID, team_id: UUID, *, limit: int = 50) -> list[FigureWarning]:
    """What was learned from warnings of a team, of its unit as a whole and of what that lies in, the newest first."""
    places = [unit_id, *(unit.id for unit in ancestors(db, unit_id))]
    about = (FigureWarning.team_id == team_id) | (FigureWarning.unit_id.in_(places) & FigureWarning.team_id.is_(None))
    query = select(FigureWarning).where(about, FigureWarning.lesson.is_not(None), FigureWarning.state == State.RESOLVED)
    return list(db.scalars(query.order_by(FigureWarning.found_at.desc(), FigureWarning.id).limit(limit)))
