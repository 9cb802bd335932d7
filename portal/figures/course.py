"""The course of the main figure: weeks behind and ahead, and the finding that is the chart's title."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from identity.deadlines import today_in_vietnam
from onboarding.figures.published import Status
from onboarding.forecast import Band, Forecast, Point, standing
from onboarding.forecast.history import begun_late, exact_history, published_history
from onboarding.forecast.shape import BEGINNING_HIDDEN
from portal.database import db
from portal.figures.board import Board, Shown
from portal.figures.comparison import LAST, Compared, compared
from portal.figures.scope import Place
from portal.language import _, amount, in_our_language, percent
from portal.language import day as day_word
from portal.services import now
from portal.words.assistance import OBSTACLES


@dataclass(frozen=True, slots=True)
class Course:
    """What the chart draws: shares by the Monday of their week, and how far they are to come."""

    history: tuple[Point, ...]
    path: tuple[Band, ...]
    target: float | None
    due: date | None
    forecast: Forecast | None
    since: date | None = None
    """From when it is counted: the first day of the goal's campaign; None: the first day of all."""
    is_open: bool = True
    """Whether whoever looks may know what is forecast here."""
    begun_late: date | None = None
    """The first published day, where what was counted before it is left out."""
    aimed_from: date | None = None
    """When the campaign began that all is forecast for today, where the chosen time was over before."""

    @property
    def is_drawn(self) -> bool:
        """A course has at least two weeks."""
        return len(self.history) + len(self.path) > 1 and bool(self.history)

    @property
    def compared(self) -> Compared | None:
        """The better way of the forecast beside the other one."""
        return compared(self.forecast) if self.path else None

    @property
    def at_due(self) -> Band | None:
        """The forecast for the target's day, where it reaches that far: by the last week that is over by then."""
        if self.due is None:
            return None
        return next((band for band in self.path if 0 <= (self.due - band.week - LAST).days < 7), None)


def course_of(place: Place, board: Board) -> Course:
    """A ward's stored forecast comes from exact counts, so it is for those who may know them."""
    today = today_in_vietnam(now())
    is_open = place.is_exact or place.kind != "commune"
    goal = board.goal
    forecast = standing(db, board.main, place.id, goal, today=today) if is_open else None
    since = goal.first_day if goal else None
    history = _of_something(forecast.history if forecast else ())
    if forecast and forecast.history and not history:
        forecast = None
    late = forecast.begun_late if forecast else None
    if not history and place.is_exact:
        history = exact_history(db, board.main, place.id, since, today=today)
    elif not history and board.span is not None:
        history = published_history(db, board.main, board.span, since)
        late = begun_late(db, board.main, board.span, since)
    history = _of_something(history)
    path = forecast.path if forecast else ()
    if goal is None or not goal.is_percent:
        later = board.later.first_day if board.later else None
        return Course(history, path, None, None, forecast, since, is_open, late, later)
    return Course(history, path, goal.value, goal.due, forecast, since, is_open, late)


def _of_something(points_: tuple[Point, ...]) -> tuple[Point, ...]:
    """Weeks with nothing to take a share of are missing, and not zero."""
    return tuple(point for point in points_ if point.denominator)


def finding(board: Board, course: Course) -> str:
    """What the chart says, in one sentence."""
    name = in_our_language(board.main.name)
    if not course.is_drawn:
        return _of_the_time(board, course, name)
    ahead = course.at_due or (course.path[-1] if course.path else None)
    by = course.due if course.at_due else ahead.week + LAST if ahead else None
    if ahead is not None and course.target is not None:
        return _against(ahead.middle, course.target, _from(day_word(by), course), is_forecast=True)
    last, name = course.history[-1], _from(name, course)
    if ahead is not None:
        return str(
            _(
                "%(name)s: %(share)s forecast by %(day)s",
                name=name,
                share=percent(ahead.middle),
                day=day_word(by),
            )
        )
    if course.target is not None:
        what = str(_("%(name)s until %(day)s", name=name, day=day_word(last.week + LAST)))
        return _against(last.share, course.target, what, is_forecast=False)
    return str(
        _("%(name)s: %(share)s until %(day)s", name=name, share=percent(last.share), day=day_word(last.week + LAST))
    )


def _from(what: str, course: Course) -> str:
    """With the day it is counted from, where that is not the one that is asked for."""
    if course.begun_late is None:
        return what
    return str(_("%(what)s (counted from %(day)s)", what=what, day=day_word(course.begun_late)))


def _of_the_time(board: Board, course: Course, name: str) -> str:
    """Without a course, what the figure of the chosen time says."""
    share = board.of_main.value
    if board.of_main.status is Status.SUPPRESSED:
        return str(_("%(name)s: too few people to show", name=name))
    if share is None:
        return str(_("%(name)s: nothing to draw yet", name=name))
    if course.target is not None:
        return _against(share, course.target, name, is_forecast=False)
    return str(_("%(name)s: %(share)s so far", name=name, share=percent(share)))


def _against(share: float, target: float, what: str, *, is_forecast: bool) -> str:
    gap = abs(target - share)
    words = {"what": what, "share": percent(share), "target": percent(target), "gap": points(gap)}
    if is_forecast and share >= target:
        return str(_("By %(what)s %(share)s are forecast: the target of %(target)s is reached", **words))
    if is_forecast:
        return str(_("By %(what)s %(share)s are forecast, %(gap)s short of the target", **words))
    if share >= target:
        return str(_("%(what)s: %(share)s so far, the target of %(target)s is reached", **words))
    return str(_("%(what)s: %(share)s so far, %(gap)s short of the target", **words))


def points(share: float) -> str:
    """9,4 điểm: the distance of two shares."""
    return str(_("%(number)s points", number=percent(share).rstrip("%").strip()))


def changed(shown: Shown) -> str | None:
    """How a figure went on from the time before, with what that was a share of; None where one is not known."""
    if shown.change is None or shown.time_before is None:
        return None
    before, way = shown.time_before, round(shown.change * 1000)
    words = {"share": percent(before.value or 0), "some": amount(before.numerator or 0)}
    words |= {"all": amount(before.denominator or 0), "points": points(abs(shown.change))}
    if way > 0:
        return str(_("up %(points)s on the time before (%(share)s: %(some)s of %(all)s)", **words))
    if way < 0:
        return str(_("down %(points)s on the time before (%(share)s: %(some)s of %(all)s)", **words))
    return str(_("as in the time before (%(share)s: %(some)s of %(all)s)", **words))


def remarks(course: Course) -> list[str]:
    """Beneath the title: how likely, when, how fast, what limits; or why nothing is forecast."""
    forecast = course.forecast
    if forecast is None or forecast.refused:
        return [str(_why_none(course))]
    said = [str(_("The pale area holds four of five possible courses."))]
    chance, early = percent(forecast.probability or 0, 0), forecast.reached[0]
    if early and forecast.history and early <= forecast.history[-1].week + LAST:  # a share may fall again
        said.append(str(_("The target was reached by %(day)s.", day=day_word(early))))
        said.append(str(_("The chance that it holds on its day is %(chance)s.", chance=chance)))
    elif forecast.probability is not None:
        said.append(str(_("The chance to reach the target by its day is %(chance)s.", chance=chance)))
        said += _reached(forecast)
    if forecast.pace_needed is not None:
        now_, needed = amount(round(forecast.pace_now)), amount(round(forecast.pace_needed))
        said.append(str(_("Now %(now)s a week; %(needed)s a week are needed.", now=now_, needed=needed)))
    if forecast.limits:
        reason, number = forecast.limits[0]
        word = OBSTACLES.get(reason, reason)  # type: ignore[call-overload]
        said.append(str(_("What limits most: %(reason)s (%(number)s times).", reason=word, number=amount(number))))
    return said


def _why_none(course: Course) -> str:
    if not course.is_open:
        return _("The forecast of a ward is made of exact figures, so it is for its own people.")
    if course.forecast is None and course.aimed_from:
        return _(
            "The forecast is towards the target of the campaign that began on %(day)s, after the time chosen above.",
            day=day_word(course.aimed_from),
        )
    if course.forecast is None:
        return _(
            "No forecast is made yet: the worker makes them at night, from complete weeks, for provinces and for "
            "places that have a target."
        )
    if course.forecast.refused == "flag-open":
        return _("Nothing is forecast while a warning about the data is open.")
    if course.forecast.refused == BEGINNING_HIDDEN:
        return _(
            "What is counted since the campaign began is not forecast where too few people to show were counted in its "
            "first days."
        )
    return _("Nothing is forecast from fewer than eight weeks.")


def _reached(forecast: Forecast) -> list[str]:
    early, late = forecast.reached
    if early and late:
        return [
            str(
                _(
                    "The target is reached between %(early)s and %(late)s (four of five courses).",
                    early=day_word(early),
                    late=day_word(late),
                )
            )
        ]
    if early:
        return [str(_("The target is reached on %(early)s at the earliest.", early=day_word(early)))]
    return [str(_("In nine of ten courses the target is not reached within a year."))]
