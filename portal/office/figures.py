"""The office's figures, as a page and as CSV: for supervisors, of the units they supervise.

Counts are of a span of days up to now; whether people are treated alike is told of whole quarters (`fairness`).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from datetime import date
from uuid import UUID

from flask import Response, request
from werkzeug.wrappers import Response as Answer

from identity.application.fairness import Fairness, fairness, quarters
from identity.application.figures import MOST, Figures, figures
from identity.application.small_numbers import Share
from identity.audit import Event, record
from identity.places import Office
from identity.staff import units_in_reach
from onboarding.catalogue import AgeBand
from portal.database import db
from portal.language import _
from portal.office import blueprint
from portal.office.access import SUPERVISOR, officer
from portal.office.people import places_of
from portal.office.words import country
from portal.pages import page
from portal.reasons import REFUSALS
from portal.security import guarded, staff, writes
from portal.services import now
from portal.spreadsheet import BYTE_ORDER_MARK, harmless
from portal.words.assistance import AGE_BANDS
from portal.words.places import office_name

SPANS = (30, 90, 365)


@blueprint.get("/figures", endpoint="figures")
@guarded(staff(SUPERVISOR))
def show_figures() -> Response:
    (found, days), alike = _figures(), _fairness()
    return page(
        "office/figures.html",
        figures=found,
        alike=alike,
        quarters=[(first, quarter_name(first)) for first in quarters(now())],
        days=days,
        spans=SPANS,
        most=MOST,
        places=places_of(db, officer().units_for(SUPERVISOR)),
        refusals=[(_reason(code), count) for code, count in found.refusals],
        groups=[(title, _named(shares, name)) for title, shares, name in _groups(alike)],
    )


@blueprint.get("/figures.csv")
@guarded(staff(SUPERVISOR))
@writes
def figures_csv() -> Answer:
    (found, days), alike = _figures(), _fairness()
    record(db, Event.FIGURES_EXPORTED, officer().acting_as(SUPERVISOR), now=now(), days=days)
    text = io.StringIO()
    table = csv.writer(text)
    table.writerow(["figure", "group", "count", "of", "value", "since"])
    for row in (*_rows(found), *_rows_alike(alike)):
        table.writerow([harmless(str(cell)) if isinstance(cell, str) else cell for cell in row])
    headers = {"Content-Disposition": 'attachment; filename="office-figures.csv"', "Cache-Control": "no-store"}
    return Response(BYTE_ORDER_MARK + text.getvalue(), mimetype="text/csv", headers=headers)


def _figures() -> tuple[Figures, int]:
    asked = request.args.get("days", "")
    days = next((span for span in SPANS if str(span) == asked), SPANS[0])
    return figures(db, units_in_reach(db, officer().roles, SUPERVISOR), days=days, now=now()), days


def _fairness() -> Fairness:
    asked, offered = request.args.get("quarter", ""), quarters(now())
    first = next((quarter for quarter in offered if quarter.isoformat() == asked), offered[0])
    return fairness(db, units_in_reach(db, officer().roles, SUPERVISOR), first, now=now())


def quarter_name(first: date) -> str:
    return _("Quarter %(quarter)s/%(year)s", quarter=(first.month + 2) // 3, year=first.year)


def _groups(found: Fairness) -> list[tuple[str, list[Share], Callable[[str], str]]]:
    return [
        (_("By age"), found.by_age, _age),
        (_("By nationality"), found.by_nationality, country),
        (_("By office"), found.by_office, _office),
    ]


def _named(shares: list[Share], name: Callable[[str], str]) -> list[tuple[str, Share]]:
    return sorted(((name(share.name), share) for share in shares), key=lambda row: row[0])


def _office(office_id: str) -> str:
    office = db.get(Office, UUID(office_id))
    return office_name(office) if office else office_id


def _age(band: str) -> str:
    return str(AGE_BANDS.get(AgeBand(band), band)) if band in set(AgeBand) else band


def _reason(code: str) -> str:
    return str(REFUSALS[code].reason) if code in REFUSALS else code


def _rows(found: Figures) -> Iterator[list[object]]:
    """One figure a line."""
    since = found.since.isoformat()
    for name, speed in (("received", found.received), ("decided", found.decided)):
        middle = "" if speed.middle_hours is None else speed.middle_hours
        yield [name, "", speed.in_time, speed.count, middle, since]
    yield ["overdue", "", found.overdue, found.open, "", ""]
    yield ["taken-out-of-turn", "", found.out_of_turn, "", "", since]
    yield ["handed-back", "", found.handed_back, "", "", since]
    yield ["second-look-disagreed", "", found.second_looks[1], found.second_looks[0], "", since]
    for code, count in found.refusals:
        yield ["refused", code, count, found.decided.count, "", since]


def _rows_alike(found: Fairness) -> Iterator[list[object]]:
    """What is hidden is empty, which is not zero. Of three months from the day in the last column."""
    for title, shares in (("age", found.by_age), ("nationality", found.by_nationality), ("office", found.by_office)):
        for share in shares:
            hidden = ["", ""] if share.decided is None else [share.refused, share.decided]
            percent = "" if share.percent is None else share.percent
            yield [f"refused-by-{title}-in-quarter", share.name, *hidden, percent, found.first.isoformat()]
