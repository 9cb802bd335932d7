"""What the applicant may do with a file: answer, take it back, get the code for today's helper, end the help."""

from __future__ import annotations

from uuid import UUID

from flask import redirect, session, url_for
from werkzeug.wrappers import Response

from identity.application import Application, Given, may, resubmit, stop_help, withdraw
from identity.base import Refused
from identity.files import WAITING, File, find_file, least_side, prepare_image, remove, store
from identity.helping import new_help_code
from portal.database import db, peek
from portal.enrolment import blueprint
from portal.enrolment.answer_form import AnswerForm, form_for
from portal.enrolment.forms import EmptyForm
from portal.enrolment.visit import is_unlocked, opened, unlocked, visiting
from portal.fields import take_large_files
from portal.pages import page
from portal.reasons import SUPPLEMENTS
from portal.services import now

FILE_KIND = "supplement"
HELP_CODE = "help_code"

blueprint.before_request(take_large_files("enrolment.answer_supplement"))


def waiting(reason: str) -> str:
    """The kind of a picture that came with an answer that was not complete."""
    return f"{WAITING}{reason}"


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
    form.validate()
    return _answered(form, {} if form.form_errors else _made_anew(form))  # slow: before the transaction begins


@unlocked
def _answered(application: Application, form: AnswerForm, pictures: dict[str, bytes]) -> Response:
    if may(application, "resubmit") and list(form.wanted) == _reasons(application):
        _keep(application, form, pictures)
        if not form.problems() and _resubmitted(application, form):
            return redirect(url_for("enrolment.status"), 303)
    return _supplement_page(application, form)


def _resubmitted(application: Application, form: AnswerForm) -> bool:
    """Whether the answer was complete. What is missing is shown at its field; the pictures that came stay."""
    kept = _kept(application)
    given = {
        reason: Given(words.data or "", (str(kept[reason]),) if reason in kept else ())
        for reason, words, _picture in form.parts()
    }
    try:
        resubmit(db, application, given, now=now())
    except Refused as refusal:
        form.show(refusal)
        return False
    for file_id in kept.values():
        db.get_one(File, file_id).kind = FILE_KIND
    return True


def _keep(application: Application, form: AnswerForm, pictures: dict[str, bytes]) -> None:
    """The right pictures wait until all is right: browsers never give a file back, and on the way it may be slow."""
    for reason, _words, picture in form.parts():
        if reason in pictures:
            remove(db, application.id, waiting(reason))
            store(db, pictures[reason], waiting(reason), application.id, now=now())
            picture.filename = ""


def _kept(application: Application) -> dict[str, UUID]:
    """The picture that waits for each reason."""
    found = {reason: find_file(db, application.id, waiting(reason)) for reason in _reasons(application)}
    return {reason: file_id for reason, file_id in found.items() if file_id is not None}


def _made_anew(form: AnswerForm) -> dict[str, bytes]:
    """The pictures by reason, without what hides in them; a refusal stands at its field."""
    made = {}
    for reason, _words, picture in form.parts():
        try:
            if picture.data and not picture.errors:
                least = least_side("paper", now())
                made[reason] = prepare_image(picture.data, least_side=least, field=picture.name)
        except Refused as refusal:
            form.show(refusal)
    return made


def _reasons(application: Application) -> list[str]:
    return list((application.supplement or {}).get("reasons", ()))


def _supplement_page(application: Application, form: AnswerForm) -> Response:
    if not may(application, "resubmit"):  # answered already: a second click, or the back button
        return redirect(url_for("enrolment.status"), 303)
    asked = application.supplement or {}
    kept = _kept(application)
    parts = [(SUPPLEMENTS[reason], words, picture, reason in kept) for reason, words, picture in form.parts()]
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
