"""What integrators read: the OpenAPI document and the schemas. Public."""

from __future__ import annotations

from typing import Any

import orjson
from flask import Response

from identity.places import COUNTRY
from onboarding.feeds.formats import KINDS, Format
from onboarding.feeds.rows import ASKED
from onboarding.feeds.structure import LISTS
from onboarding.figures.registry import indicators, schema
from portal.exchange import blueprint
from portal.exchange.answers import for_everybody
from portal.exchange.shapes import (
    COMMON,
    DATA_VALUE_SET,
    FACT,
    FACTS,
    INDICATOR,
    LONGEST_LIST,
    PERIOD,
    PROBLEM,
    TEXT,
    UNIT,
    shape,
)
from portal.security import anyone, guarded
from portal.services import services

JSON = "application/json"
REFUSED = [400, 401, 403, 404]
PROBLEM_JSON = "application/problem+json"
DESCRIPTION = (
    "Published figures only: exact, or suppressed where a small count could be got back. Zero, missing and suppressed "
    "are three statuses. The access token is of a client of the profile `machine` with the scope `statistics` (the "
    "whole country) or `statistics:CODE` (that unit and everything below it)."
)


@blueprint.get("/openapi.json")
@guarded(anyone)
def openapi() -> Response:
    """OpenAPI 3.1 of this slice."""
    return for_everybody(orjson.dumps(_document(services().settings.issuer)), JSON)


@blueprint.get("/indicators.schema.json")
@guarded(anyone)
def registry_schema() -> Response:
    """JSON Schema of the registry as it is kept."""
    return for_everybody(orjson.dumps(schema()), JSON)


@blueprint.get("/facts.schema.json")
@guarded(anyone)
def facts_schema() -> Response:
    """JSON Schema of one fact; the columns of the CSV in their order, where empty stands for null."""
    draft = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "Fact", **shape(FACT)}
    return for_everybody(orjson.dumps({**draft, "required": list(ASKED)}), JSON)


def _document(issuer: str) -> dict[str, Any]:
    shapes: dict[str, dict[str, Any]] = {"Indicator": INDICATOR, "Fact": FACT, "Problem": PROBLEM}
    shapes["Registry"] = {"indicators": {"type": "array", "items": _named("Indicator")}}
    shapes["Facts"] = {**FACTS, "facts": {"type": "array", "items": _named("Fact")}}
    shapes["DataValueSet"] = DATA_VALUE_SET
    flow = {"clientCredentials": {"tokenUrl": f"{issuer}/oauth/token", "scopes": {"statistics": "Published figures"}}}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Exchange of indicators", "version": "1.1.0", "description": DESCRIPTION},
        "servers": [{"url": issuer}],
        "paths": {**_figures(), **_public()},
        "components": {
            "schemas": {name: shape(properties) for name, properties in shapes.items()},
            "securitySchemes": {"machine": {"type": "oauth2", "flows": flow}},
        },
        "security": [{"machine": ["statistics"]}],
    }


def _figures() -> dict[str, Any]:
    code = {"name": "code", "in": "path", "required": True, "schema": {"enum": [one.code for one in indicators()]}}
    unit = _asked("unit", UNIT, COUNTRY, "Code of a unit, or VN; with _X, what it has beyond the units right below")
    one = [
        code,
        unit,
        _asked(
            "period", PERIOD, "2025-Q3", "2025, 2025-07, year, 2025-07-01-D12 (day 12 of a campaign that began then) …"
        ),
    ]
    every = {KINDS[format_].media_type: _written(format_) for format_ in Format}
    single = {**every, JSON: {"schema": _named("Fact")}}
    paths = {
        "/exchange/indicators": _get("The registry of indicators", _as_json("Registry"), [], [401, 403]),
        "/exchange/indicators/{code}/facts": _get(
            "One published figure; in any other format than JSON, a table", single, one, [*REFUSED, 406]
        ),
    }
    for format_ in Format:
        content = {KINDS[format_].media_type: _written(format_)}
        path = f"/exchange/indicators/{{code}}/facts.{format_.value}"
        parameters = [code, unit, _of_periods(format_), *_of_tables()]
        paths[path] = _get("A unit, those right below it, and what is in none of them", content, parameters, REFUSED)
    return paths


def _of_periods(format_: Format) -> dict[str, Any]:
    one = COMMON if format_ is Format.DHIS2 else PERIOD
    many = f"{one}(,{one}){{0,{LONGEST_LIST - 1}}}"
    return _asked("period", many, "2025-06,2025-07", f"Up to {LONGEST_LIST} periods")


def _of_tables() -> list[dict[str, Any]]:
    flag, page = {"enum": ["0", "1"]}, {"type": "integer", "minimum": 1, "maximum": 10_000}
    return [
        _may("below", flag, "0: the unit alone"),
        _may("page", page, "Of 200 figures; the header Link names the next"),
        _may(
            "updated_since",
            {"type": "string", "format": "date-time"},
            "Only what may have changed since; at least that",
        ),
    ]


def _public() -> dict[str, Any]:
    lists = {"name": "list_id", "in": "path", "required": True, "schema": {"enum": list(LISTS.values())}}
    structure = {"application/vnd.sdmx.structure+json; version=2.0.0": {"schema": {"type": "object"}}}
    documents = {JSON: {"schema": {"type": "object"}}}
    found = {
        "/exchange/openapi.json": _get("This document", documents, [], []),
        "/exchange/facts.schema.json": _get("JSON Schema of a fact and of the CSV's columns", documents, [], []),
        "/exchange/indicators.schema.json": _get("JSON Schema of the registry as it is kept", documents, [], []),
        "/exchange/sdmx/structure.json": _get("SDMX: concepts, structure, dataflow, code lists", structure, [], []),
        "/exchange/sdmx/code-lists/{list_id}.json": _get("SDMX: one code list", structure, [lists], [404]),
        "/exchange/adx.xsd": _get("XML Schema of the ADX messages", {"application/xml": {"schema": TEXT}}, [], []),
    }
    for path in found.values():
        path["get"]["security"] = []
    return found


def _written(format_: Format) -> dict[str, Any]:
    if format_ is Format.JSON:
        return {"schema": _named("Facts")}
    if format_ is Format.DHIS2:
        return {"schema": _named("DataValueSet")}
    return {"schema": {"type": "object"} if "json" in KINDS[format_].media_type else TEXT}


def _get(summary: str, content: Any, parameters: list[Any], refused: list[int]) -> dict[str, Any]:
    wrong = {"description": "Problem document", "content": {PROBLEM_JSON: {"schema": _named("Problem")}}}
    answers = {"200": {"description": summary, "content": content}, "304": {"description": "As the ETag says"}}
    answers |= {str(status): wrong for status in refused}
    return {"get": {"summary": summary, "parameters": parameters, "responses": answers}}


def _asked(name: str, pattern: str, example: str, description: str) -> dict[str, Any]:
    place = {"name": name, "in": "query", "required": True, "schema": {"type": "string", "pattern": f"^{pattern}$"}}
    return {**place, "example": example, "description": description, "explode": False}


def _may(name: str, schema_: dict[str, Any], description: str) -> dict[str, Any]:
    return {"name": name, "in": "query", "required": False, "schema": schema_, "description": description}


def _as_json(name: str) -> dict[str, Any]:
    return {JSON: {"schema": _named(name)}}


def _named(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}
