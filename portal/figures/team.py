"""The dashboard of a team: exact, for its own people and for those who coordinate or lead its unit."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import Response

from identity.base import Refused
from identity.deadlines import today_in_vietnam
from identity.places import in_reach
from onboarding.campaign.goals import goals_for
from onboarding.figures.periods import Period
from onboarding.figures.published import Published, Status, status_of
from onboarding.figures.registry import get_indicator
from onboarding.indicators import Ratio
from onboarding.records import day_span
from onboarding.team import Team, get_membership, membership
from onboarding.team_figures import TeamFigures, team_figures
from portal.database import db
from portal.figures import blueprint, charts
from portal.figures.board import Shown
from portal.figures.course import changed
from portal.figures.decisions import decisions_about
from portal.figures.scope import HELPING, Place, Visitor, place_of, visitor
from portal.figures.times import Times, earlier, times_of
from portal.figures.words import STANDINGS
from portal.language import _, amount, day, in_our_language, ngettext
from portal.pages import page
from portal.security import me
from portal.services import now

MOST_WEEKS = 26
SHARES: dict[str, Callable[[TeamFigures], Ratio]] = {
    "own-hand": lambda one: one.own_hand,
    "confirmed-of-claimed": lambda one: one.confirmed,
    "sent-in-time": lambda one: one.in_time,
}


@blueprint.get("/teams/<uuid:id>")
def team(id: UUID) -> Response:
    who = visitor()
    found = _team(who, id)
    place = place_of(who, found.unit_id)
    times = times_of(place)
    figures, before = _figures(who, found, times.period), _figures_before(who, found, times)
    weeks = figures.weeks[-MOST_WEEKS:]  # the table has every week
    title = _finding(weeks)
    return page(
        "figures/team.html",
        who=who,
        team=found,
        place=place,
        unit=place.unit,
        times=times,
        figures=figures,
        weeks=figures.weeks,
        drawn_weeks=len(weeks),
        keys=_keys(place, figures, before),
        visits_note=_visits_note(before),
        decisions=decisions_about(who, found, figures),
        changed=changed,
        standings=STANDINGS,
        named=in_our_language,
        finding=title,
        bullet=charts.bullet,
        at=now(),
        **_drawn(weeks, title),
    )


def team_of_member(who: Visitor) -> Team:
    """The team that the visitor works in today."""
    held = get_membership(db, who.account_id, on=today_in_vietnam(now()))
    return db.get_one(Team, held.team_id)


def _team(who: Visitor, id: UUID) -> Team:
    """A team of one's own, or of the units in reach; others are not found."""
    found, visiting = db.get(Team, id), me()
    own = (
        membership(db, who.account_id, on=today_in_vietnam(now())) if visiting and visiting.has_role(*HELPING) else None
    )
    if found is None or (not in_reach(found.unit_id, who.reach) and (own is None or own.team_id != id)):
        raise Refused("not-found")
    return found


def _figures(who: Visitor, found: Team, period: Period) -> TeamFigures:
    """A team sees its records of today at once; everybody else once the day is over."""
    today = today_in_vietnam(now())
    others = who.leads and in_reach(found.unit_id, who.reach)
    last = max(period.first, min(period.last, today))
    return team_figures(db, found.id, period.first, last, known_before=day_span(today)[0] if others else None)


def _figures_before(who: Visitor, found: Team, times: Times) -> TeamFigures | None:
    before = earlier(times.period)
    return _figures(who, found, before) if before else None


def _keys(place: Place, figures: TeamFigures, before: TeamFigures | None) -> list[Shown]:
    """The shares by the registry's definitions, against the targets of the team's unit."""
    goals = goals_for(db, list(SHARES), place.lineage, today_in_vietnam(now()))
    aimed = {code: goal for code, goal in goals.items() if goal.is_percent}
    was = {code: _as_figure(read(before)) for code, read in SHARES.items()} if before else {}
    return [
        Shown(get_indicator(code), _as_figure(read(figures)), aimed.get(code), was.get(code))
        for code, read in SHARES.items()
    ]


def _as_figure(ratio: Ratio) -> Published:
    if not ratio.denominator:
        return Published(Status.MISSING)
    return Published(status_of(ratio.numerator), ratio.numerator, ratio.denominator)


def _visits_note(before: TeamFigures | None) -> str:
    if before is None or not before.visits:
        return str(_("records of help that count"))
    return str(_("records of help that count; %(number)s in the time before", number=amount(before.visits)))


def _finding(weeks: Any) -> str:
    """The last complete week beside the one before it."""
    if len(weeks) < 3 or not any(number for _week, number in weeks):
        total = sum(number for _week, number in weeks)
        return ngettext("%(many)s visit so far", "%(many)s visits so far", total, many=amount(total))
    (_before, earlier), (week, last) = weeks[-3], weeks[-2]
    words = {"last": amount(last), "earlier": amount(earlier), "day": day(week)}
    return str(_("%(last)s visits in the week from %(day)s, %(earlier)s in the week before", **words))


def _drawn(weeks: Any, title: str) -> dict[str, Any]:
    if not any(number for _week, number in weeks):
        return {"wide": None, "narrow": None}
    name = str(_("Visits by week"))
    return {
        "wide": charts.bars(weeks, name, title, charts.WIDE, "weeks-wide"),
        "narrow": charts.bars(weeks, name, title, charts.NARROW, "weeks-narrow"),
    }
