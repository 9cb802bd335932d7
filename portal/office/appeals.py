"""Appeals: the list by deadline, and hearing one. Whoever had a part in the file is shown none of the buttons."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import Response, redirect, request, url_for
from werkzeug.wrappers import Response as Answer

from identity.application import (
    Appeal,
    Application,
    Outcome,
    check_may_hear,
    decide_appeal,
    open_appeal,
    waiting_appeals,
)
from identity.application.appeal import LONGEST_TEXT
from identity.application.model import check_move
from identity.audit import Actor
from identity.base import Refused
from identity.staff import units_in_reach
from portal.database import db
from portal.fields import ChoiceField, TextAreaField
from portal.language import _, _l, moment
from portal.office import blueprint
from portal.office.access import SUPERVISOR, case_for, officer
from portal.office.carried import carried
from portal.office.case import show_again, show_case
from portal.office.due import Due, due
from portal.office.forms import CaseForm
from portal.office.told import Told
from portal.pages import page, page_number
from portal.reasons import REFUSALS
from portal.security import guarded, staff, writes
from portal.services import now
from portal.words.decision import OUTCOMES

SIZE = 25


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
    )


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the list."""

    id: UUID
    name: str
    dossier_number: str
    reason: Any
    filed: str
    due: Due
    may_hear: bool


@blueprint.get("/appeals", endpoint="appeals")
@guarded(staff(SUPERVISOR))
def show_appeals() -> Answer:
    units, number = units_in_reach(db, officer().roles, SUPERVISOR), page_number()
    found, total = waiting_appeals(db, units, page=number, size=SIZE)
    return page(
        "office/appeals.html",
        rows=[_row(appeal, application) for appeal, application in found],
        page=number,
        pages=max(1, -(-total // SIZE)),
        href_for=lambda wanted: url_for("office.appeals", page=wanted),
    )


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
    return show_again("office/hearing.html", application_id, form, SUPERVISOR, appeal=open_appeal(db, application))


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


def _row(appeal: Appeal, application: Application) -> Row:
    refusal = REFUSALS.get(application.refusal_reason or "")
    return Row(
        id=application.id,
        name=application.full_name or "",
        dossier_number=application.dossier_number,
        reason=refusal.reason if refusal else "",
        filed=moment(appeal.filed_at),
        due=due(appeal.due_at, now()),
        may_hear=_may_hear(application),
    )


def _may_hear(application: Application) -> bool:
    try:
        check_may_hear(db, application, Actor(officer().account_id, SUPERVISOR))
    except Refused:
        return False
    return True
