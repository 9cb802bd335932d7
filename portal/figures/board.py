"""What a dashboard of a place shows: four figures with targets, four data scores, and how the units below stand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from identity.deadlines import today_in_vietnam
from onboarding.campaign.goals import Goal, goals_for
from onboarding.figures.many import Wanted, spans_of
from onboarding.figures.model import PublishedSpan
from onboarding.figures.periods import Period
from onboarding.figures.published import Published
from onboarding.figures.registry import Indicator, get_indicator
from onboarding.figures.scores import CLEAN, CORRECT, LIVE, SUFFICIENT
from portal.database import db
from portal.figures.maps import figures_of
from portal.figures.scope import THEN, Place
from portal.services import now

KEYS = ("issued-of-applied", "activated-of-issued", "activated-of-applied", "own-hand")
MAIN = "activated-of-issued"
SCORES = (CORRECT, SUFFICIENT, CLEAN, LIVE)
UNMET = "unmet-need"
NEAR = 0.95
"""From this part of a target on a figure is nearly there."""


@dataclass(frozen=True, slots=True)
class Shown:
    """One figure with what it is to become."""

    indicator: Indicator
    figure: Published
    goal: Goal | None = None

    @property
    def standing(self) -> str | None:
        """Against its target: reached, near or behind; None where either is not known."""
        share = self.figure.value
        if share is None or self.goal is None or not self.goal.is_percent:
            return None
        if share >= self.goal.value:
            return "reached"
        return "near" if share >= self.goal.value * NEAR else "behind"


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
    figures = figures_of(place, wanted, period, spans if place.map == THEN else None)
    goals = goals_for(db, KEYS, place.lineage, today_in_vietnam(now()))
    span = next((row for row in spans if (row.unit_id, row.family) == (place.id, main.family)), None)
    shown = [Shown(one, figures[one.code, place.id], goals.get(one.code)) for one in own]
    below = {unit: figures[main.code, unit] for unit in units}
    keys, scores = tuple(shown[: len(KEYS)]), tuple(shown[len(KEYS) : -1])
    return Board(main, keys, scores, shown[-1].figure, below, span, spans)


def through_of(board: Board) -> date | None:
    """The last day that any of the four figures counts."""
    return max((one.figure.through for one in board.keys if one.figure.through), default=None)


def chosen(code: str | None) -> Indicator:
    """The one that chart and ranking are about."""
    return get_indicator(code if code in KEYS else MAIN)
