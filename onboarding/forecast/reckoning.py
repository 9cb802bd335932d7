"""Reckoning a forecast from a weekly series: a run rate beside damped exponential smoothing, as simulated paths.

Worker only: this module imports numpy and statsmodels. It is reached through `making`, which imports it when a forecast
is made and not before.

Both ways give a weekly increment to go on from, a trend, and what is uncertain about them. A path draws its own level,
trend and noise (so that a short series gives a wide band), adds increments that are never negative, and is never above
its denominator. Numerator and denominator are drawn together, as their errors went together so far.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
from statsmodels.tsa.holtwinters import Holt

from onboarding.forecast.shape import DAMPED, RUN_RATE

Array = np.ndarray[Any, np.dtype[np.float64]]
WEEKS = 4
"""Of how many weeks the run rate is the mean."""
DAMPING = 0.9
LEVELS, TRENDS = (0.1, 0.25, 0.5), (0.05, 0.2)
"""Candidates of smoothing; the one with the smallest errors is taken."""
PATHS = 1000
DRIFT = 0.15
"""By how much of each surprise the run rate itself may have moved; no rate stays for ever."""
DOUBT = 0.55
"""How much of a free straight line's doubt there is about a damped trend. With `DRIFT` set so that bands cover at their
rate on made-up series of four kinds (`tests/onboarding/test_forecast.py`)."""
RECENT = 26
"""Errors older than half a year say nothing of the weeks to come: a campaign that ended leaves no doubt behind it."""
LEAST_ERRORS = 3
"""Fewer degrees of freedom than these are taken as these."""


@dataclass(frozen=True, slots=True)
class Fit:
    """From where the next weeks go on: the increment now, its trend, how fast both follow a surprise, and the errors
    so far, one week ahead each. `weight` and `line`: how many weeks stand behind the level and behind the trend."""

    level: float
    trend: float
    follow: float
    follow_trend: float
    errors: Array
    weight: float
    line: float


def run_rate(increments: Array) -> Fit:
    """The mean of the last four weeks goes on for ever."""
    window = min(WEEKS, len(increments) - 1)
    means = np.array([increments[at - window : at].mean() for at in range(window, len(increments))])
    errors = ((increments[window:] - means) / np.sqrt(1 + 1 / window))[-RECENT:]
    return Fit(float(increments[-window:].mean()), 0.0, DRIFT, 0.0, errors, window, min(2 * WEEKS, len(increments)))


def damped(increments: Array) -> Fit:
    """Holt's linear trend, damped; begins level at the mean of the first weeks, so that a trend must show itself."""
    if not np.ptp(increments):  # nothing to fit, and no error to take a logarithm of
        return Fit(float(increments[0]), 0.0, 0.0, 0.0, np.zeros(1), len(increments), len(increments))
    begin = float(increments[:WEEKS].mean())
    fits = [_holt(increments, begin, follow, trend) for follow, trend in product(LEVELS, TRENDS)]
    best, follow, trend = min(fits, key=lambda fit: float(np.square(fit[0].resid).sum()))
    weight = min((2 - follow) / follow, len(increments))
    level, slope = float(best.level[-1]), float(best.trend[-1])
    return Fit(level, slope, follow, follow * trend, np.asarray(best.resid)[-RECENT:], weight, weight)


def _holt(increments: Array, begin: float, follow: float, trend: float) -> tuple[Any, float, float]:
    model = Holt(increments, damped_trend=True, initialization_method="known", initial_level=begin, initial_trend=0.0)
    fit = model.fit(smoothing_level=follow, smoothing_trend=trend, damping_trend=DAMPING, optimized=False)
    return fit, follow, trend


FITS = {RUN_RATE: run_rate, DAMPED: damped}


def simulate(
    model: str, series: Sequence[tuple[int, int]], weeks: int, *, seed: int = 1, paths: int = PATHS
) -> tuple[Array, Array]:
    """Paths of both counts by the ends of the `weeks` to come, each paths × weeks. `series`: both so far, by week."""
    counts = np.asarray(series, dtype=np.float64)
    steps = np.diff(counts, axis=0)
    numerator, denominator = (FITS[model](np.ascontiguousarray(steps[:, column])) for column in (0, 1))
    chance = np.random.default_rng(seed)
    noise = _noise(numerator.errors, denominator.errors, (paths, weeks), chance)
    some = counts[-1, 0] + np.cumsum(_increments(numerator, noise[0], chance), axis=1)
    all_ = counts[-1, 1] + np.cumsum(_increments(denominator, noise[1], chance), axis=1)
    return np.minimum(some, all_), all_


def _noise(first: Array, second: Array, shape: tuple[int, int], chance: np.random.Generator) -> tuple[Array, Array]:
    """Surprises to come, with the spread of those so far (itself uncertain: Student's t) and going together as they."""
    together = _correlation(first, second)
    a, b = chance.standard_normal((2, *shape))
    free = max(len(first) - 1, LEAST_ERRORS)
    unsure = np.sqrt(free / chance.chisquare(free, (shape[0], 1)))
    return _spread(first) * unsure * a, _spread(second) * unsure * (together * a + np.sqrt(1 - together**2) * b)


def _spread(errors: Array) -> float:
    return float(np.sqrt(np.square(errors).mean()))


def _correlation(first: Array, second: Array) -> float:
    size = _spread(first) * _spread(second)
    return float(np.clip((first * second).mean() / size, -1, 1)) if size else 0.0


def _increments(fit: Fit, noise: Array, chance: np.random.Generator) -> Array:
    """Week after week from a level and trend that are themselves drawn."""
    level, trend = _begin(fit, len(noise), chance)
    found = np.empty_like(noise)
    for week in range(noise.shape[1]):
        expected = level + DAMPING * trend
        found[:, week] = expected + noise[:, week]
        level = expected + fit.follow * noise[:, week]
        trend = DAMPING * trend + fit.follow_trend * noise[:, week]
    return np.maximum(found, 0.0)


def _begin(fit: Fit, paths: int, chance: np.random.Generator) -> tuple[Array, Array]:
    """A mean of so many weeks is uncertain, and so is where a straight line through them would end."""
    spread = _spread(fit.errors)
    a, b = chance.standard_normal((2, paths))
    slope = DOUBT * spread * np.sqrt(12 / fit.line**3)
    level = spread * (a / np.sqrt(fit.weight) + DOUBT * np.sqrt(3 / fit.line) * b)
    return fit.level + level, fit.trend + slope * b
