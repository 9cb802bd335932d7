"""The registry and the facts, as published: exact, or suppressed where a small count could be got back.

GET /exchange/indicators
GET /exchange/indicators/{code}/facts?unit=VN&period=2025
GET /exchange/indicators/{code}/facts.csv?unit=VN&period=2025    the unit and the units right below it
"""

from __future__ import annotations

import csv
import io
import re
from typing import Any

import orjson
from flask import Response, request
from sqlalchemy import select

from identity.base import Refused
from identity.deadlines import today_in_vietnam
from identity.places import Unit, UnitKind, ancestors, unit_by_code
from onboarding.figures.model import NATION
from onboarding.figures.periods import Period, read_period
from onboarding.figures.published import Published, published
from onboarding.figures.registry import Indicator, get_indicator, indicators
from portal.database import db
from portal.exchange import blueprint
from portal.exchange.machine import check_covers
from portal.language import current_locale
from portal.services import now

COUNTRY, COUNTRY_NAMES = "VN", {"vi": "Việt Nam", "en": "Viet Nam"}
CODE = re.compile(r"[0-9]{2,10}", re.ASCII)
COLUMNS = (
    *("indicator", "version", "unit", "unit_name", "period", "first_day", "last_day", "through"),
    *("numerator", "denominator", "value", "status", "as_of", "vintage"),
)


@blueprint.get("/indicators")
def registry() -> Response:
    """Every indicator, also those that nothing feeds yet."""
    return _json({"indicators": [_described(one) for one in indicators()]})


@blueprint.get("/indicators/<code>/facts")
def facts(code: str) -> Response:
    indicator, unit, period = get_indicator(code), *_asked()
    return _json(_row(indicator, unit, period))


@blueprint.get("/indicators/<code>/facts.csv")
def facts_as_csv(code: str) -> Response:
    indicator, unit, period = get_indicator(code), *_asked()
    text = io.StringIO()
    table = csv.DictWriter(text, COLUMNS)
    table.writeheader()
    for one in (unit, *_below(unit, period)):
        table.writerow(_row(indicator, one, period))
    answer = Response(text.getvalue(), mimetype="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = f'attachment; filename="{indicator.code}-{period.code}.csv"'
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _asked() -> tuple[Unit | None, Period]:
    """Unit (None: the country) and period of the query; the token must be for the unit."""
    today = today_in_vietnam(now())
    period = read_period(request.args.get("period", ""), on=today)
    code = request.args.get("unit", "")
    if code == COUNTRY:
        check_covers([])
        return None, period
    unit = unit_by_code(db, code, on=max(period.first, min(period.last, today))) if CODE.fullmatch(code) else None
    if unit is None or unit.kind == UnitKind.VILLAGE:
        raise Refused("unit-unknown", field="unit")
    check_covers([unit.code, *(above.code for above in ancestors(db, unit.id))])
    return unit, period


def _below(unit: Unit | None, period: Period) -> list[Unit]:
    """Provinces of the country, communes of a province, on the period's last day."""
    day = min(period.last, today_in_vietnam(now()))
    query = select(Unit).where(Unit.valid_from <= day, (Unit.valid_to.is_(None)) | (Unit.valid_to > day))
    if unit is None:
        query = query.where(Unit.kind == UnitKind.PROVINCE)
    else:
        query = query.where(Unit.parent_id == unit.id, Unit.kind == UnitKind.COMMUNE)
    return list(db.scalars(query.order_by(Unit.code)))


def _row(indicator: Indicator, unit: Unit | None, period: Period) -> dict[str, Any]:
    found: Published = published(db, indicator, NATION if unit is None else unit.id, period)
    return {
        "indicator": indicator.code,
        "version": indicator.version,
        "unit": COUNTRY if unit is None else unit.code,
        "unit_name": _name(unit),
        "period": period.code,
        "first_day": period.first.isoformat(),
        "last_day": period.last.isoformat(),
        "through": found.through.isoformat() if found.through else None,
        "numerator": found.numerator,
        "denominator": found.denominator,
        "value": found.value,
        "status": found.status.value,
        "as_of": found.as_of.isoformat() if found.as_of else None,
        "vintage": indicator.denominator.vintage,
    }


def _name(unit: Unit | None) -> str:
    english = current_locale() == "en"
    if unit is None:
        return COUNTRY_NAMES["en" if english else "vi"]
    return unit.english_title if english else unit.title


def _described(one: Indicator) -> dict[str, Any]:
    locale = current_locale() if current_locale() in one.name else "en"
    return {
        "code": one.code,
        "version": one.version,
        "name": one.name[locale],
        "names": dict(one.name),
        "definition": one.definition[locale],
        "numerator": one.numerator.words[locale],
        "denominator": one.denominator.words[locale],
        "denominator_source": one.denominator.source,
        "denominator_vintage": one.denominator.vintage,
        "unit": one.unit,
        "disaggregations": list(one.disaggregations),
        "allowed_lag_days": one.allowed_lag_days,
        "owner": one.owner[locale],
        "headline": one.is_headline,
        "fed": one.is_fed,
    }


def _json(said: Any) -> Response:
    answer = Response(orjson.dumps(said), mimetype="application/json")
    answer.headers["Cache-Control"] = "no-store"
    return answer
