"""The dashboards of the country, a province and a ward, and the whole list of their units."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response, redirect, request, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response as Answer

from identity.deadlines import today_in_vietnam
from identity.paging import count_pages
from identity.places import Unit, in_reach, successors
from onboarding.figures.restated import former
from onboarding.team import Team, teams_in
from portal.database import db
from portal.figures import blueprint, charts
from portal.figures.board import KEYS, Board, board_of, chosen, through_of
from portal.figures.comparison import tried
from portal.figures.course import Course, changed, course_of, finding, remarks
from portal.figures.decisions import decisions_of
from portal.figures.outlooks import outlooks_of
from portal.figures.ranking import (
    A_PAGE,
    FIRST,
    USUAL,
    Ranked,
    all_communes,
    in_order,
    last_day,
    others_of,
    ranked,
    rest_of,
    searched_for,
    units_below,
)
from portal.figures.scope import HELPING, Place, Visitor, place_of, visitor
from portal.figures.team import team_of_member
from portal.figures.times import Times, times_of
from portal.figures.words import ARRIVALS, ORDERS, SCORE_WORDS, STANDINGS
from portal.language import in_our_language, short_month
from portal.pages import page, page_number, searched
from portal.security import me
from portal.services import now


@blueprint.get("")
def home() -> Answer:
    """To the visitor's own place: the one that their role is for, or their team."""
    who, found = visitor(), me()
    if who.reach is None:
        return redirect(url_for("figures.nation"))
    if who.held:
        return redirect(url_for("figures.unit", id=who.held[0]))
    assert found is not None and found.units_for(*HELPING)
    return redirect(url_for("figures.team", id=team_of_member(who).id))


@blueprint.get("/nation")
def nation() -> Response:
    return _board(visitor(), None)


@blueprint.get("/units/<uuid:id>")
def unit(id: UUID) -> Response:
    return _board(visitor(), id)


@blueprint.get("/nation/units")
def nation_units() -> Response:
    """Every commune of the country, or its provinces."""
    return _listed(visitor(), None)


@blueprint.get("/units/<uuid:id>/units")
def units(id: UUID) -> Response:
    return _listed(visitor(), id)


def _board(who: Visitor, id: UUID | None) -> Response:
    place = place_of(who, id)
    times, main = times_of(place), chosen(request.args.get("indicator"))
    below = units_below(place, times.period)
    board = board_of(place, times.period, [one.id for one in below], main)
    course = course_of(place, board)
    lines = ranked(below, main, board.below, board.goal)
    return page(
        "figures/place.html",
        lines=lines[:FIRST],
        lines_total=len(lines),
        rest=rest_of(place, board, lines),
        others=others_of(lines, lines[:FIRST]),
        outlooks=outlooks_of(place, board, lines[:FIRST]),
        followed_by=_followers(place),
        last_day=last_day(place.unit) if place.unit else None,
        course=course,
        finding=finding(board, course),
        remarks=remarks(course),
        tried=tried(course.forecast, course.at_due, course.due),
        decisions=decisions_of(who, place, board, [one.id for one in below]),
        board=board,
        through=through_of(board),
        restated=former(db, board.main.code, place.id, times.period) if place.is_exact else None,
        score_words=SCORE_WORDS,
        teams=_teams(place, who),
        **drawn(board, course),
        **_common(who, place, times, main.code),
    )


def _teams(place: Place, who: Visitor) -> list[Team]:
    """The teams of a ward, for those who may open their pages."""
    if place.kind != "commune" or not in_reach(place.id, who.reach):
        return []
    return [team for team, _name in teams_in(db, {place.id}, on=today_in_vietnam(now()))]


def _followers(place: Place) -> list[Unit]:
    """What stands today where this place stood; empty while it stands itself."""
    if place.unit is None:
        return []
    standing = successors(db, place.id, on=today_in_vietnam(now())) - {place.id}
    if not standing:
        return []
    return list(db.scalars(select(Unit).where(Unit.id.in_(standing)).order_by(Unit.name_folded)))


def drawn(board: Board, course: Course) -> dict[str, Any]:
    """The chart in two cuts: a wide one, and one for phones."""
    if not course.is_drawn:
        return {"wide": None, "narrow": None}
    title, said = in_our_language(board.main.name), finding(board, course)
    wide = charts.trend(course, title, said, charts.WIDE, "trend-wide")
    return {"wide": wide, "narrow": charts.trend(course, title, said, charts.NARROW, "trend-narrow")}


def _listed(who: Visitor, id: UUID | None) -> Response:
    place = place_of(who, id)
    times, main, text = times_of(place), chosen(request.args.get("indicator")), searched()
    lines, board = _lines(place, times, main.code)
    asked = request.args.get("sort", USUAL)
    order = asked if asked in ORDERS else USUAL
    found = searched_for(lines, text)
    found = found if order == USUAL else in_order(found, order)
    number, pages = page_number(), count_pages(len(found), A_PAGE)
    number = min(number, pages)
    shown = found[(number - 1) * A_PAGE : number * A_PAGE]
    return page(
        "figures/units.html",
        lines=shown,
        rest=None if text else rest_of(place, board, lines),
        others=None if text else others_of(lines, shown),
        outlooks=outlooks_of(place, board, shown),
        found=len(found),
        board=board,
        number=number,
        pages=pages,
        text=text,
        order=order,
        order_asked=None if order == USUAL else order,
        orders=ORDERS,
        of_communes=_of_communes(place),
        **_common(who, place, times, main.code),
    )


def _lines(place: Place, times: Times, code: str) -> tuple[list[Ranked], Board]:
    main = chosen(code)
    below = [] if _of_communes(place) else units_below(place, times.period)
    board = board_of(place, times.period, [one.id for one in below], main)
    if _of_communes(place):
        return all_communes(place, main, times.period, board.goal), board
    return ranked(below, main, board.below, board.goal), board


def _of_communes(place: Place) -> bool:
    return place.unit is None and request.args.get("level") != "provinces"


def _common(who: Visitor, place: Place, times: Times, main: str) -> dict[str, Any]:
    return {
        "who": who,
        "place": place,
        "times": times,
        "main": main,
        "keys": KEYS,
        "standings": STANDINGS,
        "arrivals": ARRIVALS,
        "bullet": charts.bullet,
        "changed": changed,
        "row_bar": charts.row_bar,
        "sparkline": charts.sparkline,
        "month": short_month,
        "named": in_our_language,
    }
