"""What a dashboard of a place shows: four figures with targets and change, data scores, and how the units below are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from identity.deadlines import today_in_vietnam
from onboarding.campaign.goals import Goal, goals_for
from onboarding.campaign.progress import Standing, standing_of_growth, standing_of_share
from onboarding.figures.many import Wanted, spans_of
from onboarding.figures.model import PublishedSpan
from onboarding.figures.periods import Period, span
from onboarding.figures.published import Published
from onboarding.figures.registry import Indicator, get_indicator
from onboarding.figures.scores import CLEAN, CORRECT, LIVE, SUFFICIENT
from portal.database import db
from portal.figures.maps import figures_of
from portal.figures.scope import THEN, Place
from portal.figures.times import earlier
from portal.services import now

KEYS = ("issued-of-applied", "activated-of-issued", "activated-of-applied", "own-hand")
MAIN = "activated-of-issued"
SCORES = (CORRECT, SUFFICIENT, CLEAN, LIVE)
UNMET = "unmet-need"
Spans = Sequence[PublishedSpan] | None


@dataclass(frozen=True, slots=True)
class Shown:
    """One figure with what it is to become, and what it was the `time_before`.

    `so_far`: of a goal that is a number, what was counted of it in the days of its campaign.
    """

    indicator: Indicator
    figure: Published
    goal: Goal | None = None
    time_before: Published | None = None
    so_far: Published | None = None

    @property
    def change(self) -> float | None:
        """By how much the share went up; None where one of the two is not known."""
        share, before = self.figure.value, self.time_before.value if self.time_before else None
        return None if share is None or before is None else share - before

    @property
    def standing(self) -> Standing | None:
        """Against its target: reached, near or behind; None where either is not known."""
        if self.so_far is not None and self.goal is not None:
            return _standing_of_number(self.indicator, self.so_far, self.goal)
        share = self.figure.value
        if share is None or self.goal is None or not self.goal.is_percent:
            return None
        return standing_of_share(self.indicator, share, self.goal.value)


@dataclass(frozen=True, slots=True)
class Board:
    """A place in a period. `below` are the main figures of the units within."""

    main: Indicator
    keys: tuple[Shown, ...]
    scores: tuple[Shown, ...]
    unmet: Published
    below: Mapping[UUID, Published]
    span: PublishedSpan | None
    spans: Sequence[PublishedSpan]
    later: Goal | None = None
    """What the main figure is to become today, where the time was over before that campaign began."""

    @property
    def goal(self) -> Goal | None:
        return next(one.goal for one in self.keys if one.indicator is self.main)

    @property
    def of_main(self) -> Published:
        return next(one.figure for one in self.keys if one.indicator is self.main)


def board_of(place: Place, period: Period, units: Sequence[UUID], main: Indicator) -> Board:
    """Everything in a few statements; exact or published as the place is."""
    own = [get_indicator(code) for code in (*KEYS, *SCORES, UNMET)]
    wanted: Wanted = {place.id: own, **{unit: [main] for unit in units}}
    spans = [] if place.is_exact else spans_of(db, wanted)
    known = spans if place.map == THEN else None
    figures = figures_of(place, wanted, period, known)
    of_today = goals_for(db, KEYS, place.lineage, today_in_vietnam(now()))
    goals = {code: goal for code, goal in of_today.items() if _is_aimed_at(goal, period)}
    before, so_far = _of_time_before(place, period, known), _of_numbers(place, goals, known)
    own_span = next((row for row in spans if (row.unit_id, row.family) == (place.id, main.family)), None)
    shown = [
        Shown(one, figures[one.code, place.id], goals.get(one.code), before.get(one.code), so_far.get(one.code))
        for one in own
    ]
    below = {unit: figures[main.code, unit] for unit in units}
    keys, scores = tuple(shown[: len(KEYS)]), tuple(shown[len(KEYS) : -1])
    later = of_today.get(main.code) if main.code not in goals else None
    return Board(main, keys, scores, shown[-1].figure, below, own_span, spans, later)


def _is_aimed_at(goal: Goal, period: Period) -> bool:
    """Nothing was aimed at in a time that was over before the campaign began."""
    return goal.first_day <= period.last


def _of_time_before(place: Place, period: Period, spans: Spans) -> dict[str, Published]:
    """The four figures of the time before, as far as there is one."""
    before = earlier(period)
    return _keys_of(place, KEYS, before, spans) if before else {}


def _of_numbers(place: Place, goals: Mapping[str, Goal], spans: Spans) -> dict[str, Published]:
    """What was counted in the campaign's days, where the goal is a number."""
    today, found = today_in_vietnam(now()), dict[str, Published]()
    for code, goal in goals.items():
        if not goal.is_percent:
            found |= _keys_of(place, [code], span(goal.first_day, min(goal.due, today)), spans)
    return found


def _keys_of(place: Place, codes: Sequence[str], period: Period, spans: Spans) -> dict[str, Published]:
    figures = figures_of(place, {place.id: [get_indicator(code) for code in codes]}, period, spans)
    return {code: figures[code, place.id] for code in codes}


def _standing_of_number(one: Indicator, so_far: Published, goal: Goal) -> Standing | None:
    """By the days that are counted."""
    if so_far.numerator is None:
        return None
    last = so_far.through or goal.first_day
    gone, whole = (last - goal.first_day).days + 1, (goal.due - goal.first_day).days + 1
    return standing_of_growth(one, so_far.numerator, goal.value, gone, whole)


def through_of(board: Board) -> date | None:
    """The last day that any of the four figures counts."""
    return max((one.figure.through for one in board.keys if one.figure.through), default=None)


def chosen(code: str | None) -> Indicator:
    """The one that chart and ranking are about."""
    return get_indicator(code if code in KEYS else MAIN)
