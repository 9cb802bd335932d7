"""JSON Schemas of what the exchange answers, used by its OpenAPI document and at addresses of their own."""

from __future__ import annotations

from datetime import date
from typing import Any

from onboarding.figures.published import Status
from onboarding.figures.registry import Better

TEXT, WHOLE, YES_OR_NO = {"type": "string"}, {"type": "integer"}, {"type": "boolean"}
DAY = {"type": "string", "format": "date"}
WORDS = {"type": "object", "additionalProperties": TEXT}
YEAR = r"(19\d\d|[2-8]\d{3}|9000)"
MONTH_DAY = r"((0[13578]|1[02])-(0[1-9]|[12]\d|3[01])|(0[469]|11)-(0[1-9]|[12]\d|30)|02-(0[1-9]|1\d|2[0-8]))"
NUMBER = r"(-D[1-9]\d{0,2})?"
"""Behind the first day of a campaign, which of its days is meant."""
PART = rf"(-H[12]|-Q[1-4]|-W(0[1-9]|[1-4]\d|5[0-2])|-{MONTH_DAY}{NUMBER})"
LEAP = r"((19|[2-8]\d)(0[48]|[2468][048]|[13579][26])|([2468][048]|[357][26])00)"
LONG = "|".join(str(year) for year in range(1900, 2101) if date(year, 12, 28).isocalendar().week == 53)
"""Years of 53 weeks, as far ahead as anybody asks."""
COMMON = rf"(year|quarter|month|{YEAR}-(0[1-9]|1[0-2])|{YEAR}{PART}?|{LEAP}-02-29{NUMBER}|({LONG})-W53)"
"""Periods that every format has a word for."""
STATE = r"S(20[2-9]\d|2[1-9]\d\d|[3-8]\d{3})(-(0[1-9]|1[0-2]|Q[1-4]|H[12]|9M))?"
PERIOD = rf"({COMMON}|{STATE})"
UNIT = r"(VN|[0-9]{2,10})(_X)?"
LONGEST_LIST = 60


def or_null(type_: str, **more: Any) -> dict[str, Any]:
    """A value that may be missing."""
    return {"type": [type_, "null"], **more}


def shape(properties: dict[str, Any]) -> dict[str, Any]:
    """An object with these members and no others."""
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}


FACT = {
    "indicator": TEXT,
    "version": WHOLE,
    "unit": TEXT,
    "unit_name": TEXT,
    "period": TEXT,
    "first_day": DAY,
    "last_day": DAY,
    "through": or_null("string", format="date"),
    "numerator": or_null("integer", minimum=0),
    "denominator": or_null("integer", minimum=0),
    "value": or_null("number", minimum=0),
    "status": {"enum": [status.value for status in Status]},
    "as_of": or_null("string", format="date-time"),
    "vintage": TEXT,
    "restated_at": or_null("string", format="date-time"),
}
FACTS = {"id": TEXT, "prepared": {"type": "string", "format": "date-time"}, "facts": {"type": "array"}}
INDICATOR = {
    **dict.fromkeys(("code", "name", "definition", "numerator", "denominator"), TEXT),
    **dict.fromkeys(("denominator_source", "denominator_vintage", "unit", "owner"), TEXT),
    "better": {"enum": [way.value for way in Better]},
    **{"version": WHOLE, "allowed_lag_days": WHOLE, "names": WORDS},
    **{"disaggregations": {"type": "array", "items": TEXT}, "headline": YES_OR_NO, "fed": YES_OR_NO},
}
PROBLEM = {"type": TEXT, "title": TEXT, "status": WHOLE, "detail": TEXT, "instance": TEXT}
DATA_VALUE = {
    "type": "object",
    "properties": {
        **dict.fromkeys(("dataElement", "orgUnit", "period", "value", "comment", "lastUpdated"), TEXT),
        "deleted": YES_OR_NO,
    },
    "required": ["dataElement", "orgUnit", "period", "value"],
    "additionalProperties": False,
}
DATA_VALUE_SET = {
    "dataElementIdScheme": {"const": "CODE"},
    "orgUnitIdScheme": {"const": "CODE"},
    "dataValues": {"type": "array", "items": DATA_VALUE},
}
