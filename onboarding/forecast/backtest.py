"""Which of the two ways was better so far: each of the last weeks forecast from what was known before it.

Worker only, as `reckoning`.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from onboarding.forecast.reckoning import simulate
from onboarding.forecast.shape import DAMPED, RUN_RATE, Backtest, share_of

FEWEST, ORIGINS, AHEAD = 5, 6, 4
"""Weeks that are known at least, how many of them are gone back to, and how many weeks are looked ahead: more where the
next known one is farther."""
BAND = (0.1, 0.9)
PATHS = 300


def back_test(series: Sequence[tuple[int, int]], known: Sequence[int] | None = None) -> tuple[str, Backtest]:
    """The name of the better way (the simpler one when they are equal) and how both did.

    `known`: where the series is counted and not filled in between (None: everywhere). Each forecast begins behind such
    a week, and is compared with such weeks only.
    """
    known = range(len(series)) if known is None else known
    errors: dict[str, list[float]] = {RUN_RATE: [], DAMPED: []}
    inside: dict[str, list[bool]] = {RUN_RATE: [], DAMPED: []}
    for number in range(max(FEWEST, len(known) - ORIGINS), len(known)):
        origin = known[number - 1] + 1
        weeks = [week - origin for week in known[number:] if week == known[number] or week < origin + AHEAD]
        actual = np.array([share_of(*series[origin + week]) for week in weeks])
        for model in errors:
            some, all_ = simulate(model, series[:origin], weeks[-1] + 1, seed=origin, paths=PATHS)
            shares = (some / np.maximum(all_, 1))[:, weeks]
            low, middle, high = np.quantile(shares, [BAND[0], 0.5, BAND[1]], axis=0)
            errors[model] += np.abs(middle - actual).tolist()
            inside[model] += ((low <= actual) & (actual <= high)).tolist()
    mean = {model: float(np.mean(found)) for model, found in errors.items()}
    better = DAMPED if mean[DAMPED] < mean[RUN_RATE] else RUN_RATE
    coverage = float(np.mean(inside[better]))
    return better, Backtest(len(errors[better]), mean[RUN_RATE], mean[DAMPED], coverage)
