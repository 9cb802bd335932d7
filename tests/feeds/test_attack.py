"""Whoever gets everything that the feeds give, in every format, subtracts in every way and recovers no small count."""

from __future__ import annotations

import csv
import io
from collections import Counter
from datetime import date, timedelta

import orjson
import pytest
from lxml import etree
from sqlalchemy import insert, select, update

from identity.places import Unit, UnitKind
from onboarding.feeds.formats import KINDS, Format
from onboarding.feeds.message import About
from onboarding.feeds.period_codes import dhis2_period, interval, sdmx_period
from onboarding.feeds.rows import DENOMINATOR, NUMERATOR, REST, row_of, spots_below
from onboarding.figures.model import NATION, IndicatorFact
from onboarding.figures.periods import month_of, read_period
from onboarding.figures.registry import get_indicator
from tests.feeds.table import AS_OF
from tests.onboarding.figures_scene import publish
from tests.onboarding.test_published import EVERY_DAY, Attacker, is_small, targets, world

pytestmark = pytest.mark.any_engine
CODE = "issued-of-applied"
PERIODS = (
    *(day.isoformat() for day in EVERY_DAY),
    *("2025-W26", "2025-W27", "2025-W28", "2025-W29", "2025-W30", "2025-W31"),
    *("2025-06", "2025-07", "2025-08", "S2025-07", "S2025-08", "2025-Q2", "2025-Q3", "2025-H1", "2025-H2", "2025"),
)
ABOUT = About("all", AS_OF, "en", "https://portal.example")
MEASURES = (NUMERATOR, DENOMINATOR)
XML = {"adx": "urn:ihe:qrph:adx:2015"}


def settled(db, communes):
    """Real provinces, older than the figures, and communes in the places of the small country's."""
    query = select(Unit).where(Unit.kind == UnitKind.PROVINCE, Unit.valid_to.is_(None)).order_by(Unit.code)
    query = query.where(Unit.valid_from < min(EVERY_DAY))
    provinces = dict(enumerate(db.scalars(query.limit(3))))
    inside = {}
    for number, province in provinces.items():
        below = select(Unit).where(Unit.parent_id == province.id, Unit.valid_to.is_(None)).order_by(Unit.code)
        inside.update({(number, place): unit for place, unit in enumerate(db.scalars(below.limit(4)))})
    return provinces, {key: inside[key] for key in communes}


def count(db, communes, provinces, inside):
    """The facts of these communes, their provinces and the country."""
    sums = Counter()
    for key, days in communes.items():
        for day, vector in days.items():
            for unit in (inside[key].id, provinces[key[0]].id, NATION):
                for index, number in enumerate(vector):
                    for kind, starts in (("day", day), ("month", month_of(day))):
                        sums[unit, kind, starts, index] += number
    rows = [
        {
            **{"indicator": CODE, "unit_id": unit, "kind": kind, "starts": starts, "version": 1, "as_of": AS_OF},
            **{"numerator": sums[unit, kind, starts, 0], "denominator": sums[unit, kind, starts, 1]},
        }
        for unit, kind, starts in {key[:3] for key in sums}
    ]
    db.execute(insert(IndicatorFact), rows)


def numbers_of(format_, body, rows):
    """(unit, period, measure) → number, as this format gives it; periods by our own code."""
    words = {Format.ADX: interval, Format.DHIS2: dhis2_period}.get(format_, sdmx_period)
    ours = {} if format_ in (Format.JSON, Format.CSV) else {words(row.period): row.period.code for row in rows}
    if format_ is Format.ADX:
        told = [
            (group.get("orgUnit"), group.get("period"), value.get("dataElement").partition(".")[2], value.get("value"))
            for group in etree.fromstring(body).iterfind("adx:group", XML)
            for value in group.iterfind("adx:dataValue", XML)
        ]
    elif format_ is Format.DHIS2:
        values = orjson.loads(body)["dataValues"]
        told = [(one["orgUnit"], one["period"], one["dataElement"].partition(".")[2], one["value"]) for one in values]
    elif format_ in (Format.JSON, Format.CSV):
        is_json = format_ is Format.JSON
        lines = orjson.loads(body)["facts"] if is_json else list(csv.DictReader(io.StringIO(body.decode())))
        told = [(one["unit"], one["period"], name, one[name.lower()]) for one in lines for name in MEASURES]
    elif format_ is Format.SDMX_CSV:
        lines = csv.DictReader(io.StringIO(body.decode()))
        told = [(one["AREA"], one["TIME_PERIOD"], one["MEASURE"], one["OBS_VALUE"]) for one in lines]
    else:
        told = list(observed(orjson.loads(body)))
    return {
        (unit, ours.get(period, period), measure): int(value)
        for unit, period, measure, value in told
        if measure in MEASURES and value not in ("", None)
    }


def observed(message):
    inner = message.get("data", message)
    structure = inner.get("structure") or inner["structures"][0]
    dimensions = structure["dimensions"]["observation"]
    values = [[value.get("id", value.get("value")) for value in one["values"]] for one in dimensions]
    for data in inner["dataSets"]:
        for key, told in data["observations"].items():
            _freq, _code, area, measure, period = (
                values[place][int(index)] for place, index in enumerate(key.split(":"))
            )
            yield area, period, measure, told[0]


def equation(code, period, number, members, through):
    first, end = period.first, min(period.end, through)
    cells = [(key, day) for key in members[code] for day in EVERY_DAY if first <= day < end]
    return [dict.fromkeys(cells, 1)] if number else [{cell: 1} for cell in cells]


def asked_of(db, wholes, period):
    """What a reader gets who asks for each of these and what lies below."""
    asked = dict.fromkeys(spot for whole in wholes for spot in (whole, *spots_below(db, whole, period.last)))
    return [row_of(db, get_indicator(CODE), spot, period) for spot in asked]


@pytest.mark.parametrize("seed", [1, 4])
def test_all_formats_together_give_no_small_count_away(database, clock, seed):
    communes = world(seed)
    clock.now = AS_OF
    with database.transaction() as db:
        provinces, inside = settled(db, communes)
        count(db, communes, provinces, inside)
        publish(db, AS_OF)
        wholes = [None, *(provinces[number] for number in {key[0] for key in communes})]
        periods = [read_period(code, on=date(2025, 7, 1)) for code in PERIODS]
        rows = [row for period in periods for row in asked_of(db, wholes, period)]
        rows += [row_of(db, get_indicator(CODE), unit, period) for unit in inside.values() for period in periods]
        rows = list({(row.place.code, row.period.code): row for row in rows}.values())
    plain = [row for row in rows if not row.period.code.startswith("S")]
    found = {}
    for format_, kind in KINDS.items():
        asked = plain if format_ is Format.DHIS2 else rows
        told = numbers_of(format_, kind.write(asked, ABOUT), asked)
        assert told == {
            (row.place.code, row.period.code, measure): number for row in asked for measure, number in row.counts
        }
        found.update(told)
    members = {"VN": set(communes), **{unit.code: {key} for key, unit in inside.items()}}
    members |= {unit.code: {key for key in communes if key[0] == number} for number, unit in provinces.items()}
    through = max(EVERY_DAY) + timedelta(days=1)
    by_code = {row.period.code: row.period for row in rows}
    for code, one, measure in found:
        if code.endswith(REST):
            whole = code.removesuffix(REST)
            parts = members if whole == "VN" else (unit.code for unit in inside.values())
            known = (members[part] for part in parts if part != whole and (part, one, measure) in found)
            members[code, one, measure] = members[whole].difference(*known)
    assert any(members[key] for key in found if key in members), "something is told that is in no part"
    for index, measure in enumerate(MEASURES):
        known = Attacker(
            part
            for (unit, code, one), number in found.items()
            if one == measure
            for part in equation(
                (unit, code, one) if unit.endswith(REST) else unit, by_code[code], number, members, through
            )
        )
        assert known.pivots
        small = [(name, cell) for name, cell in targets(communes) if is_small(communes, cell, index)]
        assert small
        assert [name for name, cell in small if known.knows(dict.fromkeys(cell, 1))] == []


def test_parts_and_what_is_in_none_of_them_add_up_in_every_format_when_a_province_ended(database, clock):
    """Those of the last day of a period are listed: what the ended one had stands beside them, and is never small."""
    communes = world(4)
    clock.now = AS_OF
    with database.transaction() as db:
        provinces, inside = settled(db, communes)
        count(db, communes, provinces, inside)
        db.execute(update(Unit).where(Unit.id == provinces[0].id).values(valid_to=date(2025, 7, 20)))
        publish(db, AS_OF)
        periods = [read_period(code, on=date(2025, 7, 1)) for code in PERIODS if not code.startswith("S")]
        db.refresh(provinces[0])
        asked = {(whole, period): asked_of(db, [whole], period) for period in periods for whole in (None, provinces[1])}
    assert len({row.place.code for row in asked[None, periods[-1]]}) == 1 + 33 + 1
    for format_, kind in KINDS.items():
        sums, ended = 0, 0
        for rows in asked.values():
            told = numbers_of(format_, kind.write(rows, ABOUT), rows)
            for measure in MEASURES:
                numbers = [told.get((row.place.code, row.period.code, measure)) for row in rows]
                if len(rows) > 1 and None not in (numbers[0], numbers[-1]):
                    assert numbers[0] == sum(number or 0 for number in numbers[1:])
                    assert numbers[-1] == 0 or numbers[-1] >= 10
                    sums, ended = sums + 1, ended + bool(numbers[-1])
        assert sums and ended
