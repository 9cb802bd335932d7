"""What the formats refer to, for anybody: SDMX structures and code lists, the schema of ADX."""

from __future__ import annotations

import orjson
from flask import Response

from identity.deadlines import today_in_vietnam
from onboarding.feeds.adx import schema_of
from onboarding.feeds.structure import area_codes, code_list, definition
from onboarding.figures.registry import indicators
from portal.database import db
from portal.exchange import blueprint
from portal.exchange.answers import for_everybody
from portal.security import anyone, guarded
from portal.services import now, services

STRUCTURE_TYPE = "application/vnd.sdmx.structure+json; version=2.0.0"


@blueprint.get("/sdmx/structure.json")
@guarded(anyone)
def structure() -> Response:
    """Concepts, data structure definition, dataflow and code lists."""
    found = definition(services().settings.issuer, today_in_vietnam(now()))
    return for_everybody(orjson.dumps(found), STRUCTURE_TYPE)


@blueprint.get("/sdmx/code-lists/<list_id>.json")
@guarded(anyone)
def one_code_list(list_id: str) -> Response:
    found = code_list(db, list_id, services().settings.issuer, today_in_vietnam(now()))
    return for_everybody(orjson.dumps(found), STRUCTURE_TYPE)


@blueprint.get("/adx.xsd")
@guarded(anyone)
def adx_schema() -> Response:
    """XML Schema of the ADX messages, made from the same code lists."""
    found = schema_of((one.code for one in indicators()), area_codes(db))
    return for_everybody(found, "application/xml")
