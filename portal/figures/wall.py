"""The wall of an operations centre: few figures in large type that refresh by themselves; published, of nobody.

The script asks for a sign of life before it loads the page again, so that a lost network leaves the last figures
standing, with a warning and their age.
"""

from __future__ import annotations

from uuid import UUID

from flask import Response

from portal.figures import blueprint, charts
from portal.figures.board import board_of, chosen, through_of
from portal.figures.course import changed, course_of, finding
from portal.figures.place import drawn
from portal.figures.ranking import FIRST, ranked, units_below
from portal.figures.scope import Place, place_of, visitor
from portal.figures.times import times_of
from portal.figures.words import ARRIVALS, SCORE_WORDS, STANDINGS
from portal.language import in_our_language, short_month
from portal.pages import page
from portal.services import now

AGAIN_SECONDS = 60


@blueprint.get("/nation/wall")
def nation_wall() -> Response:
    return _wall(None)


@blueprint.get("/units/<uuid:id>/wall")
def wall(id: UUID) -> Response:
    return _wall(id)


def _wall(id: UUID | None) -> Response:
    seen = place_of(visitor(), id)
    place = Place(seen.unit, seen.above, is_exact=False)  # many people pass a wall: published figures only
    times, below = times_of(place), units_below(place)
    board = board_of(place, times.period, [one.id for one in below], chosen(None))
    course = course_of(place, board)
    as_of = max((one.figure.as_of for one in board.keys if one.figure.as_of), default=None)
    return page(
        "figures/wall.html",
        place=place,
        times=times,
        board=board,
        lines=ranked(below, board.main, board.below, board.goal)[:FIRST],
        finding=finding(board, course),
        through=through_of(board),
        hours=None if as_of is None else int((now() - as_of).total_seconds() // 3600),
        again=AGAIN_SECONDS,
        at=now(),
        main=board.main.code,
        bullet=charts.bullet,
        changed=changed,
        row_bar=charts.row_bar,
        sparkline=charts.sparkline,
        month=short_month,
        rest=None,
        outlooks={},
        named=in_our_language,
        standings=STANDINGS,
        arrivals=ARRIVALS,
        score_words=SCORE_WORDS,
        **drawn(board, course),
    )
