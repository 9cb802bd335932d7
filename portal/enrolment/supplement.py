"""What the applicant may do with a file: answer, take it back, get the code for today's helper, end the help."""

from __future__ import annotations

from flask import redirect, session, url_for
from werkzeug.wrappers import Response

from identity.application import Application, Given, may, resubmit, stop_help, withdraw
from identity.base import Refused
from identity.files import prepare_image, store
from identity.helping import new_help_code
from portal.database import db, peek
from portal.enrolment import blueprint
from portal.enrolment.answer_form import AnswerForm, form_for
from portal.enrolment.forms import EmptyForm
from portal.enrolment.visit import is_unlocked, opened, unlocked, visiting
from portal.fields import HouseForm, take_large_files
from portal.pages import page
from portal.reasons import SUPPLEMENTS
from portal.services import now

FILE_KIND = "supplement"
HELP_CODE = "help_code"

blueprint.before_request(take_large_files("enrolment.answer_supplement"))


@blueprint.get("/status/supplement")
@unlocked
def supplement(application: Application) -> Response:
    return _supplement_page(application, form_for(_reasons(application)))


@blueprint.post("/status/supplement")
def answer_supplement() -> Response:
    with peek() as look:
        application = opened(look)
        reasons = _reasons(application) if application is not None and is_unlocked(application) else []
    form = form_for(reasons)
    pictures = _made_anew(form) if form.validate() else {}  # slow: before the transaction begins
    return _answered(form, pictures)


@unlocked
def _answered(application: Application, form: AnswerForm, pictures: dict[str, bytes]) -> Response:
    if not form.problems() and may(application, "resubmit") and list(form.wanted) == _reasons(application):
        try:
            resubmit(db, application, _given(application, form, pictures), now=now())
        except Refused as refusal:
            form.refuse(refusal)
        else:
            return redirect(url_for("enrolment.status"), 303)
    return _supplement_page(application, form)


def _given(application: Application, form: AnswerForm, pictures: dict[str, bytes]) -> dict[str, Given]:
    """The answer to each reason, its picture stored."""
    files = {reason: store(db, one, FILE_KIND, application.id, now=now()).id for reason, one in pictures.items()}
    return {
        reason: Given(words.data or "", (str(files[reason]),) if reason in files else ())
        for reason, words, _picture in form.parts()
    }


def _made_anew(form: AnswerForm) -> dict[str, bytes]:
    """The pictures by reason, without what hides in them; a refusal stands at its field."""
    made = {}
    for reason, _words, picture in form.parts():
        try:
            if picture.data:
                made[reason] = prepare_image(picture.data, field=picture.name)
        except Refused as refusal:
            HouseForm.refuse(form, refusal)
    return made


def _reasons(application: Application) -> list[str]:
    return list((application.supplement or {}).get("reasons", ()))


def _supplement_page(application: Application, form: AnswerForm) -> Response:
    if not may(application, "resubmit"):  # answered already: a second click, or the back button
        return redirect(url_for("enrolment.status"), 303)
    asked = application.supplement or {}
    parts = [(SUPPLEMENTS[reason], words, picture) for reason, words, picture in form.parts()]
    return page(
        "enrolment/supplement.html", form=form, parts=parts, note=asked.get("note"), due=application.supplement_due_at
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
