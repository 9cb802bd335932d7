"""What the applicant may do with a file: answer, take it back, get the code for today's helper, end the help."""

from __future__ import annotations

from flask import redirect, request, session, url_for
from werkzeug.wrappers import Response

from identity.application import Application, may, resubmit, stop_help, withdraw
from identity.base import Refused
from identity.files import prepare_image, store
from identity.helping import new_help_code
from portal.database import db
from portal.enrolment import blueprint
from portal.enrolment.forms import EmptyForm, SupplementForm
from portal.enrolment.visit import is_unlocked, unlocked, visiting
from portal.pages import page
from portal.reasons import SUPPLEMENTS
from portal.services import now

FILE_KIND = "supplement"
HELP_CODE = "help_code"
LARGEST_ANSWER = 24 * 1024 * 1024
"""More than two pictures may have: one that is too large is answered on the form, where nothing typed is lost."""


@blueprint.before_request
def take_large_pictures() -> None:
    if request.endpoint == "enrolment.answer_supplement":
        request.max_content_length = LARGEST_ANSWER


@blueprint.route("/status/supplement", methods=["GET"])
@unlocked
def supplement(application: Application) -> Response:
    return _supplement_page(application, SupplementForm())


@blueprint.post("/status/supplement")
def answer_supplement() -> Response:
    form = SupplementForm()
    pictures = _made_anew(form) if is_unlocked() and form.validate() else []  # slow: before the transaction begins
    return _answered(form, pictures)


@unlocked
def _answered(application: Application, form: SupplementForm, pictures: list[bytes]) -> Response:
    if not form.problems() and may(application, "resubmit"):
        files = [str(store(db, one, FILE_KIND, application.id, now=now()).id) for one in pictures]
        try:
            resubmit(db, application, form.text.data or "", files, now=now())
        except Refused as refusal:
            form.refuse(refusal)
        else:
            return redirect(url_for("enrolment.status"), 303)
    return _supplement_page(application, form)


def _made_anew(form: SupplementForm) -> list[bytes]:
    """The pictures without what hides in them; a refusal stands at its field."""
    try:
        return [prepare_image(one.data, field=one.name) for one in (form.first, form.second) if one.data]
    except Refused as refusal:
        form.refuse(refusal)
        return []


def _supplement_page(application: Application, form: SupplementForm) -> Response:
    if not may(application, "resubmit"):  # answered already: a second click, or the back button
        return redirect(url_for("enrolment.status"), 303)
    asked = application.supplement or {}
    wanted = [SUPPLEMENTS[reason] for reason in asked.get("reasons", [])]
    return page(
        "enrolment/supplement.html", form=form, wanted=wanted, note=asked.get("note"), due=application.supplement_due_at
    )


@blueprint.route("/status/withdraw", methods=["GET", "POST"])
@unlocked
def take_back(application: Application) -> Response:
    form = EmptyForm()
    if not may(application, "withdraw"):
        return redirect(url_for("enrolment.status"), 303)
    if form.validate_on_submit():
        withdraw(db, application, now=now())
        return redirect(url_for("enrolment.status"), 303)
    return page("enrolment/withdraw.html", form=form, application=application)


@blueprint.post("/status/help-code")
@unlocked
def make_help_code(application: Application) -> Response:
    if application.person_id is None:
        raise Refused("help-not-agreed")
    session[HELP_CODE] = new_help_code(db, application.person_id, now=now())
    return redirect(url_for("enrolment.help_code"), 303)


@blueprint.post("/status/stop-help")
@unlocked
def end_help(application: Application) -> Response:
    stop_help(db, application, now=now())
    return redirect(url_for("enrolment.status"), 303)


@blueprint.get("/status/help-code")
@visiting
def help_code(_application: Application) -> Response:
    code = session.pop(HELP_CODE, None)
    return page("enrolment/help_code.html", code=code) if code else redirect(url_for("enrolment.status"), 303)
