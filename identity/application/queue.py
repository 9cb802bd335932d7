"""The officers' queue: what waits in their units, by deadline, and one file of it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, bindparam, func, literal, or_, select, true
from sqlalchemy import case as sql_case
from sqlalchemy.orm import Session

from identity.account import Account
from identity.application.conflicts import not_in_conflict
from identity.application.model import OPEN, Application, State, check_version
from identity.application.registered import bare
from identity.audit import Actor, Event, record
from identity.base import Refused
from identity.deadlines import end_of_day, today_in_vietnam
from identity.documents import COUNTRY_LETTERS
from identity.names import fold
from identity.paging import count_pages
from identity.sealed import vault
from identity.statements import Prepared, among, ask_together, listed, room_for

S = State
AT_WORK = (S.SUBMITTED, S.RECEIVED, S.RESUBMITTED, S.CAPTURED, S.MATCHED, S.SUPPLEMENT_REQUESTED)
"""What the queue shows before anybody narrows it down."""
GROUPS = ("overdue", "today", "later", "waiting")
PAGE = 25


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
class Line:
    """One file in the list. The rest, the register's photo among it, stays where it is until the file is opened."""

    id: UUID
    dossier_number: str
    state: str
    person_kind: str
    nationality: str | None
    full_name: str
    officer: str | None
    due_at: datetime | None

    @property
    def is_open(self) -> bool:
        """Whether it is still to be decided."""
        return self.state in OPEN


@dataclass(frozen=True, slots=True)
class Group:
    """Files of one deadline group on this page; `total` counts all pages."""

    name: str
    total: int
    rows: list[Line]


@dataclass(frozen=True, slots=True)
class Queue:
    """One page of the queue. `states` counts every file of the units, whatever was narrowed down to."""

    groups: list[Group]
    total: int
    page: int
    pages: int
    states: Mapping[str, int]


def queue(db: Session, units: Collection[UUID], filters: Filters, *, now: datetime) -> Queue:
    """The files of `units` (the officers' own and those below), overdue first; decided ones if asked or looked for."""
    asked = _asked(db, units, filters)
    given = _given(units, filters, now)
    page = {"size": filters.size, "skip": (max(filters.page, 1) - 1) * filters.size}
    counted, rows, states = ask_together(
        db, (asked.counts, given), (asked.lines, given | page), (asked.states, listed("unit", units))
    )
    counts = {row.deadline_group: row.files for row in counted}
    total = sum(counts.values())
    pages = count_pages(total, filters.size)
    number = min(max(filters.page, 1), pages)
    if number < filters.page:  # behind the last page stands the last
        rows = asked.lines.all(db, **given, **page | {"skip": (number - 1) * filters.size})
    groups = [
        Group(name, counts[name], [_line(db, row) for row in rows if row.deadline_group == name])
        for name in GROUPS
        if counts.get(name)
    ]
    return Queue(groups, total, number, pages, {row.state: row.files for row in states})


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


@dataclass(frozen=True, slots=True)
class _Shape:
    """What the words of the statements hang on."""

    units: int
    states: int
    viewer: bool
    person_kind: bool
    unassigned: bool
    holder: bool


@dataclass(frozen=True, slots=True)
class _Asked:
    """How many a group, the lines of a page, and how many a state."""

    counts: Prepared
    lines: Prepared
    states: Prepared


def _asked(db: Session, units: Collection[UUID], filters: Filters) -> _Asked:
    shape = _Shape(
        room_for(units),
        room_for(_states(filters)),
        filters.viewer is not None,
        bool(filters.person_kind),
        filters.unassigned,
        filters.holder is not None,
    )
    return _searching(shape, _matches(db, filters.text)) if filters.text.strip() else _looking(shape)


def _states(filters: Filters) -> tuple[str, ...]:
    """None for any: who looks for a file finds it wherever it stands."""
    return filters.states or (() if filters.text.strip() else AT_WORK)


def _given(units: Collection[UUID], filters: Filters, now: datetime) -> dict[str, Any]:
    return {
        **listed("unit", units),
        **listed("state", _states(filters)),
        "viewer": filters.viewer,
        "person_kind": filters.person_kind,
        "holder": filters.holder,
        "now": now,
        "tonight": end_of_day(today_in_vietnam(now)),
    }


@cache
def _looking(shape: _Shape) -> _Asked:
    return _searching(shape, true())


def _searching(shape: _Shape, match: ColumnElement[bool]) -> _Asked:
    chosen, group = [*_chosen(shape), match], _group()
    order = sql_case(*((group == name, place) for place, name in enumerate(GROUPS)), else_=len(GROUPS))
    lines = (
        select(
            Application.id,
            Application.dossier_number,
            Application.state,
            Application.person_kind,
            Application.nationality,
            Application.full_name_sealed,
            Application.due_at,
            Application.held_by_id,
            Account.display_name_sealed,
            group,
        )
        .outerjoin(Account, Account.id == Application.held_by_id)
        .where(*chosen)
        .order_by(order, _whose(shape), Application.due_at, Application.submitted_at, Application.id)
        .limit(bindparam("size"))
        .offset(bindparam("skip"))
    )
    files = func.count().label("files")
    states = select(Application.state, files).where(among(Application.unit_id, "unit", shape.units))
    return _Asked(
        Prepared(select(group, files).where(*chosen).group_by(group)),
        Prepared(lines),
        Prepared(states.group_by(Application.state)),
    )


def _line(db: Session, row: Any) -> Line:
    return Line(
        row.id,
        row.dossier_number,
        row.state,
        row.person_kind,
        row.nationality,
        Application.full_name.opened(db, row.id, row.full_name_sealed) or "",
        Account.display_name.opened(db, row.held_by_id, row.display_name_sealed),
        row.due_at,
    )


def _chosen(shape: _Shape) -> list[ColumnElement[bool]]:
    chosen = [among(Application.unit_id, "unit", shape.units)]
    if shape.states:
        chosen.append(among(Application.state, "state", shape.states))
    if shape.viewer:
        chosen.append(not_in_conflict(_VIEWER))
    if shape.person_kind:
        chosen.append(Application.person_kind == bindparam("person_kind"))
    held: list[Any] = [Application.held_by_id.is_(None)] if shape.unassigned else []
    if shape.holder:
        held.append(Application.held_by_id == bindparam("holder"))
    return [*chosen, or_(*held)] if held else chosen


def _matches(db: Session, text: str) -> ColumnElement[bool]:
    """By name without marks, by the dossier number, or by the number of a paper as it is printed (its keyed index)."""
    by_dossier = Application.dossier_number.startswith(text.strip(), autoescape=True)
    return or_(*_named(fold(text)), by_dossier, *numbered(db, text))


def numbered(db: Session, text: str) -> list[ColumnElement[bool]]:
    """What is true of the files of somebody who has this number: of the person, of a passport, of a residence card."""
    return [*(Application.number_index == index for index in indexes_of(db, text)), *_printed(db, text)]


def _named(text: str) -> Iterator[ColumnElement[bool]]:
    """A part of the name as it is written, or its words in any order, because family names stand first or last."""
    yield Application.full_name_folded.contains(text, autoescape=True)
    if len(words := text.split()) > 1:
        in_words = literal(" ") + Application.full_name_folded
        yield and_(*(in_words.contains(f" {word}", autoescape=True) for word in words))


def _printed(db: Session, text: str) -> Iterator[ColumnElement[bool]]:
    number = bare(text)
    if any(sign.isdigit() for sign in number):
        yield Application.passport_index == vault(db).blind("application.passport", number)
        yield Application.residence_index == vault(db).blind("application.residence", number)


def indexes_of(db: Session, number: str) -> list[bytes]:
    """The keyed indexes under which a typed number may lie."""
    return [vault(db).blind("application.number", one) for one in _numbers(number)]


def _numbers(text: str) -> list[str]:
    """What was typed as a number of ours: bare, or with the country that issued the passport (`KOR M12345678`)."""
    number = bare(text)
    passport = f"{number[:COUNTRY_LETTERS]}:{number[COUNTRY_LETTERS:]}"
    return [number, passport] if any(sign.isdigit() for sign in number) else []


def _whose(shape: _Shape) -> ColumnElement[int]:
    """The viewer's own first, then nobody's, then those of others."""
    own = [(Application.held_by_id == _VIEWER, 0)] if shape.viewer else []
    return sql_case(*own, (Application.held_by_id.is_(None), 1), else_=2)


def _group() -> ColumnElement[str]:
    return sql_case(
        (Application.due_at.is_(None), "waiting"),
        (Application.due_at < bindparam("now", type_=Application.due_at.type), "overdue"),
        (Application.due_at <= bindparam("tonight", type_=Application.due_at.type), "today"),
        else_="later",
    ).label("deadline_group")


_VIEWER = bindparam("viewer", type_=Application.held_by_id.type)
