"""Figures as tables to take along, as published: CSV and XLSX, one row an indicator and place.

Zero is 0, what is missing or suppressed is empty and named in `status`. Text is never run as a formula.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from itertools import chain
from pathlib import Path
from uuid import UUID

import orjson
from flask import Response, abort

from identity import programs
from onboarding.figures.many import Wanted
from onboarding.figures.published import Published
from onboarding.figures.redrawn import unallocated
from onboarding.figures.registry import Indicator, get_indicator
from portal.figures import blueprint
from portal.figures.board import KEYS, SCORES
from portal.figures.maps import figures_of
from portal.figures.ranking import units_below
from portal.figures.scope import Place, place_of, visitor
from portal.figures.times import Times, times_of
from portal.language import _, in_our_language
from portal.spreadsheet import BYTE_ORDER_MARK, harmless
from portal.words.places import unit_title

COLUMNS = (
    "unit_code",
    "unit_name",
    "indicator",
    "version",
    "name",
    "period",
    "first_day",
    "through",
    "status",
    "numerator",
    "denominator",
    "value",
    "denominator_source",
    "denominator_vintage",
    "as_of",
    "map",
    "campaign_day",
)
UNALLOCATED = "unallocated"
"""In the place of a unit's code: with this row the table adds up."""
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
BINDER = Path(__file__).with_name("book.py")
LONGEST = 60
"""Seconds, on a busy machine; a table takes less than one."""
Cell = str | int | float
Row = list[Cell]


@blueprint.get("/nation/figures.<ending>")
def nation_table(ending: str) -> Response:
    return _table(None, ending)


@blueprint.get("/units/<uuid:id>/figures.<ending>")
def unit_table(id: UUID, ending: str) -> Response:
    return _table(id, ending)


def _table(id: UUID | None, ending: str) -> Response:
    place = replace(place_of(visitor(), id), is_exact=False)
    times = times_of(place)
    return as_file(COLUMNS, list(_rows(place, times)), f"figures-{place.code}-{times.period.code}", ending)


def as_file(columns: Sequence[str], rows: Sequence[Row], name: str, ending: str) -> Response:
    """A table as the `ending` asks; 404 for another one."""
    if ending not in {"csv", "xlsx"}:
        abort(404)
    content, kind = (as_csv(rows, columns), "text/csv") if ending == "csv" else (as_xlsx(rows, columns), XLSX)
    answer = Response(content, mimetype=kind)
    answer.headers["Content-Disposition"] = f'attachment; filename="{name.replace("/", "-")}.{ending}"'
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _rows(place: Place, times: Times) -> Iterable[Row]:
    """The place as published, the units within (of a ward none: villages are not), and what is in none of them."""
    chosen = [get_indicator(code) for code in (*KEYS, *SCORES)]
    below = units_below(place, times.period)
    wanted: Wanted = {place.id: chosen, **{unit.id: chosen for unit in below}}
    found = figures_of(place, wanted, times.period)
    names = {place.id: (place.code, place.name), **{unit.id: (unit.code, unit_title(unit)) for unit in below}}
    heads = {one.code: _head(one, times) for one in chosen}
    for unit_id, (code, name) in names.items():
        for one in chosen:
            yield [
                *_row(code, name, one, heads[one.code], found[one.code, unit_id]),
                place.map,
                times.campaign_day or "",
            ]
    for one in chosen if below else ():
        lines = (found[one.code, unit.id] for unit in below)
        rest = unallocated(found[one.code, place.id], lines, guarded=True)
        if rest is not None:
            yield [
                *_row(UNALLOCATED, str(_("Unallocated")), one, heads[one.code], rest),
                place.map,
                times.campaign_day or "",
            ]


def _head(one: Indicator, times: Times) -> Row:
    """What a row says of its indicator and period, made once."""
    period = times.period
    return [one.code, one.version, in_our_language(one.name), period.code, period.first.isoformat()]


def _row(code: str, name: str, one: Indicator, head: Row, figure: Published) -> Row:
    source = figure.source or one.denominator.source
    vintage = figure.vintage or one.denominator.vintage
    return [
        code,
        name,
        *head,
        _day(figure.through),
        figure.status.value,
        _or_empty(figure.numerator),
        _or_empty(figure.denominator),
        "" if figure.value is None else round(figure.value, 4),
        source,
        vintage,
        figure.as_of.isoformat() if figure.as_of else "",
    ]


def as_csv(rows: Sequence[Row], columns: Sequence[str] = COLUMNS) -> str:
    """RFC 4180 with a header."""
    text = io.StringIO()
    table = csv.writer(text)
    table.writerow(columns)
    table.writerows(_plain(rows))
    return BYTE_ORDER_MARK + text.getvalue()


def as_xlsx(rows: Sequence[Row], columns: Sequence[str] = COLUMNS) -> bytes:
    """The same as one sheet, bound in a process of its own. Raises CalledProcessError, TimeoutExpired."""
    done = programs.run(BINDER, given=orjson.dumps([columns, *_plain(rows)]), seconds=LONGEST)
    done.check_returncode()
    return done.stdout


def _plain(rows: Sequence[Row]) -> list[Row]:
    """Each text is looked at once: of a thousand rows most cells are alike, and hardly ever one is altered."""
    texts = [cell for cell in set(chain.from_iterable(rows)) if isinstance(cell, str)]
    altered: dict[Cell, Cell] = {text: safe for text in texts if (safe := harmless(text)) != text}
    return [[altered.get(cell, cell) for cell in row] for row in rows] if altered else list(rows)


def _day(on: date | None) -> str:
    return on.isoformat() if on else ""


def _or_empty(number: int | None) -> Cell:
    return "" if number is None else number
