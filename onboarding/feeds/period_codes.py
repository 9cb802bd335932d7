"""What other standards call our periods.

SDMX 3.0 section 4.2 (standard time periods; a range where there is none), ISO 8601 intervals as ADX has them, and the
period identifiers of DHIS2.
"""

from __future__ import annotations

from identity.base import Refused
from onboarding.figures.periods import Period, PeriodKind

FREQUENCIES = {
    PeriodKind.DAY: "D",
    PeriodKind.WEEK: "W",
    PeriodKind.MONTH: "M",
    PeriodKind.QUARTER: "Q",
    PeriodKind.HALF_YEAR: "S",
    PeriodKind.YEAR: "A",
}
DURATIONS = {
    PeriodKind.DAY: "P1D",
    PeriodKind.WEEK: "P7D",
    PeriodKind.MONTH: "P1M",
    PeriodKind.QUARTER: "P3M",
    PeriodKind.HALF_YEAR: "P6M",
    PeriodKind.YEAR: "P1Y",
}


def frequency(kind: PeriodKind) -> str:
    """The code of CL_FREQ; kinds that no standard has go by our own name."""
    return FREQUENCIES.get(kind) or kind.value.upper().replace("-", "_")


def sdmx_period(period: Period) -> str:
    """`2025`, `2025-S1`, `2025-Q3`, `2025-07`, `2025-W27`, `2025-07-01`, else a range like `2025-06-15/P30D`."""
    if period.kind == PeriodKind.HALF_YEAR:
        return period.code.replace("H", "S")
    return period.code if period.kind in FREQUENCIES else interval(period)


def interval(period: Period) -> str:
    """First day and duration."""
    days = (period.end - period.first).days
    return f"{period.first.isoformat()}/{DURATIONS.get(period.kind) or f'P{days}D'}"


def dhis2_period(period: Period) -> str:
    """`2025`, `2025S1`, `2025Q3`, `202507`, `2025W27`, `20250701`. Refused `period-not-in-format` for any other."""
    if period.kind not in FREQUENCIES:
        raise Refused("period-not-in-format", field="period")
    year, _dash, rest = period.code.partition("-")
    return year + rest.replace("-", "").replace("W0", "W").replace("H", "S")
