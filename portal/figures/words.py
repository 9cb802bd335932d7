"""How figures stand against their targets, and what forecasts and data scores are called."""

from __future__ import annotations

from onboarding.figures.scores import CLEAN, CORRECT, LIVE, SUFFICIENT
from onboarding.forecast.shape import DAMPED, RUN_RATE
from portal.language import _l

STANDINGS = {
    "reached": (_l("Reached"), "good", "circle-check"),
    "on-course": (_l("On course"), "good", "circle-check"),
    "near": (_l("Nearly there"), "waiting", "triangle-alert"),
    "behind": (_l("Behind"), "waiting", "triangle-alert"),
}
ARRIVALS = {
    "reached": (_l("Reached"), "good", "circle-check"),
    "in-time": (_l("In time"), "good", "circle-check"),
    "late": (_l("Too late"), "waiting", "triangle-alert"),
    "never": (_l("Not at this pace"), "bad", "triangle-alert"),
}
"""When a line gets to its target, beside the target's day."""
WAYS = {DAMPED: _l("model"), RUN_RATE: _l("plain run rate")}
ORDERS = {
    "lacking": _l("what is lacking, most first"),
    "lacking-few": _l("what is lacking, least first"),
    "share": _l("share, lowest first"),
    "share-high": _l("share, highest first"),
    "count": _l("number counted, most first"),
    "count-few": _l("number counted, fewest first"),
    "name": _l("name"),
}
"""How a list of units can be sorted; the first is usual."""
SCORE_WORDS = {
    CORRECT: (_l("Correct records"), _l("records that nothing contradicts")),
    SUFFICIENT: (_l("Enough teams"), _l("teams that recorded anything, each counted once a month")),
    CLEAN: (_l("Clean records"), _l("records without a double, from a unit that exists")),
    LIVE: (_l("Fresh records"), _l("records that came within 24 hours")),
}
