"""Refusals of the exchange with other bodies."""

from portal.language import _l

SENTENCES = {
    "indicator-unknown": _l("There is no indicator with this code. The registry lists them."),
    "period-unknown": _l(
        "This is not a period. Write 2025, 2025-H1, 2025-Q3, 2025-07, 2025-W27, 2025-07-01, 2025-07-01-D12 "
        "(the 12th day from then on), S2025-07, or year, quarter or month for the current one."
    ),
    "unit-unknown": _l("There is no unit with this code. Write the code of a unit, or VN."),
    "unit-not-covered": _l("This access is not for this unit."),
    "periods-too-many": _l("Ask for at most %(most)s periods at once."),
    "page-unknown": _l("This is not a page. Write a number from 1 on."),
    "flag-unknown": _l("“%(name)s” is 0 or 1."),
    "moment-unknown": _l("This is not a moment. Write it like 2026-11-22T08:00:00+07:00."),
    "period-not-in-format": _l("This format has no word for such a period. Ask for another format."),
    "format-unknown": _l("What is asked for comes in other formats only."),
    "code-list-unknown": _l("There is no such code list. The structure names them."),
}
STATUS = {
    **{"indicator-unknown": 404, "period-unknown": 400, "unit-unknown": 404, "unit-not-covered": 403},
    **{"periods-too-many": 400, "page-unknown": 400, "flag-unknown": 400, "moment-unknown": 400},
    **{"period-not-in-format": 400, "code-list-unknown": 404, "format-unknown": 406},
}
