"""What integrators read: the OpenAPI document and the schemas. Public."""

from __future__ import annotations

from typing import Any

import orjson
from flask import Response

from onboarding.figures.registry import schema
from portal.exchange import blueprint
from portal.exchange.figures import COLUMNS
from portal.security import anyone, guarded
from portal.services import services

TEXT, WHOLE = {"type": "string"}, {"type": "integer"}
DAY = {"type": "string", "format": "date"}
WORDS = {"type": "object", "additionalProperties": TEXT}


def _or_null(type_: str, **more: Any) -> dict[str, Any]:
    return {"type": [type_, "null"], **more}


FACT = {
    "indicator": TEXT,
    "version": WHOLE,
    "unit": TEXT,
    "unit_name": TEXT,
    "period": TEXT,
    "first_day": DAY,
    "last_day": DAY,
    "through": _or_null("string", format="date"),
    "numerator": _or_null("integer", minimum=0),
    "denominator": _or_null("integer", minimum=0),
    "value": _or_null("number", minimum=0),
    "status": {"enum": ["value", "zero", "missing", "suppressed"]},
    "as_of": _or_null("string", format="date-time"),
    "vintage": TEXT,
}
INDICATOR = {
    **dict.fromkeys(("code", "name", "definition", "numerator", "denominator"), TEXT),
    **dict.fromkeys(("denominator_source", "denominator_vintage", "unit", "owner"), TEXT),
    **{"version": WHOLE, "allowed_lag_days": WHOLE, "names": WORDS},
    **{
        "disaggregations": {"type": "array", "items": TEXT},
        "headline": {"type": "boolean"},
        "fed": {"type": "boolean"},
    },
}
PROBLEM = {"type": TEXT, "title": TEXT, "status": WHOLE, "detail": TEXT, "instance": TEXT}


@blueprint.get("/openapi.json")
@guarded(anyone)
def openapi() -> Response:
    """OpenAPI 3.1 of this slice."""
    return _shown(_document(services().settings.issuer))


@blueprint.get("/indicators.schema.json")
@guarded(anyone)
def registry_schema() -> Response:
    """JSON Schema of the registry as it is kept."""
    return _shown(schema())


@blueprint.get("/facts.schema.json")
@guarded(anyone)
def facts_schema() -> Response:
    """JSON Schema of one fact; the columns of the CSV in their order, where empty stands for null."""
    draft = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "Fact", **_object(FACT)}
    return _shown({**draft, "required": list(COLUMNS)})


def _document(issuer: str) -> dict[str, Any]:
    code = {"name": "code", "in": "path", "required": True, "schema": TEXT}
    query = [code, _asked("unit", "VN", "Code of a unit, or VN"), _asked("period", "2025-Q3", "2025, 2025-07, year …")]
    refused = [400, 401, 403, 404]
    paths = {
        "/exchange/indicators": _get("The registry of indicators", _as_json("Registry"), [], [401, 403]),
        "/exchange/indicators/{code}/facts": _get("One published figure", _as_json("Fact"), query, refused),
        "/exchange/indicators/{code}/facts.csv": _get(
            "A unit and those right below it", {"text/csv": {"schema": TEXT}}, query, refused
        ),
    }
    listed = {"indicators": {"type": "array", "items": _named("Indicator")}}
    shapes: dict[str, dict[str, Any]] = {"Indicator": INDICATOR, "Registry": listed, "Fact": FACT, "Problem": PROBLEM}
    flow = {"clientCredentials": {"tokenUrl": f"{issuer}/oauth/token", "scopes": {"statistics": "Published figures"}}}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Exchange of indicators", "version": "1.0.0"},
        "servers": [{"url": issuer}],
        "paths": paths,
        "components": {
            "schemas": {name: _object(properties) for name, properties in shapes.items()},
            "securitySchemes": {"machine": {"type": "oauth2", "flows": flow}},
        },
        "security": [{"machine": ["statistics"]}],
    }


def _get(summary: str, content: Any, parameters: list[Any], refused: list[int]) -> dict[str, Any]:
    wrong = {"description": "Problem document", "content": {"application/problem+json": {"schema": _named("Problem")}}}
    answers = {"200": {"description": summary, "content": content}, **{str(status): wrong for status in refused}}
    return {"get": {"summary": summary, "parameters": parameters, "responses": answers}}


def _asked(name: str, example: str, description: str) -> dict[str, Any]:
    place = {"name": name, "in": "query", "required": True, "schema": TEXT}
    return {**place, "example": example, "description": description}


def _as_json(name: str) -> dict[str, Any]:
    return {"application/json": {"schema": _named(name)}}


def _named(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


def _object(properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}


def _shown(document: Any) -> Response:
    return Response(orjson.dumps(document), mimetype="application/json")
