"""What needs a decision here, each with the way to the work: only where the visitor coordinates or leads."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from uuid import UUID

from flask import url_for

from identity.deadlines import today_in_vietnam
from onboarding.campaign import count_overdue
from onboarding.figures.published import Status
from onboarding.warnings import count_open
from portal.database import db
from portal.figures.board import Board
from portal.figures.scope import Place, Visitor
from portal.language import _, amount, ngettext
from portal.services import now


@dataclass(frozen=True, slots=True)
class Decision:
    """A line of the list."""

    title: str
    detail: str
    href: str


def decisions_of(who: Visitor, place: Place, board: Board, below: Collection[UUID]) -> list[Decision] | None:
    """None where others decide."""
    if not who.leads or (place.unit is not None and place.id not in who.reach):
        return None
    units = {place.id, *below} if place.unit else set(who.reach)
    return [*_work(who, units), *_people(board)]


def _work(who: Visitor, units: set[UUID]) -> Iterator[Decision]:
    late = count_overdue(db, who.account_id, units, on=today_in_vietnam(now()))
    if late:
        title = ngettext("%(num)s task is past its day", "%(num)s tasks are past their day", late)
        yield Decision(title, str(_("Finish them, give more time, or drop them.")), url_for("campaigns.campaigns"))
    odd = count_open(db, units)
    if odd:
        title = ngettext("%(num)s warning is open", "%(num)s warnings are open", odd)
        yield Decision(title, str(_("Look at what was counted, and learn or correct.")), url_for("warnings.warnings"))


def _people(board: Board) -> Iterator[Decision]:
    active = next(one.figure for one in board.keys if one.indicator.code == "activated-of-issued")
    waiting = (active.denominator or 0) - (active.numerator or 0)
    if active.status in {Status.VALUE, Status.ZERO} and waiting > 0:
        title = ngettext("%(num)s person waits for activation", "%(num)s people wait for activation", waiting)
        yield Decision(title, str(_("Share the calls out among the teams.")), url_for("coordination.calls"))
    if board.unmet.status is Status.VALUE and board.unmet.numerator:
        stuck, helps = board.unmet.numerator, amount(board.unmet.denominator or 0)
        title = ngettext("%(num)s visit got stuck", "%(num)s visits got stuck", stuck)
        href = url_for("coordination.desk", _anchor="needs-title")
        yield Decision(title, str(_("Of %(all)s visits. See what stands in the way.", all=helps)), href)
