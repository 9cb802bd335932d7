"""What needs a decision here, each with the way to the work: only where the visitor coordinates or leads."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from uuid import UUID

from flask import url_for

from identity.deadlines import today_in_vietnam
from identity.helping import all_waiting_by_place
from identity.places import Reach, in_reach
from onboarding.campaign import count_overdue
from onboarding.figures.changes import FIRST_DAY
from onboarding.figures.periods import span
from onboarding.figures.registry import get_indicator
from onboarding.map import within_today
from onboarding.team import Team
from onboarding.team_figures import TeamFigures
from onboarding.warnings import count_open
from portal.database import db
from portal.figures.board import MAIN, Board
from portal.figures.maps import figures_of
from portal.figures.scope import Place, Visitor
from portal.language import _, amount, day, ngettext
from portal.services import now


@dataclass(frozen=True, slots=True)
class Decision:
    """A line of the list."""

    title: str
    detail: str
    href: str


def decisions_of(who: Visitor, place: Place, board: Board, below: Collection[UUID]) -> list[Decision] | None:
    """None where others decide."""
    if not who.leads or (place.unit is not None and not in_reach(place.id, who.reach)):
        return None
    units = {place.id, *below} if place.unit else who.reach
    return [*_work(who, units), *_people(who, place), *_stuck(who, board.unmet.numerator, board.unmet.denominator)]


def _work(who: Visitor, units: Reach) -> Iterator[Decision]:
    late = count_overdue(db, who.account_id, units, on=today_in_vietnam(now()))
    if late:
        title = ngettext("%(num)s task is past its day", "%(num)s tasks are past their day", late)
        href = url_for("campaigns.campaigns", _anchor="late-title")
        yield Decision(title, str(_("Finish them, ask for more time or give it, or drop them.")), href)
    yield from _odd(count_open(db, units))


def _odd(odd: int) -> Iterator[Decision]:
    if odd:
        title = ngettext("%(num)s warning is open", "%(num)s warnings are open", odd)
        yield Decision(title, str(_("Look at what was counted, and learn or correct.")), url_for("warnings.warnings"))


def decisions_about(who: Visitor, team: Team, figures: TeamFigures) -> list[Decision] | None:
    """Of a team; None where others decide."""
    if not who.leads or not in_reach(team.unit_id, who.reach):
        return None
    odd = count_open(db, {team.unit_id}, team_id=team.id)
    return [*_odd(odd), *_stuck(who, figures.blocked.numerator, figures.visits)]


def _people(who: Visitor, place: Place) -> Iterator[Decision]:
    """Who waits, waits now, whatever time was chosen; above a ward it is who was left by the last published day.

    An account that was closed before its holder activated it was issued all the same, and nobody waits for it.
    """
    title = _waiting_in(place) if place.is_exact else _not_activated_in(place)
    if title and who.held:
        yield Decision(title, str(_("Share the calls out among the teams.")), url_for("coordination.calls"))
    elif title and place.kind != "commune":
        yield Decision(title, str(_("See which units need support first.")), _units_of(place))


def _waiting_in(place: Place) -> str:
    people = all_waiting_by_place(db, within_today(db, {place.id}, on=today_in_vietnam(now())))
    many = sum(people.values())
    words = {"many": amount(many)}
    said = ngettext("%(many)s person waits for activation", "%(many)s people wait for activation", many, **words)
    return said if many else ""


def _not_activated_in(place: Place) -> str:
    so_far = span(FIRST_DAY, today_in_vietnam(now()))
    active = figures_of(place, {place.id: [get_indicator(MAIN)]}, so_far)[MAIN, place.id]
    many = (active.denominator or 0) - (active.numerator or 0)
    words = {"many": amount(many), "day": day(active.through) if active.through else ""}
    said = ngettext(
        "By %(day)s %(many)s issued account was not activated",
        "By %(day)s %(many)s issued accounts were not activated",
        many,
        **words,
    )
    return said if many > 0 else ""


def _units_of(place: Place) -> str:
    return url_for("figures.units", id=place.id) if place.unit else url_for("figures.nation_units")


def _stuck(who: Visitor, stuck: int | None, visits: int | None) -> Iterator[Decision]:
    if stuck and who.held:
        helps = amount(visits or 0)
        title = ngettext("%(many)s visit got stuck", "%(many)s visits got stuck", stuck, many=amount(stuck))
        href = url_for("coordination.desk", _anchor="needs-title")
        yield Decision(title, str(_("Of %(all)s visits. See what stands in the way.", all=helps)), href)
