"""What a request asks for: unit, periods, page, format. The access must be for the unit."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import NoReturn

from flask import request
from sqlalchemy import select

from identity.base import Refused
from identity.deadlines import today_in_vietnam
from identity.places import COUNTRY, Unit, UnitKind, ancestors, unit_by_code
from onboarding.feeds.formats import KINDS, Format
from onboarding.feeds.rows import REST, Spot, day_of_units, rest_below, spots_below
from onboarding.figures.periods import Period, read_period
from portal.database import db
from portal.exchange.machine import check_covers
from portal.services import now

MOMENT = re.compile(r"(\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(?:\.\d+)?)([Zz]|[+-]\d\d:\d\d)", re.ASCII)
"""RFC 3339."""
CODE = re.compile(r"[0-9]{2,10}", re.ASCII)
MOST_PERIODS = 60
A_PAGE = 200
LAST_PAGE = 10_000
QUERY = ("unit", "period", "below", "updated_since")
"""What a table is asked by, beside its page; anything else is not read."""
JSON = {"*/*", "application/*", "application/json"}


@dataclass(frozen=True, slots=True)
class Cell:
    """One place and period."""

    spot: Spot
    period: Period


def one_cell() -> Cell:
    """The one place and period of the query."""
    period = _period(request.args.get("period", ""))
    return Cell(_spots(period, with_below=False)[0], period)


def cells() -> list[Cell]:
    """The unit, with `below=1` also those right below it and the rest, in every period of the list, each as of its own
    days."""
    codes = request.args.get("period", "").split(",")
    if len(codes) > MOST_PERIODS:
        raise Refused("periods-too-many", field="period", most=MOST_PERIODS)
    with_below = _flag("below", default=True)
    periods = map(_period, codes)
    return [Cell(one, period) for period in periods for one in _spots(period, with_below=with_below)]


def page_number() -> int:
    """Which page, from 1. Refused `page-unknown`."""
    text = request.args.get("page", "1")
    if not re.fullmatch(r"[1-9][0-9]{0,4}", text, re.ASCII) or int(text) > LAST_PAGE:
        raise Refused("page-unknown", field="page")
    return int(text)


def since_asked() -> datetime | None:
    """The moment of `updated_since`, with its offset. Refused `moment-unknown`."""
    text = request.args.get("updated_since")
    if text is None:
        return None
    found = MOMENT.fullmatch(text)
    try:
        return datetime.fromisoformat("".join(found.groups()).upper()).astimezone(UTC) if found else _no_moment()
    except (ValueError, OverflowError):
        return _no_moment()


def _no_moment() -> NoReturn:
    raise Refused("moment-unknown", field="updated_since")


def negotiated() -> Format | None:
    """The format that the Accept header prefers; JSON where it says nothing. None when we have none of them.

    Versions of SDMX are parameters of its media types; without one, the form that today's libraries read is meant.
    """
    wanted = sorted(request.accept_mimetypes, key=lambda pair: -pair[1])
    for asked, _quality in (pair for pair in wanted if pair[1] > 0):
        if asked.partition(";")[0].strip().lower() in JSON:
            return Format.JSON
        found = next((format_ for format_ in Format if _names(asked, KINDS[format_].media_type)), None)
        if found is not None:
            return found
    return None if wanted else Format.JSON


def _names(asked: str, ours: str) -> bool:
    bare, _semicolon, rest = asked.partition(";")
    version = re.search(r"version=\"?([0-9.]+)", rest)
    return bare.strip().lower() == ours.partition(";")[0] and (version is None or ours.endswith(f"={version[1]}"))


def _flag(name: str, *, default: bool) -> bool:
    found = {None: default, "0": False, "1": True}.get(request.args.get(name))
    if found is None:
        raise Refused("flag-unknown", field=name, name=name)
    return found


def _period(code: str) -> Period:
    return read_period(code, on=_today())


def _today() -> date:
    return today_in_vietnam(now())


def _spots(period: Period, *, with_below: bool) -> list[Spot]:
    """Refused `unit-unknown` and `unit-not-covered`."""
    code, on = request.args.get("unit", ""), day_of_units(period, now())
    unit = _covered_unit(code.removesuffix(REST), on)
    if not code.endswith(REST):
        return [unit, *(spots_below(db, unit, on) if with_below else [])]
    rest = rest_below(db, unit, on)
    if rest is None:
        raise Refused("unit-unknown", field="unit")
    return [rest]


def _covered_unit(code: str, on: date) -> Unit | None:
    """None is the country."""
    if code == COUNTRY:
        check_covers([])
        return None
    unit = _bearing(code, on) if CODE.fullmatch(code) else None
    if unit is None or unit.kind == UnitKind.VILLAGE:
        raise Refused("unit-unknown", field="unit")
    check_covers([unit.code, *(above.code for above in ancestors(db, unit.id))])
    return unit


def _bearing(code: str, on: date) -> Unit | None:
    """The unit that bears the code on that day, else today, else did last.

    Codes were given anew in 2025, so the day comes first. A code of another time is known, and its figures are missing.
    """
    last = select(Unit).where(Unit.code == code).order_by(Unit.valid_from.desc()).limit(1)
    return unit_by_code(db, code, on=on) or unit_by_code(db, code, on=_today()) or db.scalar(last)
