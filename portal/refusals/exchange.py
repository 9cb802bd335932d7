"""Refusals of the exchange with other bodies."""

from portal.language import _l

SENTENCES = {
    "indicator-unknown": _l("There is no indicator with this code. The registry lists them."),
    "period-unknown": _l(
        "This is not a period. Write 2025, 2025-H1, 2025-Q3, 2025-07, 2025-W27, 2025-07-01, S2025-07, or year, "
        "quarter or month for the current one."
    ),
    "unit-unknown": _l("There is no unit with this code in that period. Write the code of a unit, or VN."),
    "unit-not-covered": _l("This access is not for this unit."),
}
STATUS = {"indicator-unknown": 404, "period-unknown": 400, "unit-unknown": 404, "unit-not-covered": 403}
