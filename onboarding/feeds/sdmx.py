"""SDMX: how our figures are observations, and the two forms in which they are written as CSV and JSON.

One figure is three observations, of the measures NUMERATOR, DENOMINATOR and SHARE. Zero is a value, missing is status
`O`, suppressed is status `Q` (CL_OBS_STATUS 2.2), so the three stay apart.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from onboarding.feeds.message import About
from onboarding.feeds.period_codes import frequency, sdmx_period
from onboarding.feeds.rows import DENOMINATOR, NUMERATOR, SHARE, Action, Row
from onboarding.figures.published import Status

AGENCY, FLOW, STRUCTURE, VERSION = "EID", "DF_INDICATORS", "DSD_INDICATORS", "1.0"
DIMENSIONS = ("FREQ", "INDICATOR", "AREA", "MEASURE", "TIME_PERIOD")
VALUE = "OBS_VALUE"
ATTRIBUTES = ("OBS_STATUS", "INDICATOR_VERSION", "THROUGH", "AS_OF", "VINTAGE", "REVISION", "RESTATED_AT")
MEASURES = (NUMERATOR, DENOMINATOR, SHARE)
NORMAL, MISSING, SUPPRESSED = "A", "O", "Q"
ACTIONS = {None: "I", Action.REPLACE: "R", Action.DELETE: "D"}


@dataclass(frozen=True, slots=True)
class Observation:
    """A value at a key, or none."""

    key: tuple[str, ...]
    value: float | int | None
    attributes: tuple[str | None, ...]
    action: Action | None


def observations(rows: Iterable[Row]) -> Iterable[Observation]:
    """Three for each row."""
    for row in rows:
        numbers = dict(zip(MEASURES, (row.numerator, row.denominator, row.value), strict=True))
        for measure in MEASURES:
            yield _observation(row, measure, numbers[measure])


def as_sdmx_csv(rows: Sequence[Row], _about: About) -> bytes:
    """SDMX-CSV 2.0. A row that deletes has its key and nothing else."""
    text = io.StringIO()
    table = csv.writer(text)
    table.writerow(("STRUCTURE", "STRUCTURE_ID", "ACTION", *DIMENSIONS, VALUE, *ATTRIBUTES))
    for one in observations(rows):
        empty = one.action is Action.DELETE
        told = (
            ("",) * (len(ATTRIBUTES) + 1) if empty else (_written(one.value), *(part or "" for part in one.attributes))
        )
        table.writerow(("dataflow", f"{AGENCY}:{FLOW}({VERSION})", ACTIONS[one.action], *one.key, *told))
    return text.getvalue().encode()


def _observation(row: Row, measure: str, value: float | int | None) -> Observation:
    key = frequency(row.period.kind), row.indicator.code, row.place.code, measure, sdmx_period(row.period)
    status = NORMAL if value is not None else SUPPRESSED if row.status == Status.SUPPRESSED else MISSING
    through = row.through.isoformat() if row.through else None
    as_of = row.as_of.isoformat() if row.as_of else None
    revision = None if row.action is None else str(row.revision)
    restated = row.restated_at.isoformat() if row.restated_at else None
    told = status, str(row.indicator.version), through, as_of, row.vintage, revision, restated
    return Observation(key, value, told, row.action)


def _written(value: float | int | None) -> str:
    return "" if value is None else repr(value)
