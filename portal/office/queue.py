"""The list an officer starts from: what waits in the officer's units, by deadline."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from flask import Response, redirect, request, url_for
from werkzeug.wrappers import Response as Answer

from identity.application import Line, queue, take_next
from identity.audit import Actor
from identity.base import Refused
from identity.staff import units_in_reach
from portal.database import db
from portal.language import _
from portal.office import blueprint
from portal.office.access import APPROVING, OFFICERS, RECEIVING, officer
from portal.office.due import Due, due
from portal.office.filters import filter_groups, read_filter
from portal.office.people import places_of
from portal.office.words import STATES, TODO, who
from portal.pages import page
from portal.security.cookies import read_cookie, set_cookie
from portal.services import now

KEPT = "office_ticks"
"""Cookie with the ticks of the filter; it names nobody, and what it says is checked as an address is."""
TITLES = {
    "overdue": lambda n: _("Overdue (%(num)s)", num=n),
    "today": lambda n: _("Due today (%(num)s)", num=n),
    "later": lambda n: _("Due later (%(num)s)", num=n),
    "waiting": lambda n: _("Clock stopped or finished (%(num)s)", num=n),
}


@dataclass(frozen=True, slots=True)
class Row:
    """One application in the list."""

    id: UUID
    name: str
    dossier_number: str
    todo: str
    who: str
    due: Due
    officer: str


@dataclass(frozen=True, slots=True)
class Section:
    """Rows of one deadline group."""

    title: str
    rows: list[Row]


@blueprint.get("/")
def start() -> Answer:
    return redirect(url_for("office.queue"))


@blueprint.get("/queue", endpoint="queue")
def show_queue() -> Response:
    kept = read_cookie(KEPT) or ""
    narrowed, moment = read_filter(request.args, officer(), kept), now()
    units = units_in_reach(db, officer().roles, *OFFICERS)
    found = queue(db, units, narrowed.for_queue(officer().account_id), now=moment)
    groups = [
        Section(TITLES[group.name](group.total), [_row(line, moment) for line in group.rows])
        for group in found.groups
        if group.rows
    ]
    answer = page(
        "office/queue.html",
        groups=groups,
        pages=found.pages,
        page=found.page,
        filters=narrowed,
        filter_groups=filter_groups(narrowed, found.states),
        places=places_of(db, officer().units_for(*OFFICERS)),
        counts_sentence=_counted({group.name: group.total for group in found.groups}),
        href_for=lambda number: url_for("office.queue", **{**narrowed.as_query(), "page": number}),
    )
    if "filtered" in request.args and narrowed.to_keep() != kept:
        set_cookie(answer, KEPT, narrowed.to_keep())
    return answer


@blueprint.post("/queue/next", endpoint="take_next")
def take_next_case() -> Answer:
    """The most urgent case: to decide for who may approve, else to receive."""
    for role in (RECEIVING, APPROVING):
        units = units_in_reach(db, officer().roles, role)
        actor = Actor(officer().account_id, role)
        found = take_next(db, units, actor, to_decide=role == APPROVING, now=now()) if units else None
        if found is not None:
            return redirect(url_for("office.case", application_id=found.id))
    raise Refused("nothing-waits")


def _row(line: Line, moment: datetime) -> Row:
    return Row(
        id=line.id,
        name=line.full_name,
        dossier_number=line.dossier_number,
        todo=str(TODO[line.state] if line.state in TODO else STATES[line.state][0]),
        who=who(line),
        due=due(line.due_at, moment) if line.is_open else Due(_("Finished"), "off"),
        officer=line.officer or (_("Nobody yet") if line.is_open else ""),
    )


def _counted(totals: dict[str, int]) -> str:
    late, today = totals.get("overdue", 0), totals.get("today", 0)
    later = totals.get("later", 0)
    return _("%(late)s overdue, %(today)s due today, %(later)s due later", late=late, today=today, later=later)
