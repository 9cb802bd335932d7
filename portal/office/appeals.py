"""Appeals: the list by deadline, and hearing one. Whoever had a part in the file is shown none of the buttons."""

from __future__ import annotations

from functools import partial
from typing import Any
from uuid import UUID

from flask import Response, redirect, request, url_for
from werkzeug.wrappers import Response as Answer

from identity.application import (
    Appeal,
    Application,
    Outcome,
    appeals_of,
    check_may_hear,
    decide_appeal,
    open_appeal,
    waiting_appeals,
)
from identity.application.appeal import LONGEST_TEXT
from identity.application.model import check_move
from identity.audit import Actor
from identity.base import Refused
from portal.database import db
from portal.fields import ChoiceField, TextAreaField, without_numbers
from portal.language import _, _l, moment
from portal.office import blueprint
from portal.office.access import SUPERVISOR, case_for, officer
from portal.office.carried import carried
from portal.office.case import show_again, show_case
from portal.office.due import due
from portal.office.forms import CaseForm
from portal.office.told import Told
from portal.office.waiting import Line, Link, Table, Words, answered_before, is_allowed, name_of, show_waiting
from portal.reasons import REFUSALS
from portal.security import guarded, staff, writes
from portal.services import now
from portal.words.decision import OUTCOMES

WORDS = Words(
    tab="appeals",
    title=_l("Appeals"),
    about=_l("Somebody who had no part in the application hears the appeal. What is late stands on top."),
)


class HearingForm(CaseForm):
    """What comes of the appeal, and why."""

    outcome = ChoiceField(
        _l("Answer to the appeal"),
        choices=[
            (
                Outcome.OVERTURNED.value,
                _l("The refusal falls"),
                _l("The application is open again; an officer who did not refuse it decides anew."),
            ),
            (Outcome.UPHELD.value, _l("The refusal stands"), _l("The applicant gets your reasons.")),
        ],
    )
    answer = TextAreaField(
        _l("Reasons, for the applicant"),
        length=LONGEST_TEXT,
        rows=6,
        hint=_l("In words the applicant understands. No numbers of documents."),
        rules=[without_numbers],
    )


@blueprint.get("/appeals", endpoint="appeals")
@guarded(staff(SUPERVISOR))
def show_appeals() -> Answer:
    find = partial(waiting_appeals, account_id=officer().account_id)
    return show_waiting(WORDS, SUPERVISOR, find, WAITING, ANSWERED)


@blueprint.get("/cases/<uuid:application_id>/appeal")
@writes
def hearing(application_id: UUID) -> Response:
    application, actor = case_for(db, application_id, SUPERVISOR)
    check_move(application, "uphold")
    check_may_hear(db, application, actor)
    form = HearingForm(version=str(application.version))
    return show_case("office/hearing.html", application, actor, form, appeal=open_appeal(db, application))


@blueprint.post("/cases/<uuid:application_id>/appeal")
def hear(application_id: UUID) -> Response | Answer:
    form, step = HearingForm(), request.form.get("step", "check")
    if form.validate_on_submit() and step != "change":
        if step == "check":
            return _preview(application_id, form)
        try:
            _hear(application_id, form)
        except Refused as refusal:
            if refusal.audited:
                raise
            form.refuse(refusal)
        else:
            return redirect(url_for("office.appeals"))
    application, _actor = case_for(db, application_id, SUPERVISOR)
    newest = next(iter(appeals_of(db, application)), None)  # answered meanwhile, it still stands beside what was typed
    shown = newest or open_appeal(db, application)
    return show_again("office/hearing.html", application_id, form, SUPERVISOR, appeal=shown)


def _hear(application_id: UUID, form: HearingForm) -> None:
    application, actor = case_for(db, application_id, SUPERVISOR)
    decide_appeal(db, application, actor, form.outcome.data, form.answer.data, now=now(), version=form.seen)


def _preview(application_id: UUID, form: HearingForm) -> Response:
    application, actor = case_for(db, application_id, SUPERVISOR)
    check_may_hear(db, application, actor)
    outcome = Outcome(form.outcome.data)
    words = OUTCOMES[outcome]
    return show_case(
        "office/check.html",
        application,
        actor,
        form,
        heading=words.title,
        consequence=words.means,
        message=Told("", application.locale, [form.answer.data]),
        carried=carried(form),
        send_text=_("Send the answer"),
        grave=outcome == Outcome.UPHELD,
    )


def _line(found: tuple[Appeal, Application]) -> Line:
    appeal, application = found
    number, case = application.dossier_number, {"application_id": application.id}
    refusal = REFUSALS.get(application.refusal_reason or "")
    todo: Any = _("Another officer")
    if is_allowed(check_may_hear, db, application, Actor(officer().account_id, SUPERVISOR)):
        todo = Link(url_for("office.hearing", **case), _("Hear it"), number)
    href, late = url_for("office.case", **case), due(appeal.due_at, now())
    cells = (refusal.reason if refusal else "", moment(appeal.filed_at), late, todo)
    return Line(href, application.full_name or "", number, cells)


def _answered(found: tuple[Appeal, Application]) -> Line:
    row, application = found
    title = OUTCOMES[Outcome(row.outcome)].title if row.outcome in set(Outcome) else ""
    cells = (moment(row.filed_at), moment(row.ended_at), title, name_of(row.heard_by_id))
    number, href = application.dossier_number, url_for("office.case", application_id=application.id)
    return Line(href, application.full_name or number, number, cells)


WAITING = Table(
    caption=_l("Appeals by deadline, the most urgent first"),
    columns=(_l("Applicant, dossier number"), _l("Refused because"), _l("Appeal of"), _l("Due"), _l("To do")),
    nothing=_l("No appeal waits."),
    line=_line,
)
ANSWERED = answered_before(
    (_l("Applicant, dossier number"), _l("Appeal of"), _l("Answered at"), _l("Answer"), _l("Answered by")),
    line=_answered,
)
