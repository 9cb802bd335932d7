"""Opening a file of another office: one officer asks, a supervisor of that office answers, the applicant is told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import Response, abort, redirect, request, url_for
from werkzeug.wrappers import Response as Answer

from identity.application import break_glass as domain
from identity.audit import Actor
from identity.base import Refused
from identity.staff import units_in_reach
from portal.database import db
from portal.fields import HouseForm, TextAreaField, TextField
from portal.language import _, _l, day, moment
from portal.office import blueprint
from portal.office.access import OFFICERS, SUPERVISOR, officer
from portal.office.case import case_page
from portal.office.waiting import name_of
from portal.pages import page
from portal.security import guarded, staff, writes
from portal.services import now


class AskForm(HouseForm):
    """Which file, and why."""

    dossier_number = TextField(_l("Dossier number"), length=40, required=_l("Enter the dossier number"))
    reason = TextAreaField(
        _l("Why do you have to see it?"),
        length=domain.LONGEST_REASON,
        rows=4,
        hint=_l("Whoever answers reads it, and so may an auditor."),
        required=_l("Say why"),
    )


@dataclass(frozen=True, slots=True)
class Row:
    """One wish."""

    id: UUID
    dossier_number: str
    reason: str
    who: str
    asked: str
    answer_by: str
    answered: str
    state: tuple[Any, str]
    is_open: bool
    may_answer: bool


@blueprint.route("/break-glass", methods=["GET", "POST"], endpoint="break_glass")
def ask_to_open() -> Response | Answer:
    form = AskForm()
    if form.validate_on_submit():
        try:
            domain.ask(db, form.dossier_number.data, _actor(*OFFICERS), form.reason.data, now=now())
        except Refused as refusal:
            if refusal.code == "conflict-declared":
                raise
            form.refuse(refusal)
        else:
            return redirect(url_for("office.break_glass"), 303)
    return _page(form)


@blueprint.post("/break-glass/<uuid:glass_id>/<any(open, refuse):said>")
@guarded(staff(SUPERVISOR))
def answer_wish(glass_id: UUID, said: str) -> Answer:
    row = db.get(domain.BreakGlass, glass_id) or abort(404)
    if row.unit_id not in units_in_reach(db, officer().roles, SUPERVISOR):
        raise Refused("out-of-scope", audited=True)
    domain.answer(db, row, _actor(SUPERVISOR), granted=said == "open", now=now())
    return redirect(url_for("office.break_glass"), 303)


@blueprint.get("/break-glass/<uuid:glass_id>/file")
@writes
def opened_file(glass_id: UUID) -> Response:
    actor = _actor(*OFFICERS)
    application = domain.opened(db, glass_id, actor, now=now())
    return page("office/opened_file.html", case=case_page(db, application, actor, now()))


def _actor(*roles: str) -> Actor:
    return officer().acting_as(*roles)


def _page(form: AskForm) -> Response:
    units = units_in_reach(db, officer().roles, SUPERVISOR)
    mine = [_row(*found) for found in domain.asked_by(db, officer().account_id)]
    waiting = [_row(*found) for found in domain.to_answer(db, units)] if units else []
    answered = [_row(*found) for found in domain.answered_in(db, units)] if units else []
    status = 422 if request.method == "POST" else 200
    return page("office/break_glass.html", status, form=form, mine=mine, waiting=waiting, answered=answered)


def _row(glass: domain.BreakGlass, dossier_number: str) -> Row:
    is_open = glass.open_until is not None and now() <= glass.open_until
    return Row(
        id=glass.id,
        dossier_number=dossier_number,
        reason=glass.reason or "",
        who=name_of(glass.asked_by_id),
        asked=moment(glass.asked_at),
        answer_by=day(glass.answer_by) if glass.answered_at is None else "",
        answered=_answered(glass),
        state=_state(glass, is_open),
        is_open=is_open,
        may_answer=glass.asked_by_id != officer().account_id,
    )


def _answered(glass: domain.BreakGlass) -> str:
    """When, and by whom if anybody did."""
    if glass.answered_at is None:
        return ""
    name = name_of(glass.answered_by_id)
    return " · ".join(part for part in (moment(glass.answered_at), name) if part)


def _state(glass: domain.BreakGlass, is_open: bool) -> tuple[Any, str]:
    if glass.answered_at is None:
        return _("Waits for an answer"), "waiting"
    if glass.is_lapsed:
        return _("Ended: nobody answered in time"), "off"
    if not glass.is_granted:
        return _("Refused"), "bad"
    return (_("Open until %(when)s", when=moment(glass.open_until)), "good") if is_open else (_("Over"), "off")
