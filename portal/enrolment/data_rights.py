"""My data without an account: a copy, and requests with their dates, for whoever has the code and proved the phone."""

from __future__ import annotations

from datetime import timedelta
from functools import wraps
from typing import Any
from uuid import UUID

import orjson
from flask import Response, abort, redirect, url_for
from werkzeug.wrappers import Response as Answer

from identity.application import Application
from identity.audit import VISITOR
from identity.deadlines import rule, today_in_vietnam
from identity.rights.export import copy_of_application
from identity.rights.model import RightKind
from identity.rights.owner import OF_APPLICANTS, has_no_account
from identity.rights.requests import ask, find_own, requests_of, take_back
from portal.data_forms import FORMS
from portal.database import db
from portal.enrolment import blueprint
from portal.enrolment.visit import StatusView, unlocked
from portal.enrolment.words import STANDINGS
from portal.pages import page
from portal.security import limiter, writes
from portal.services import now
from portal.words import rights as words
from portal.words.copy_words import sections

LIMIT = "20/hour"
KNOWN = {state: standing.title for state, standing in STANDINGS.items()}


def applied(view: StatusView) -> StatusView:
    """Once an account is there, it is asked for in the account or at a counter."""

    @unlocked
    @wraps(view)
    def run(application: Application, **named: Any) -> Any:
        return view(application, **named) if has_no_account(application) else redirect(url_for("enrolment.status"), 303)

    return run


@blueprint.get("/status/data")
@unlocked
def my_data(application: Application) -> Response:
    rows, moment = requests_of(db, application.id), now()
    return page(
        "enrolment/data.html",
        words=words,
        requests=[(row, row.is_late(moment)) for row in rows],
        kinds=OF_APPLICANTS if has_no_account(application) else (),
    )


@blueprint.get("/status/data/copy")
@limiter.limit(LIMIT)
@writes
@applied
def my_copy(application: Application) -> Response:
    content = orjson.loads(copy_of_application(db, application, VISITOR, now=now()))
    found = sections(content["held"], KNOWN, {})
    return page("enrolment/data_copy.html", made_at=content["made_at"], sections=found)


@blueprint.get("/status/data/copy/data.json")
@limiter.limit(LIMIT)
@writes
@applied
def my_copy_file(application: Application) -> Response:
    answer = Response(copy_of_application(db, application, VISITOR, now=now()), mimetype="application/json")
    answer.headers["Content-Disposition"] = 'attachment; filename="my-data.json"'
    answer.headers["Cache-Control"] = "no-store"
    return answer


@blueprint.route("/status/data/new/<any(access, rectify, erase):kind>", methods=["GET", "POST"])
@applied
def ask_about_my_data(application: Application, kind: str) -> Response | Answer:
    form = FORMS[kind]()
    if form.validate_on_submit():
        about, said = form.chosen(), form.said()
        ask(db, application, RightKind(kind), VISITOR, about=about, words=said, now=now())
        return redirect(url_for("enrolment.my_data"), 303)
    today = today_in_vietnam(now())
    due = today + timedelta(days=int(rule("rights_answer_days", today)[kind]))
    return page("enrolment/data_new.html", form=form, kind=kind, words=words, due=due)


@blueprint.get("/status/data/requests/<uuid:request_id>")
@unlocked
def my_request(application: Application, request_id: UUID) -> Response:
    row = find_own(db, application.id, request_id) or abort(404)
    return page("enrolment/data_request.html", row=row, words=words, is_late=row.is_late(now()))


@blueprint.post("/status/data/requests/<uuid:request_id>/take-back")
@unlocked
def take_my_request_back(application: Application, request_id: UUID) -> Answer:
    take_back(db, application.id, request_id, VISITOR, now=now())
    return redirect(url_for("enrolment.my_data"), 303)
