"""Following an application: the code shows the step; a code on the phone shows the rest."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import redirect, request, url_for
from werkzeug.wrappers import Response

from identity.application import (
    Application,
    appeal_until,
    appeals_of,
    awaits_holder,
    find_by_code,
    is_activated,
    may_appeal,
    may_be_helped,
    paper_of,
    status_of,
)
from identity.appointments import find_appointment, may_visit, missed_appointment
from identity.base import Refused
from identity.credentials.otp import check_otp, seconds_to_wait, send_otp, why_not
from identity.places import Office
from identity.retention.emptying import is_empty
from portal.database import db
from portal.enrolment import blueprint
from portal.enrolment.forms import CodeForm, EmptyForm, PhoneCodeForm
from portal.enrolment.phone import MESSAGES_LIMIT
from portal.enrolment.rows import office_name
from portal.enrolment.visit import (
    close_visit,
    is_unlocked,
    note,
    noted,
    open_visit,
    takes_the_phone,
    unlock,
    visiting,
)
from portal.enrolment.words import AWAITS_HOLDER, standing_of, tracker_steps
from portal.pages import page
from portal.reasons import REFUSALS, SUPPLEMENTS
from portal.remedies import remedies
from portal.security import limiter
from portal.services import now, services
from portal.words.bring import things_to_bring

PURPOSE = "status"


@blueprint.route("/status", methods=["GET", "POST"])
@limiter.limit("10/minute;60/hour", methods=["POST"])
def find_status() -> Response:
    form = CodeForm()
    if form.validate_on_submit():
        application = find_by_code(db, form.code.data)
        if application is not None:
            open_visit(application)
            return redirect(url_for("enrolment.status"), 303)
        form.show(Refused("code-unknown", field="code"))
    return page("enrolment/find_status.html", form=form)


@blueprint.get("/status/application")
@visiting
def status(application: Application) -> Response:
    return status_page(application)


def status_page(application: Application, form: EmptyForm | None = None) -> Response:
    """The step to everybody with the code; the rest once the phone was proved."""
    office, activated = db.get_one(Office, application.office_id), is_activated(db, application)
    unlocked, awaited = is_unlocked(application), awaits_holder(db, application, now=now())
    return page(
        "enrolment/status.html",
        activated=activated,
        form=form or EmptyForm(),
        gave_back=request.args.get("done") == "appointment-cancelled",
        application=application if unlocked else None,
        status=status_of(application, now=now()),
        held=find_appointment(db, application) if unlocked else None,
        may_visit=may_visit(application),
        helped=may_be_helped(db, application),
        standing=AWAITS_HOLDER if awaited else standing_of(application.state, activated, application.level),
        takes_the_phone=takes_the_phone(application),
        is_emptied=is_empty(application),
        steps=tracker_steps(application.state, activated, application.level),
        office_name=office_name(office),
        supplements=SUPPLEMENTS,
        refusal=REFUSALS.get(application.refusal_reason or ""),
        remedies=[] if activated or awaited else remedies(application, with_reasons=unlocked),
        bring=things_to_bring(application) if unlocked and may_visit(application) else [],
        missed=missed_appointment(db, application) if may_visit(application) else None,
        **(_decided(application) if unlocked else {}),
    )


def _decided(application: Application) -> dict[str, Any]:
    """The decision that counts, and what can be said against it."""
    paper = paper_of(db, application)
    return {
        "decision": paper,
        "appeal_until": appeal_until(paper) if paper and may_appeal(db, application, now=now()) else None,
        "appeals": appeals_of(db, application),
    }


@blueprint.post("/status/phone")
@limiter.limit(MESSAGES_LIMIT)
@visiting
def status_phone(application: Application) -> Response:
    if not takes_the_phone(application):
        return redirect(url_for("enrolment.status"), 303)
    form, options = EmptyForm(), {"locale": application.locale, "test_otp": services().settings.test_otp}
    try:
        challenge = send_otp(db, application.phone or "", PURPOSE, application.id, now=now(), **options)
        note(challenge=str(challenge))
    except Refused as refusal:
        form.refuse(refusal)
        if not _is_on_its_way():  # else a double click
            return status_page(application, form)
    return redirect(url_for("enrolment.status_code"), 303)


def _is_on_its_way() -> bool:
    """Whether the last code still counts; one that ended after too many tries does not."""
    challenge = noted("challenge")
    return bool(challenge) and why_not(db, UUID(challenge), now=now()).code == "otp-wrong"


@blueprint.route("/status/code", methods=["GET", "POST"])
@visiting
def status_code(application: Application) -> Response:
    if not noted("challenge"):
        return redirect(url_for("enrolment.status"), 303)
    form, challenge = PhoneCodeForm(), UUID(noted("challenge"))
    if form.validate_on_submit():
        if check_otp(db, challenge, form.otp.data, now=now()):
            unlock(application)
            return redirect(url_for("enrolment.status"), 303)
        form.show(why_not(db, challenge, now=now()))
    wait = 0 if form.errors else seconds_to_wait(db, application.phone or "", PURPOSE, now=now())
    return page("enrolment/status_code.html", form=form, phone=application.phone, wait=wait)


@blueprint.post("/status/leave")
def leave() -> Response:
    close_visit()
    return redirect(url_for("enrolment.find_status"), 303)
