"""Units of a place: whom to support first or as a reader sorts them, a page at a time, searched without marks.

All communes of the country are some thousands. Their published figures change once a day, so what was ranked is kept
in this process for some minutes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from flask import current_app
from sqlalchemy import select

from identity.deadlines import today_in_vietnam
from identity.places import Unit, UnitKind
from identity.places.search import plain, title_words
from identity.places.units import exists_on
from onboarding.campaign.goals import WHOLE_SHARE, Goal
from onboarding.figures.periods import Period
from onboarding.figures.published import Published, Status
from onboarding.figures.redrawn import added, unallocated
from onboarding.figures.registry import Better, Indicator
from portal.database import db
from portal.figures.board import Board
from portal.figures.maps import figures_of
from portal.figures.scope import THEN, Place
from portal.language import current_locale
from portal.services import now
from portal.words.places import unit_title

FIRST, A_PAGE = 5, 25
KEPT, MOST_KEPT = timedelta(minutes=5), 32
USUAL = "lacking"


@dataclass(frozen=True, slots=True)
class Ranked:
    """One line. `lacking` is how many more the target needs, or how many are left where there is none.

    `folded` is what a search looks through; `sorts_by` is the name alone, without "ward" or "commune" before it.
    """

    unit_id: UUID
    name: str
    within: str
    folded: str
    sorts_by: str
    figure: Published
    lacking: int | None
    ended: date | None = None


def units_below(place: Place, period: Period | None = None) -> Sequence[Unit]:
    """Provinces of the country, communes of a province, villages of one's own ward, as the place's map has them.

    By the map of then also those that ended within the `period` or after it.
    """
    if place.kind == "commune" and not place.is_exact:
        return []
    stands = exists_on(today_in_vietnam(now()))
    if place.map == THEN and period is not None:
        stands |= (Unit.valid_from < period.end) & (Unit.valid_to > period.first)
    query = select(Unit).where(stands)
    query = query.where(Unit.parent_id == place.id if place.unit else Unit.kind == UnitKind.PROVINCE)
    return db.scalars(query.order_by(Unit.name_folded, Unit.code)).all()


def ranked(
    units: Sequence[Unit], indicator: Indicator, figures: Mapping[UUID, Published], goal: Goal | None
) -> list[Ranked]:
    """Most lacking first; then those whose figure is hidden or missing, by name.

    What ended, and villages, of which nothing was counted take no line.
    """
    lines = [_line(unit, "", indicator, figures[unit.id], goal) for unit in units if _has_line(unit, figures[unit.id])]
    return in_order(lines, USUAL)


def _has_line(unit: Unit, figure: Published) -> bool:
    return figure.status is not Status.MISSING or not (unit.valid_to or unit.kind == UnitKind.VILLAGE)


def all_communes(place: Place, indicator: Indicator, period: Period, goal: Goal | None) -> list[Ranked]:
    """Every commune of the country by what is published of it."""
    kept: dict[object, tuple[datetime, list[Ranked]]] = current_app.extensions.setdefault("ranked-communes", {})
    key, moment = (indicator.code, period.code, goal, place.map, current_locale()), now()
    if key in kept and kept[key][0] <= moment < kept[key][0] + KEPT:
        return kept[key][1]
    units = db.scalars(select(Unit).where(exists_on(today_in_vietnam(moment)), Unit.kind != UnitKind.VILLAGE)).all()
    provinces = {unit.id: unit_title(unit) for unit in units if unit.kind == UnitKind.PROVINCE}
    communes = [unit for unit in units if unit.kind == UnitKind.COMMUNE]
    found = figures_of(place, {unit.id: [indicator] for unit in communes}, period)
    lines = [
        _line(unit, provinces.get(unit.parent_id, ""), indicator, found[indicator.code, unit.id], goal)  # type: ignore[arg-type]
        for unit in communes
    ]
    lines = in_order(lines, USUAL)
    while len(kept) >= MOST_KEPT:
        kept.pop(next(iter(kept)))
    kept[key] = (moment, lines)
    return lines


def rest_of(place: Place, board: Board, lines: Sequence[Ranked]) -> Published | None:
    """What is in the place and in no line of a known figure: with it the table adds up."""
    return unallocated(board.of_main, (line.figure for line in lines), guarded=not place.is_exact) if lines else None


def others_of(lines: Sequence[Ranked], shown: Sequence[Ranked]) -> tuple[int, Published] | None:
    """How many lines are not shown, and what the known of them make together; where none is, why."""
    here = {line.unit_id for line in shown}
    others = [line.figure for line in lines if line.unit_id not in here]
    known = [(one, 1) for one in others if one.value is not None or one.status is Status.ZERO]
    return (len(others), added(known or [(one, 1) for one in others])) if others else None


def searched_for(lines: Sequence[Ranked], text: str) -> list[Ranked]:
    """Those whose names hold every word, without marks."""
    words = plain(text).split()
    return [line for line in lines if all(word in line.folded for word in words)]


def _line(unit: Unit, within: str, one: Indicator, figure: Published, goal: Goal | None) -> Ranked:
    words, lacking = title_words(unit), _lacking(one, figure, goal)
    return Ranked(unit.id, unit_title(unit), within, words, unit.name_folded, figure, lacking, last_day(unit))


def last_day(unit: Unit) -> date | None:
    """On which it stood last; None while it stands."""
    return unit.valid_to - timedelta(days=1) if unit.valid_to else None


def _lacking(one: Indicator, figure: Published, goal: Goal | None) -> int | None:
    """Whole people between the share and the target's, in exact tenths of a percent: too few, or too many where less is
    better."""
    if figure.value is None or figure.numerator is None or figure.denominator is None:
        return None
    best = WHOLE_SHARE if one.better is Better.MORE else 0
    tenths = round(goal.value * WHOLE_SHARE) if goal and goal.is_percent else best
    lacking = (tenths * figure.denominator - figure.numerator * WHOLE_SHARE) * one.way
    return max(0, -(-lacking // WHOLE_SHARE))


BY: Mapping[str, Callable[[Ranked], float]] = {
    USUAL: lambda line: -(line.lacking or 0),
    "lacking-few": lambda line: line.lacking or 0,
    "share": lambda line: line.figure.value or 0,
    "share-high": lambda line: -(line.figure.value or 0),
    "count": lambda line: -(line.figure.numerator or 0),
    "count-few": lambda line: line.figure.numerator or 0,
    "name": lambda line: 0,
}


def in_order(lines: Sequence[Ranked], by: str) -> list[Ranked]:
    """By one of the figures that are shown; what is hidden or missing has no place among them and follows by name."""
    place = BY[by]

    def key(line: Ranked) -> tuple[int, float, str, str]:
        unknown = 0 if line.figure.value is not None else 2
        hidden = {Status.SUPPRESSED: 1, Status.MISSING: 2}.get(line.figure.status, unknown)
        if by == "name" or not hidden:
            return 0, place(line), line.sorts_by, line.folded
        return hidden, 0, line.sorts_by, line.folded

    return sorted(lines, key=key)
