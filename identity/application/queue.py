"""The officers' queue: what waits in their units, by deadline, and one file of it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy import case as sql_case
from sqlalchemy.orm import Session

from identity.application.model import Application, State, check_version
from identity.audit import Actor, Event, record
from identity.base import Refused
from identity.deadlines import end_of_day, today_in_vietnam
from identity.names import fold

S = State
TO_RECEIVE = (S.SUBMITTED, S.RECEIVED, S.RESUBMITTED, S.CAPTURED)
"""Where a receiving officer has to act."""
TO_DECIDE = (S.MATCHED,)
"""Where an approving officer has to act."""
GROUPS = ("overdue", "today", "later", "waiting")
PAGE = 25


@dataclass(frozen=True, slots=True)
class Filters:
    """What the officer narrowed down to. `holder` and `unassigned` add up; neither is anybody."""

    text: str = ""
    states: tuple[str, ...] = ()
    holder: UUID | None = None
    unassigned: bool = False
    person_kind: str = ""
    page: int = 1
    size: int = PAGE


@dataclass(frozen=True, slots=True)
class Group:
    """Files of one deadline group on this page; `total` counts all pages."""

    name: str
    total: int
    rows: list[Application]


@dataclass(frozen=True, slots=True)
class Queue:
    """One page of the queue."""

    groups: list[Group]
    total: int
    page: int
    pages: int


def queue(db: Session, units: Collection[UUID], filters: Filters, *, now: datetime) -> Queue:
    """The files of `units` (the officers' own and those below), overdue first; decided ones only when asked for."""
    chosen, group = _chosen(units, filters), _group(now)
    rows_by_group = db.execute(select(group, func.count()).where(*chosen).group_by(group))
    counts: dict[str, int] = {name: count for name, count in rows_by_group}  # noqa: C416 - typed
    total = sum(counts.values())
    pages = max(1, -(-total // filters.size))
    page = min(max(filters.page, 1), pages)
    order = sql_case(*((group == name, place) for place, name in enumerate(GROUPS)), else_=len(GROUPS))
    rows = db.execute(
        select(Application, group)
        .where(*chosen)
        .order_by(order, Application.due_at, Application.submitted_at, Application.id)
        .limit(filters.size)
        .offset((page - 1) * filters.size)
    ).all()
    groups = [
        Group(name, counts[name], [row[0] for row in rows if row[1] == name]) for name in GROUPS if counts.get(name)
    ]
    return Queue(groups, total, page, pages)


def count_states(db: Session, units: Collection[UUID]) -> dict[str, int]:
    """How many files stand where, in `units`."""
    query = select(Application.state, func.count()).where(Application.unit_id.in_(units)).group_by(Application.state)
    return {state: count for state, count in db.execute(query)}  # noqa: C416 - typed


def next_case(
    db: Session, units: Collection[UUID], officer: Actor, *, to_decide: bool = False, now: datetime
) -> Application | None:
    """The most urgent file that is nobody's or one's own; for an approver, one that somebody else received."""
    states = TO_DECIDE if to_decide else TO_RECEIVE
    held = Application.received_by_id
    mine: ColumnElement[bool] = or_(held.is_(None), held == officer.account_id)
    if to_decide:
        mine = and_(held != officer.account_id, Application.captured_by_id != officer.account_id)
    query = select(Application).where(Application.unit_id.in_(units), Application.state.in_(states), mine)
    return db.scalar(query.order_by(Application.due_at, Application.submitted_at).limit(1))


def case(db: Session, application_id: UUID, *, version: int | None = None) -> Application:
    """One file. Refused "application-unknown"; "application-changed" when the page was older."""
    application = db.get(Application, application_id)
    if application is None:
        raise Refused("application-unknown")
    check_version(application, version)
    return application


def view_case(db: Session, application_id: UUID, officer: Actor, *, now: datetime) -> Application:
    """One file for an officer's eyes: each view is recorded, and the resident sees it."""
    application = case(db, application_id)
    record(db, Event.APPLICATION_VIEWED, officer, now=now, subject=application.subject)
    return application


def _chosen(units: Collection[UUID], filters: Filters) -> list[ColumnElement[bool]]:
    states: Any = filters.states or (*TO_RECEIVE, *TO_DECIDE, S.SUPPLEMENT_REQUESTED)
    chosen: list[Any] = [Application.unit_id.in_(units), Application.state.in_(states)]
    if filters.person_kind:
        chosen.append(Application.person_kind == filters.person_kind)
    held: list[Any] = [Application.received_by_id.is_(None)] if filters.unassigned else []
    if filters.holder is not None:
        held.append(Application.received_by_id == filters.holder)
    if held:
        chosen.append(or_(*held))
    if filters.text.strip():
        chosen.append(_matches(filters.text))
    return chosen


def _matches(text: str) -> ColumnElement[bool]:
    """By name without marks, or by the dossier number."""
    name = fold(text)
    return or_(
        Application.full_name_folded.contains(name, autoescape=True),
        Application.dossier_number.startswith(text.strip(), autoescape=True),
    )


def _group(now: datetime) -> ColumnElement[str]:
    tonight = end_of_day(today_in_vietnam(now))
    return sql_case(
        (Application.due_at.is_(None), "waiting"),
        (Application.due_at < now, "overdue"),
        (Application.due_at <= tonight, "today"),
        else_="later",
    ).label("deadline_group")
