"""The funnel as CSV: one row a unit, then the total. Zero is 0; what is missing is empty."""

from __future__ import annotations

import csv
import io

from onboarding.indicators import Funnel, Ratio
from onboarding.overview import Overview
from portal.spreadsheet import BYTE_ORDER_MARK, harmless

COLUMNS = (
    "unit_code",
    "unit_name",
    "applied",
    "issued",
    "activated",
    "waiting",
    "issued_of_applied",
    "activated_of_issued",
    "activated_of_applied",
    "counted_on",
)


def funnel_csv(figures: Overview) -> str:
    """RFC 4180 with a header; shares as decimals."""
    text = io.StringIO()
    table = csv.writer(text)
    table.writerow(COLUMNS)
    day = figures.on.isoformat()
    for unit in figures.units:
        table.writerow([unit.code, harmless(unit.name), *_cells(unit.funnel), day])
    table.writerow(["", "total", *_cells(figures.funnel), day])
    return BYTE_ORDER_MARK + text.getvalue()


def _cells(funnel: Funnel) -> list[object]:
    ratios = (funnel.issued_of_applied, funnel.activated_of_issued, funnel.activated_of_applied)
    return [funnel.applied, funnel.issued, funnel.activated, funnel.waiting, *map(_share, ratios)]


def _share(ratio: Ratio) -> str:
    return "" if ratio.share is None else f"{ratio.share:.4f}"
