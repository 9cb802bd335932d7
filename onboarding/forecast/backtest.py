"""Which of the two ways was better so far: each of the last weeks forecast from what was known before it.

Worker only, as `reckoning`.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from onboarding.forecast.reckoning import DAMPED, RUN_RATE, simulate
from onboarding.forecast.shape import Backtest, share_of

FEWEST, ORIGINS, AHEAD = 5, 6, 4
"""Weeks that are known at least, how many earlier days are gone back to, and how many weeks are looked ahead."""
BAND = (0.1, 0.9)
PATHS = 300


def back_test(series: Sequence[tuple[int, int]]) -> tuple[str, Backtest]:
    """The name of the better way (the simpler one when they are equal) and how both did."""
    errors: dict[str, list[float]] = {RUN_RATE: [], DAMPED: []}
    inside: dict[str, list[bool]] = {RUN_RATE: [], DAMPED: []}
    for origin in range(max(FEWEST, len(series) - ORIGINS), len(series)):
        ahead = min(AHEAD, len(series) - origin)
        actual = np.array([share_of(*pair) for pair in series[origin : origin + ahead]])
        for model in errors:
            some, all_ = simulate(model, series[:origin], ahead, seed=origin, paths=PATHS)
            shares = some / np.maximum(all_, 1)
            low, middle, high = np.quantile(shares, [BAND[0], 0.5, BAND[1]], axis=0)
            errors[model] += np.abs(middle - actual).tolist()
            inside[model] += ((low <= actual) & (actual <= high)).tolist()
    mean = {model: float(np.mean(found)) for model, found in errors.items()}
    better = DAMPED if mean[DAMPED] < mean[RUN_RATE] else RUN_RATE
    coverage = float(np.mean(inside[better]))
    return better, Backtest(len(errors[better]), mean[RUN_RATE], mean[DAMPED], coverage)
