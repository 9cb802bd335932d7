"""The registry and the facts, as published: exact, or suppressed where a small count could be got back.

GET /exchange/indicators
GET /exchange/indicators/{code}/facts?unit=VN&period=2025              one figure, as JSON
GET /exchange/indicators/{code}/facts.csv?unit=VN&period=2025-06,2025-07   the unit and those right below it, as a table
                                                                        (.json .csv .sdmx.csv .sdmx.json … or Accept)
"""

from __future__ import annotations

from hashlib import sha256
from typing import Any
from urllib.parse import urlencode

from flask import Response, abort, request

from identity.base import Refused
from onboarding.feeds.formats import KINDS, Format
from onboarding.feeds.message import EPOCH, About
from onboarding.feeds.moves import changed_since
from onboarding.feeds.restating import with_restatement
from onboarding.feeds.rows import Rest, Row, id_of, plain, row_of
from onboarding.figures.registry import Indicator, get_indicator, indicators
from portal.database import db
from portal.exchange import blueprint
from portal.exchange.answers import answer, as_json
from portal.exchange.asked import A_PAGE, QUERY, Cell, cells, negotiated, one_cell, page_number, since_asked
from portal.language import current_locale
from portal.services import services


@blueprint.get("/indicators")
def registry() -> Response:
    """Every indicator, also those that nothing feeds yet."""
    return as_json({"indicators": [_described(one) for one in indicators()]})


@blueprint.get("/indicators/<code>/facts")
def facts(code: str) -> Response:
    indicator, format_ = get_indicator(code), negotiated()
    if format_ is None:
        raise Refused("format-unknown")
    if format_ is not Format.JSON:
        return _table(indicator, format_)
    cell = one_cell()
    return as_json(plain(_row(indicator, cell), _locale()))


@blueprint.get("/indicators/<code>/facts.<ending>")
def facts_as_table(code: str, ending: str) -> Response:
    format_ = Format(ending) if ending in set(Format) else abort(404)
    return _table(get_indicator(code), format_)


def _table(indicator: Indicator, format_: Format) -> Response:
    asked, number, since = cells(), page_number(), since_asked()
    shown = asked[(number - 1) * A_PAGE : number * A_PAGE]
    rows = [_row(indicator, cell) for cell in shown]
    if since is not None:
        kept = changed_since(db, rows, [cell.spot for cell in shown], since)
        rows = [row for row, keep in zip(rows, kept, strict=True) if keep]
    said = answer(KINDS[format_].write(rows, _about(rows)), KINDS[format_].media_type)
    name = f"{indicator.code}-{rows[0].period.code if rows else 'none'}.{format_.value}".replace("/", "-")
    said.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    if number * A_PAGE < len(asked):
        said.headers["Link"] = f'<{_page(number + 1)}>; rel="next"'
    return said


def _row(indicator: Indicator, cell: Cell) -> Row:
    """As published, with since when it is so where it was restated; a rest, since when its whole is."""
    whole = cell.spot.of if isinstance(cell.spot, Rest) else cell.spot
    return with_restatement(db, row_of(db, indicator, cell.spot, cell.period), id_of(whole))


def _page(number: int) -> str:
    """The address of another page of the same question."""
    asked = {name: request.args[name] for name in QUERY if name in request.args}
    return f"{services().settings.issuer}{request.path}?{urlencode({**asked, 'page': number}, safe=',:')}"


def _about(rows: list[Row]) -> About:
    """Of the figures alone: the same figures make the same message."""
    told = "\n".join(f"{row.indicator.code} {row.place.code} {row.period.code} {row.as_of}" for row in rows)
    prepared = max((row.as_of for row in rows if row.as_of), default=EPOCH)
    return About(sha256(told.encode()).hexdigest()[:32], prepared, _locale(), services().settings.issuer)


def _locale() -> str:
    return "en" if current_locale() == "en" else "vi"


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
        "better": one.better.value,
        "disaggregations": list(one.disaggregations),
        "allowed_lag_days": one.allowed_lag_days,
        "owner": one.owner[locale],
        "headline": one.is_headline,
        "fed": one.is_fed,
    }
