"""The chart's table to take along: published weeks, then the weeks that are forecast, both ways beside each other.

A ward's forecast is made of exact figures, so its file has its published weeks only.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from uuid import UUID

from flask import Response, request

from onboarding.figures.registry import Indicator
from onboarding.forecast.shape import DAMPED, RUN_RATE
from portal.figures import blueprint
from portal.figures.board import board_of, chosen
from portal.figures.comparison import LAST
from portal.figures.course import Course, course_of
from portal.figures.export import Row, as_file
from portal.figures.scope import Place, place_of, visitor
from portal.figures.times import times_of
from portal.language import in_our_language

COLUMNS = (
    "unit_code",
    "unit_name",
    "indicator",
    "version",
    "name",
    "week_from",
    "through",
    "kind",
    "numerator",
    "denominator",
    "value",
    "low",
    "high",
    "forecast_by",
    "run_rate",
    "damped",
    "target",
    "target_day",
    "counted_from",
)
"""`value` of a week to come is what the better way says (`forecast_by`), with its band; both ways stand beside it."""


@blueprint.get("/nation/course.<ending>")
def nation_course(ending: str) -> Response:
    return _table(None, ending)


@blueprint.get("/units/<uuid:id>/course.<ending>")
def unit_course(id: UUID, ending: str) -> Response:
    return _table(id, ending)


def _table(id: UUID | None, ending: str) -> Response:
    place = replace(place_of(visitor(), id), is_exact=False)
    main = chosen(request.args.get("indicator"))
    course = course_of(place, board_of(place, times_of(place).period, [], main))
    return as_file(COLUMNS, list(_rows(place, main, course)), f"course-{place.code}-{main.code}", ending)


def _rows(place: Place, main: Indicator, course: Course) -> Iterator[Row]:
    head: Row = [place.code, place.name, main.code, main.version, in_our_language(main.name)]
    aim: Row = [_share(course.target), course.due.isoformat() if course.due else ""]
    begins = course.begun_late or course.since
    aim.append(begins.isoformat() if begins else "")
    for point in course.history:
        counts: Row = [point.numerator, point.denominator, _share(point.share)]
        yield [*head, *_week(point.week), "actual", *counts, *[""] * 5, *aim]
    way = course.forecast.model if course.forecast else ""
    beside = dict(course.compared.beside) if course.compared else {}
    for band in course.path:
        by_way = {way: _share(band.middle), (DAMPED if way == RUN_RATE else RUN_RATE): _share(beside.get(band.week))}
        shares: Row = [_share(band.middle), _share(band.low), _share(band.high)]
        yield [*head, *_week(band.week), "forecast", "", "", *shares, way, by_way[RUN_RATE], by_way[DAMPED], *aim]


def _week(monday: date) -> Row:
    return [monday.isoformat(), (monday + LAST).isoformat()]


def _share(share: float | None) -> str | float:
    return "" if share is None else round(share, 4)
