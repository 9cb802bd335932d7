"""DHIS2 data value sets (`/api/dataValueSets`), by code: one data element for numerator and denominator each.

What has no number has no data value: missing and suppressed figures are left out. A zero is a value. What is to be
deleted carries its last value and `deleted`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson

from onboarding.feeds.message import About
from onboarding.feeds.period_codes import dhis2_period
from onboarding.feeds.rows import Action, Row

SCHEMES = {"dataElementIdScheme": "CODE", "orgUnitIdScheme": "CODE"}


def element(indicator: str, measure: str) -> str:
    """The code of the data element, the same in ADX."""
    return f"{indicator}.{measure}"


def as_data_values(rows: Sequence[Row], _about: About) -> bytes:
    """One JSON document."""
    periods = [dhis2_period(row.period) for row in rows]  # also of rows without numbers: one word for all or none
    values = [
        _value(row, period, measure, number)
        for row, period in zip(rows, periods, strict=True)
        for measure, number in row.counts
    ]
    return orjson.dumps({**SCHEMES, "dataValues": values})


def _value(row: Row, period: str, measure: str, number: int) -> dict[str, Any]:
    value: dict[str, Any] = {
        "dataElement": element(row.indicator.code, measure),
        "period": period,
        "orgUnit": row.place.code,
        "value": str(number),
    }
    if row.as_of:
        value["lastUpdated"] = row.as_of.isoformat()
    if row.remark:
        value["comment"] = row.remark
    if row.action is Action.DELETE:
        value["deleted"] = True
    return value
