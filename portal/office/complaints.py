"""Complaints: the list by deadline, and answering one. Nobody answers about their own work."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import abort, redirect, url_for
from werkzeug.wrappers import Response as Answer

from identity.application import Application
from identity.audit import Actor
from identity.base import Refused
from identity.complaints import (
    LONGEST_TEXT,
    Complaint,
    answer_complaint,
    check_may_answer,
    view_complaint,
    waiting_complaints,
)
from identity.staff import units_in_reach
from portal.database import db
from portal.fields import HouseForm, TextAreaField, without_numbers
from portal.language import _, _l, moment
from portal.office import blueprint
from portal.office.access import SUPERVISOR, officer
from portal.office.due import due
from portal.office.waiting import Line, Table, Words, answered_before, is_allowed, name_of, show_waiting
from portal.pages import page
from portal.security import guarded, staff, writes
from portal.services import now
from portal.words.complaint import CATEGORIES

WORDS = Words(
    tab="complaints",
    title=_l("Complaints"),
    about=_l("A supervisor who had no part in the matter answers. What is late stands on top."),
)


class AnswerForm(HouseForm):
    """What the person is told."""

    answer = TextAreaField(
        _l("Answer"),
        length=LONGEST_TEXT,
        rows=6,
        hint=_l("What you found, what was done, and what the person can do. No numbers of documents."),
        rules=[without_numbers],
    )


@blueprint.get("/complaints", endpoint="complaints")
@guarded(staff(SUPERVISOR))
def show_complaints() -> Answer:
    return show_waiting(WORDS, SUPERVISOR, waiting_complaints, WAITING, ANSWERED)


@blueprint.get("/complaints/<uuid:complaint_id>", endpoint="complaint")
@writes
def show_complaint(complaint_id: UUID) -> Answer:
    complaint, actor = _complaint(complaint_id)
    return _page(complaint, actor, AnswerForm())


@blueprint.post("/complaints/<uuid:complaint_id>")
def answer(complaint_id: UUID) -> Answer:
    complaint, actor = _complaint(complaint_id)
    form = AnswerForm()
    if form.validate_on_submit():
        try:
            answer_complaint(db, complaint, actor, form.answer.data, now=now())
        except Refused as refusal:
            if refusal.audited:
                raise
            form.refuse(refusal)
        else:
            return redirect(url_for("office.complaints"), 303)
    return _page(*_complaint(complaint_id), form)


def _page(complaint: Complaint, actor: Actor, form: AnswerForm) -> Answer:
    """The look is recorded; who may not answer sees why instead of the form."""
    view_complaint(db, complaint.id, actor, now=now())
    return page(
        "office/complaint.html",
        form=form if complaint.answered_at is None and is_allowed(check_may_answer, db, complaint, actor) else None,
        complaint=complaint,
        about=CATEGORIES[complaint.category][0],
        late=due(complaint.due_at, now()),
        dossier_number=_dossier_of(complaint),
    )


def _complaint(complaint_id: UUID) -> tuple[Complaint, Actor]:
    """The complaint when the officer's role reaches it; else refused, and the attempt recorded."""
    complaint = db.get(Complaint, complaint_id) or abort(404)
    if complaint.unit_id not in _units():
        raise Refused("out-of-scope", audited=True)
    return complaint, Actor(officer().account_id, SUPERVISOR)


def _units() -> set[UUID]:
    return units_in_reach(db, officer().roles, SUPERVISOR)


def _line(complaint: Complaint) -> Line:
    return _with(complaint, due(complaint.due_at, now()))


def _answered(complaint: Complaint) -> Line:
    return _with(complaint, moment(complaint.answered_at), name_of(complaint.answered_by_id))


def _with(complaint: Complaint, *cells: Any) -> Line:
    dossier = _dossier_of(complaint) or _("None: from an account")
    href, about = url_for("office.complaint", complaint_id=complaint.id), CATEGORIES[complaint.category][0]
    return Line(href, about, complaint.number, (dossier, moment(complaint.made_at), *cells))


def _dossier_of(complaint: Complaint) -> str:
    application = db.get(Application, complaint.application_id) if complaint.application_id else None
    return application.dossier_number if application else ""


WAITING = Table(
    caption=_l("Complaints by deadline, the most urgent first"),
    columns=(_l("Complaint"), _l("Dossier number"), _l("Received"), _l("Due")),
    nothing=_l("No complaint waits."),
    line=_line,
)
ANSWERED = answered_before(
    (_l("Complaint"), _l("Dossier number"), _l("Received"), _l("Answered at"), _l("Answered by")),
    line=_answered,
)
