"""A forecast from a weekly series and a goal: the band, the chance to reach the goal, when, and the pace it takes.

Worker only, as `reckoning`.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from math import ceil
from typing import Any
from zlib import crc32

import numpy as np

from onboarding.forecast.backtest import BAND, back_test
from onboarding.forecast.history import filled
from onboarding.forecast.reckoning import WEEKS, Array, simulate
from onboarding.forecast.shape import DAMPED, FEWEST_POINTS, RUN_RATE, TOO_FEW, Aim, Band, Forecast, Point, aimed_share

SHOWN, HORIZON = 12, 52
"""Weeks of the band at least, and weeks that are looked ahead at most."""
WEEK = timedelta(days=7)
Truths = np.ndarray[Any, np.dtype[np.bool_]]


def look_ahead(empty: Forecast, history: tuple[Point, ...], aim: Aim | None) -> Forecast:
    """The forecast of this series (at most a point a week); refused below eight points, and for a share of nothing.

    The same series gives the same forecast: what is drawn at random has its seed from the indicator and the place.
    """
    counts = aim is not None and not aim.is_share
    if len(history) < FEWEST_POINTS or not (counts or history[-1].denominator):
        return replace(empty, refused=TOO_FEW)
    weeks = filled(history)
    series = [(point.numerator, point.denominator) for point in weeks]
    counted = {point.week for point in history}
    model, tested = back_test(series, [at for at, point in enumerate(weeks) if point.week in counted])
    seed = crc32(f"{empty.indicator} {empty.unit_id}".encode())
    some, all_ = simulate(model, series, HORIZON, seed=seed)
    shown = max(SHOWN, min(_weeks_until(history[-1].week, aim.due) if aim else 0, HORIZON))
    found = replace(
        empty,
        history=history,
        path=_bands(history[-1].week, (some / np.maximum(all_, 1))[:, :shown]),
        beside=_middles(*simulate(RUN_RATE if model == DAMPED else DAMPED, series, shown, seed=seed)),
        pace_now=_pace(weeks),
        model=model,
        backtest=tested,
    )
    return found if aim is None else _towards(found, aim, some, all_)


def _towards(found: Forecast, aim: Aim, some: Array, all_: Array) -> Forecast:
    last = found.history[-1]
    met = _met(some, all_, aim)
    weeks = _weeks_until(last.week, aim.due)
    before = _is_met(last, aim)
    share = aimed_share(aim.value, aim.is_share, last)
    early, middle, late = (last.week + timedelta(days=6),) * 3 if before else _reached(last.week, met)
    if aim.is_most and not aim.is_share:
        early, middle, late = None, None, None
    if weeks < 1:
        return replace(found, target=share, due=aim.due, probability=float(before), reached=(early, late),
                       reached_middle=middle)  # fmt: skip
    due = min(weeks, HORIZON) - 1
    needed = aim.value * float(np.median(all_[:, due])) if aim.is_share else aim.value
    return replace(
        found,
        target=share,
        due=aim.due,
        probability=float(met[:, due].mean()),
        reached=(early, late),
        reached_middle=middle,
        pace_needed=max(needed - last.numerator, 0.0) / weeks,
    )


def _met(some: Array, all_: Array, aim: Aim) -> Truths:
    lacking = (aim.value * all_ if aim.is_share else aim.value) - some
    enough = lacking >= -1e-9 if aim.is_most else lacking <= 1e-9
    return enough & (all_ > 0) if aim.is_share else enough


def _is_met(last: Point, aim: Aim) -> bool:
    return bool(_met(np.array(float(last.numerator)), np.array(float(last.denominator)), aim))


def _weeks_until(last: date, due: date) -> int:
    """Whole weeks after the last known one whose end is not behind the day."""
    return ((due + timedelta(days=1)) - (last + WEEK)).days // 7


def _reached(last: date, met: Truths) -> tuple[date | None, date | None, date | None]:
    """By which week's end one in ten, half and nine in ten of the paths are there."""
    first = np.where(met.any(axis=1), met.argmax(axis=1), HORIZON)
    at = np.quantile(first, [BAND[0], 0.5, BAND[1]], method="higher")
    days = [None if week >= HORIZON else last + WEEK * (ceil(week) + 2) - timedelta(days=1) for week in at]
    return days[0], days[1], days[2]


def _bands(last: date, shares: Array) -> tuple[Band, ...]:
    low, middle, high = np.quantile(shares, [BAND[0], 0.5, BAND[1]], axis=0).round(6)
    rows = zip(middle, low, high, strict=True)
    return tuple(Band(last + WEEK * (number + 1), *map(float, row)) for number, row in enumerate(rows))


def _middles(some: Array, all_: Array) -> tuple[float, ...]:
    return tuple(map(float, np.quantile(some / np.maximum(all_, 1), 0.5, axis=0).round(6)))


def _pace(weeks: tuple[Point, ...]) -> float:
    """Numerators a week, of the last four weeks."""
    return (weeks[-1].numerator - weeks[-1 - WEEKS].numerator) / WEEKS
