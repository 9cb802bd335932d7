"""Where the lines of a table are going: their last half-year, and when each reaches the target."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from identity.deadlines import today_in_vietnam
from onboarding.campaign.goals import Goal
from onboarding.figures.many import spans_of
from onboarding.figures.registry import Indicator
from onboarding.forecast import Arrival, Forecast, Point, arrival, recent, standing_of
from onboarding.warnings.flags import flagged_among
from portal.database import db
from portal.figures.board import Board
from portal.figures.ranking import Ranked
from portal.figures.scope import THEN, Place
from portal.services import now


@dataclass(frozen=True, slots=True)
class Outlook:
    """Of one line. `state` compares the day with the target's: reached, in-time, late, never; or why none is told."""

    history: tuple[Point, ...]
    arrival: Arrival
    state: str


def outlooks_of(place: Place, board: Board, lines: Sequence[Ranked]) -> Mapping[UUID, Outlook]:
    """Published courses of the places as they were; of what was redrawn there is none."""
    shown = {line.unit_id for line in lines}
    if place.is_exact or place.map != THEN or not shown:
        return {}
    spans = [row for row in board.spans if row.unit_id in shown] or spans_of(db, {unit: [board.main] for unit in shown})
    histories = recent(db, board.main, [row for row in spans if row.unit_id in shown])
    goal = board.goal if board.goal and board.goal.is_percent else None
    today = today_in_vietnam(now())
    flagged = flagged_among(db, board.main, shown, today=today) if goal else set[UUID]()
    of_provinces = place.unit is None and shown <= board.below.keys()  # the worker forecasts a ward by exact counts
    made = standing_of(db, board.main, shown, goal, flagged, today=today) if goal and of_provinces else {}
    return {
        unit: _outlook(board.main, history, goal, made.get(unit), is_flagged=unit in flagged)
        for unit, history in histories.items()
    }


def _outlook(
    one: Indicator, history: tuple[Point, ...], goal: Goal | None, made: Forecast | None, *, is_flagged: bool
) -> Outlook:
    if goal is None:
        return Outlook(history, Arrival(), "")
    found = Arrival(refused="flag-open") if is_flagged else _arrival(one, history, goal, made)
    return Outlook(history, found, _state(one, history, goal, found))


def _arrival(one: Indicator, history: tuple[Point, ...], goal: Goal, made: Forecast | None) -> Arrival:
    """As the worker forecast it where it did so from published figures (a province); else at the pace of four weeks."""
    if made is not None and made.refused:
        return Arrival(refused=made.refused)
    if made is not None:
        return Arrival(made.reached_middle)
    return arrival(history, goal.value, one.way)


def _state(one: Indicator, history: tuple[Point, ...], goal: Goal, found: Arrival) -> str:
    if found.refused:
        return found.refused
    if history and one.is_enough(history[-1].share, goal.value):
        return "reached"
    if found.day is None:
        return "never"
    return "in-time" if found.day <= goal.due else "late"
