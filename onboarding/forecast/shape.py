"""The shape of a forecast, and how it is kept as plain data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from onboarding.campaign.goals import Goal
from onboarding.figures.registry import Better, Indicator

FEWEST_POINTS = 8
TOO_FEW = "too-few-points"
"""Below eight points nothing is forecast."""
FLAGGED = "flag-open"
"""Nor while a warning about the data is open."""
BEGINNING_HIDDEN = "beginning-hidden"
"""Nor is a number, or a share of people whom a paper counts, of whose first days too few were counted to be published:
what was counted then would be missing from it for ever."""
RUN_RATE, DAMPED = "run-rate", "damped"
"""The baseline and the model."""


@dataclass(frozen=True, slots=True)
class Aim:
    """What is to be reached until a day: a share (0 to 1), or a number counted; both from the day `since` on.

    `is_most`: less is better. A number that is the most there may be is kept on its day, and reached on none before.
    """

    value: float
    is_share: bool
    due: date
    is_most: bool = False
    since: date = date.min


@dataclass(frozen=True, slots=True)
class Point:
    """What was reached by the end of the week that begins on this Monday: all counts since the series began."""

    week: date
    share: float
    numerator: int
    denominator: int


@dataclass(frozen=True, slots=True)
class Band:
    """What is expected by the end of a week to come: the middle, and the band that holds four of five paths."""

    week: date
    middle: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Backtest:
    """Earlier weeks forecast from what was known before them.

    How many were compared, by how much baseline and model were wrong on average (as shares), and which part of them
    the band of the better one held.
    """

    points: int
    baseline_error: float
    model_error: float
    coverage: float


@dataclass(frozen=True, slots=True)
class Forecast:
    """Where an indicator of a place is going. With `refused` (why there is none) all but `aim` is empty.

    `aim` is what it was made for, None where nothing was aimed at: of another aim neither it nor a refusal says a word.

    `reached` are the early and the late end of the 80 % interval of the day on which the target is reached; None lies
    beyond what was looked at. `pace_now` and `pace_needed` are numerators a week (the most there may be, where less is
    better). `limits` are reasons of help that got stuck, the most frequent first. `cautions` name weeks to come in
    which little is done (`tet`, `holiday`). `model` is the way that was better so far, and all of this is its; `beside`
    is the middle of the other way, for the weeks of the path.
    """

    indicator: str
    unit_id: UUID
    made_at: datetime
    refused: str | None = None
    history: tuple[Point, ...] = ()
    path: tuple[Band, ...] = ()
    target: float | None = None
    due: date | None = None
    probability: float | None = None
    reached: tuple[date | None, date | None] = (None, None)
    reached_middle: date | None = None
    pace_now: float = 0.0
    pace_needed: float | None = None
    limits: tuple[tuple[str, int], ...] = ()
    model: str = ""
    backtest: Backtest | None = None
    cautions: tuple[tuple[str, date], ...] = ()
    beside: tuple[float, ...] = ()
    begun_late: date | None = None
    """The first published day, where what was counted before it is left out."""
    aim: Aim | None = None


def aim_of(one: Indicator, goal: Goal | None) -> Aim | None:
    """What a goal asks of an indicator, and from when on that is counted."""
    if goal is None:
        return None
    return Aim(goal.value, goal.is_percent, goal.due, one.better is Better.LESS, goal.first_day)


def as_data(one: Forecast) -> dict[str, Any]:
    """For JSON, without what has columns of its own."""
    return {
        "history": [[point.week.isoformat(), point.numerator, point.denominator] for point in one.history],
        "path": [[band.week.isoformat(), band.middle, band.low, band.high] for band in one.path],
        "target": one.target,
        "due": _text(one.due),
        "probability": one.probability,
        "reached": [_text(one.reached[0]), _text(one.reached_middle), _text(one.reached[1])],
        "pace": [one.pace_now, one.pace_needed],
        "limits": [list(pair) for pair in one.limits],
        "model": one.model,
        "backtest": None if one.backtest is None else _list(one.backtest),
        "cautions": [[code, day.isoformat()] for code, day in one.cautions],
        "beside": list(one.beside),
        "begun_late": _text(one.begun_late),
        **aim_as_data(one),
    }


def aim_as_data(one: Forecast) -> dict[str, Any]:
    """All that is kept of a refused one."""
    if one.aim is None:
        return {"aim": None}
    aim = one.aim
    return {"aim": [aim.value, aim.is_share, aim.due.isoformat(), aim.is_most, aim.since.isoformat()]}


def aim_from(data: Mapping[str, Any]) -> Aim | None:
    """The other way."""
    if data["aim"] is None:
        return None
    value, is_share, due, is_most, since = data["aim"]
    return Aim(value, is_share, date.fromisoformat(due), is_most, date.fromisoformat(since))


def from_data(indicator: str, unit_id: UUID, made_at: datetime, data: Mapping[str, Any]) -> Forecast:
    """The other way."""
    early, middle, late = (_day(text) for text in data["reached"])
    return Forecast(
        indicator,
        unit_id,
        made_at,
        history=tuple(_point(*row) for row in data["history"]),
        path=tuple(Band(date.fromisoformat(week), *numbers) for week, *numbers in data["path"]),
        target=data["target"],
        due=_day(data["due"]),
        probability=data["probability"],
        reached=(early, late),
        reached_middle=middle,
        pace_now=data["pace"][0],
        pace_needed=data["pace"][1],
        limits=tuple((reason, number) for reason, number in data["limits"]),
        model=data["model"],
        backtest=Backtest(*data["backtest"]) if data["backtest"] else None,
        cautions=tuple((code, date.fromisoformat(day)) for code, day in data["cautions"]),
        beside=tuple(data.get("beside", ())),  # what was kept before it was told has none until the next night
        begun_late=_day(data.get("begun_late")),
        aim=aim_from(data),
    )


def _point(week: str, numerator: int, denominator: int) -> Point:
    return Point(date.fromisoformat(week), share_of(numerator, denominator), numerator, denominator)


def share_of(numerator: int, denominator: int) -> float:
    """Nothing of nothing is nothing yet."""
    return numerator / denominator if denominator else 0.0


def aimed_share(value: float, is_share: bool, last: Point) -> float:
    """A goal on the axis of shares: a number is a share of what there is."""
    return value if is_share else min(value / max(last.denominator, 1), 1.0)


def _list(one: Backtest) -> list[float]:
    return [one.points, one.baseline_error, one.model_error, one.coverage]


def _text(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
