"""The officers' queue: what waits in their units, by deadline, and one file of it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy import case as sql_case
from sqlalchemy.orm import Session, load_only

from identity.application.conflicts import not_in_conflict
from identity.application.model import Application, State, check_version
from identity.audit import Actor, Event, record
from identity.base import Refused
from identity.deadlines import end_of_day, today_in_vietnam
from identity.names import fold
from identity.paging import count_pages
from identity.sealed import vault

S = State
AT_WORK = (S.SUBMITTED, S.RECEIVED, S.RESUBMITTED, S.CAPTURED, S.MATCHED, S.SUPPLEMENT_REQUESTED)
"""What the queue shows before anybody narrows it down."""
GROUPS = ("overdue", "today", "later", "waiting")
PAGE = 25
LISTED = (
    Application.dossier_number,
    Application.state,
    Application.version,
    Application.level,
    Application.person_kind,
    Application.nationality,
    Application.full_name_sealed,
    Application.held_by_id,
    Application.due_at,
    Application.submitted_at,
)
"""What a line shows; the rest of a file, the register's photo among it, stays where it is until the file is opened."""
COUNTRY = 3
"""Letters of a country in a passport (ICAO 9303)."""


@dataclass(frozen=True, slots=True)
class Filters:
    """What the officer narrowed down to. `holder` and `unassigned` add up; neither is anybody.

    `viewer` looks: their own files stand first in each group, and those they are tied to are left away.
    """

    viewer: UUID | None = None
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
    """The files of `units` (the officers' own and those below), overdue first; decided ones if asked or looked for."""
    chosen, group = _chosen(db, units, filters), _group(now)
    rows_by_group = db.execute(select(group, func.count()).where(*chosen).group_by(group))
    counts: dict[str, int] = {name: count for name, count in rows_by_group}  # noqa: C416 - typed
    total = sum(counts.values())
    pages = count_pages(total, filters.size)
    page = min(max(filters.page, 1), pages)
    order = sql_case(*((group == name, place) for place, name in enumerate(GROUPS)), else_=len(GROUPS))
    rows = db.execute(
        select(Application, group)
        .options(load_only(*LISTED))
        .where(*chosen)
        .order_by(order, _whose(filters.viewer), Application.due_at, Application.submitted_at, Application.id)
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


def _chosen(db: Session, units: Collection[UUID], filters: Filters) -> list[ColumnElement[bool]]:
    chosen: list[Any] = [Application.unit_id.in_(units)]
    if filters.states or not filters.text.strip():
        chosen.append(Application.state.in_(filters.states or AT_WORK))
    if filters.viewer is not None:
        chosen.append(not_in_conflict(filters.viewer))
    if filters.person_kind:
        chosen.append(Application.person_kind == filters.person_kind)
    held: list[Any] = [Application.held_by_id.is_(None)] if filters.unassigned else []
    if filters.holder is not None:
        held.append(Application.held_by_id == filters.holder)
    if held:
        chosen.append(or_(*held))
    if filters.text.strip():
        chosen.append(_matches(db, filters.text))
    return chosen


def _matches(db: Session, text: str) -> ColumnElement[bool]:
    """By name without marks, by the dossier number, or by the number of the person's paper (its keyed index)."""
    return or_(
        Application.full_name_folded.contains(fold(text), autoescape=True),
        Application.dossier_number.startswith(text.strip(), autoescape=True),
        Application.number_index.in_(indexes_of(db, text)),
    )


def indexes_of(db: Session, number: str) -> list[bytes]:
    """The keyed indexes under which a typed number may lie."""
    return [vault(db).blind("application.number", one) for one in _numbers(number)]


def _numbers(text: str) -> list[str]:
    """What was typed as a number of ours: bare, or with the country that issued the passport (`KOR M12345678`)."""
    bare = "".join(sign for sign in text.upper() if sign.isalnum())
    passport = f"{bare[:COUNTRY]}:{bare[COUNTRY:]}"
    return [bare, passport] if any(sign.isdigit() for sign in bare) else []


def _whose(viewer: UUID | None) -> ColumnElement[int]:
    """The viewer's own first, then nobody's, then those of others."""
    return sql_case((Application.held_by_id == viewer, 0), (Application.held_by_id.is_(None), 1), else_=2)


def _group(now: datetime) -> ColumnElement[str]:
    tonight = end_of_day(today_in_vietnam(now))
    return sql_case(
        (Application.due_at.is_(None), "waiting"),
        (Application.due_at < now, "overdue"),
        (Application.due_at <= tonight, "today"),
        else_="later",
    ).label("deadline_group")
