"""Asking an applicant a second time: an officer wishes for it and a supervisor answers."""

from __future__ import annotations

from functools import partial
from typing import Any
from uuid import UUID

from flask import Response, abort, redirect, url_for
from werkzeug.wrappers import Response as Answer

from identity.application import Application
from identity.application import second_supplement as domain
from identity.application.model import check_move
from identity.application.supplement_wish import SupplementWish, last_wish
from identity.audit import Actor
from identity.base import Refused
from portal.database import db
from portal.fields import ChoiceField, TextAreaField, without_numbers
from portal.language import _, _l, moment
from portal.office import blueprint
from portal.office.access import APPROVING, RECEIVING, SUPERVISOR, case_for, officer
from portal.office.case import show_again, show_case
from portal.office.due import due
from portal.office.forms import CaseForm
from portal.office.waiting import Line, Link, Table, Words, answered_before, is_allowed, name_of, show_waiting
from portal.security import guarded, staff, writes
from portal.services import now

WISHING = (RECEIVING, APPROVING)
WORDS = Words(
    tab="queue",
    title=_l("Second supplements"),
    about=_l(
        "Officers say why they have to ask an applicant a second time. Until you answer, the time to decide runs."
    ),
)


class WishForm(CaseForm):
    """Why."""

    reason = TextAreaField(
        _l("What is missing still, and why was it not asked for the first time?"),
        length=domain.LONGEST_REASON,
        rows=4,
        hint=_l("Whoever answers reads it, and so may the applicant. No numbers of documents."),
        rules=[without_numbers],
    )


class AnswerForm(CaseForm):
    """Yes, or no with the reason."""

    outcome = ChoiceField(
        _l("Your answer"),
        choices=[
            ("granted", _l("The officer may ask once more")),
            ("refused", _l("No"), _l("The officer goes on with what is there, or refuses the application.")),
        ],
    )
    answer = TextAreaField(
        _l("Note to the officer"),
        required=False,
        length=domain.LONGEST_REASON,
        rows=3,
        hint=_l("Needed if you say no. No numbers of documents."),
        rules=[without_numbers],
    )


@blueprint.get("/second-supplements", endpoint="second_supplements")
@guarded(staff(SUPERVISOR))
def show_wishes() -> Answer:
    find = partial(domain.waiting_wishes, account_id=officer().account_id)
    return show_waiting(WORDS, SUPERVISOR, find, WAITING, ANSWERED)


@blueprint.get("/cases/<uuid:application_id>/supplement/wish", endpoint="supplement_wish")
@writes
def wish_page(application_id: UUID) -> Response:
    application, actor = case_for(db, application_id, *WISHING)
    check_move(application, "request_supplement")
    form = WishForm(version=str(application.version))
    return show_case("office/case_form.html", application, actor, form, **_wishing(application))


@blueprint.post("/cases/<uuid:application_id>/supplement/wish")
def make_wish(application_id: UUID) -> Response | Answer:
    application, actor = case_for(db, application_id, *WISHING)
    form = WishForm()
    if form.validate_on_submit():
        try:
            domain.wish(db, application, actor, form.reason.data, now=now(), version=form.seen)
        except Refused as refusal:
            if refusal.audited:
                raise
            form.refuse(refusal)
        else:
            return redirect(url_for("office.case", application_id=application_id), 303)
    return show_again("office/case_form.html", application_id, form, *WISHING, **_wishing(application))


@blueprint.get("/cases/<uuid:application_id>/supplement/wish/answer", endpoint="supplement_answer")
@writes
def answer_page(application_id: UUID) -> Response:
    application, actor, row = _asked(application_id)
    form = AnswerForm(version=str(application.version))
    return show_case("office/case_form.html", application, actor, form, **_answering(row, application, actor))


@blueprint.post("/cases/<uuid:application_id>/supplement/wish/answer")
def answer_wish_for_more(application_id: UUID) -> Response | Answer:
    application, actor, row = _asked(application_id)
    form = AnswerForm()
    if form.validate_on_submit():
        try:
            granted = form.outcome.data == "granted"
            domain.answer(db, row, actor, form.answer.data or "", granted=granted, now=now())
        except Refused as refusal:
            if refusal.audited:
                raise
            form.refuse(refusal)
        else:
            return redirect(url_for("office.second_supplements"), 303)
    about = _answering(row, application, actor)
    return show_again("office/case_form.html", application_id, form, SUPERVISOR, **about)


def _asked(application_id: UUID) -> tuple[Application, Actor, SupplementWish]:
    application, actor = case_for(db, application_id, SUPERVISOR)
    return application, actor, last_wish(db, application) or abort(404)


def _wishing(application: Application) -> dict[str, Any]:
    row = last_wish(db, application)
    about: dict[str, Any] = {
        "heading": _("Wish for a second supplement"),
        "consequence": _(
            "Something was asked for once already. A supervisor reads your reason and answers; the time to decide runs "
            "on until the applicant is asked."
        ),
        "given": _rows(row) if row else None,
    }
    is_open = row is not None and row.is_granted is not False
    return about if is_open else about | {"send_text": _("Ask the supervisor"), "fields": ("reason",)}


def _answering(row: SupplementWish, application: Application, actor: Actor) -> dict[str, Any]:
    about: dict[str, Any] = {
        "heading": _("Wish for a second supplement"),
        "consequence": _("If you allow it, the officer asks once more and the clock stops. The officer is told."),
        "given": _rows(row),
        "given_title": _("The wish"),
    }
    if row.answered_at is not None or not is_allowed(domain.check_may_answer, db, row, application, actor):
        return about
    return about | {"send_text": _("Save the answer"), "fields": ("outcome", "answer")}


def _rows(row: SupplementWish) -> list[dict[str, Any]]:
    """What was wished for and what came of it, as the summary list shows it."""
    rows = [
        {"key": _("Asked by"), "value": name_of(row.asked_by_id)},
        {"key": _("Asked at"), "value": moment(row.asked_at)},
        {"key": _("Reason"), "value": row.reason},
    ]
    if row.answered_at is None:
        return [*rows, {"key": _("Answer"), "value": _("Waits for an answer")}]
    return [
        *rows,
        {"key": _("Answer"), "value": _said(row)},
        {"key": _("Answered at"), "value": moment(row.answered_at)},
        {"key": _("Answered by"), "value": name_of(row.answered_by_id)},
        {"key": _("Note to the officer"), "value": row.answer},
    ]


def _said(row: SupplementWish) -> str:
    return _("Allowed") if row.is_granted else _("Not allowed")


def _line(found: tuple[SupplementWish, Application]) -> Line:
    row, application = found
    number, case = application.dossier_number, {"application_id": application.id}
    todo: Any = _("Another supervisor")
    if is_allowed(domain.check_may_answer, db, row, application, Actor(officer().account_id, SUPERVISOR)):
        todo = Link(url_for("office.supplement_answer", **case), _("Answer it"), number)
    cells = (name_of(row.asked_by_id), moment(row.asked_at), due(row.due_at, now()), todo)
    return Line(url_for("office.case", **case), application.full_name or number, number, cells)


def _answered(found: tuple[SupplementWish, Application]) -> Line:
    row, application = found
    number, case = application.dossier_number, {"application_id": application.id}
    said = f"{_said(row)}. {row.answer}" if row.answer else _said(row)
    cells = (name_of(row.asked_by_id), moment(row.answered_at), said, name_of(row.answered_by_id))
    return Line(url_for("office.case", **case), application.full_name or number, number, cells)


WAITING = Table(
    caption=_l("Wishes for a second supplement, the most urgent first"),
    columns=(_l("Applicant, dossier number"), _l("Asked by"), _l("Asked at"), _l("Due"), _l("To do")),
    nothing=_l("Nobody waits to ask for a second supplement."),
    line=_line,
)
ANSWERED = answered_before(
    (_l("Applicant, dossier number"), _l("Asked by"), _l("Answered at"), _l("Answer"), _l("Answered by")),
    line=_answered,
)
