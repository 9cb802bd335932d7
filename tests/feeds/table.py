"""A table of figures with every status, kind of period and action, made without a database."""

from __future__ import annotations

from datetime import UTC, date, datetime

from identity.places import COUNTRY
from onboarding.feeds.message import About
from onboarding.feeds.rows import COUNTRY_NAMES, Place, Row
from onboarding.figures.periods import read_period
from onboarding.figures.published import Status
from onboarding.figures.registry import get_indicator

AS_OF = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
ABOUT = About("a-message", AS_OF, "vi", "https://portal.example")
COUNTRY_PLACE = Place(COUNTRY, COUNTRY_NAMES)
PROVINCE = Place("66", {"vi": "Tỉnh Đắk Lắk", "en": "Đắk Lắk Province"})
REST_PLACE = Place("66_X", {"vi": "Tỉnh Đắk Lắk: chưa phân bổ", "en": "Đắk Lắk Province: unallocated"})
ONE = "issued-of-applied"
PERIODS = ("2025", "2025-H2", "2025-Q3", "2025-07", "2025-W27", "2025-07-01", "S2025-07")


def row(
    numerator=12, denominator=38, *, status=None, code="issued-of-applied", period="2025-07", place=PROVINCE, **said
):
    """One figure; without numbers it is suppressed unless said otherwise."""
    known = Status.SUPPRESSED if numerator is None else Status.VALUE if numerator else Status.ZERO
    through = None if numerator is None else date(2025, 7, 31)
    period = read_period(period, on=date(2025, 7, 31))
    return Row(get_indicator(code), place, period, status or known, numerator, denominator, through, AS_OF, **said)


def table():
    """A value, a zero, a missing and a suppressed figure, in every kind of period."""
    rows = [row(12 + number, 38, period=period, place=COUNTRY_PLACE) for number, period in enumerate(PERIODS)]
    rows += [row(0, 25), row(0, 0, period="2025-06"), row(None, None, period="2025-05")]
    rows.append(row(None, None, status=Status.MISSING, period="2025-04"))
    rows.append(row(33_601, 43_926, code="activated-of-issued"))
    rows += [row(14, 20, place=REST_PLACE), row(0, 0, place=REST_PLACE, period="2025-06")]
    rows.append(row(31, None, code="reached", place=REST_PLACE))
    return rows
