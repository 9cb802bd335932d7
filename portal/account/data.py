"""My data: a copy of everything, requests with their dates, and what was agreed to."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import orjson
from flask import Response, abort, redirect, request, url_for
from werkzeug.wrappers import Response as Answer

from identity.account import get_account
from identity.deadlines import rule, today_in_vietnam
from identity.rights.export import ask_for_copy, copies_of, is_there, open_copy
from identity.rights.model import RightKind
from identity.rights.requests import ask, find_own, requests_of, take_back
from identity.rights.restriction import lift_restriction, restricted_since
from portal.account import blueprint, words
from portal.account.visit import visitor
from portal.data_forms import FORMS
from portal.database import db
from portal.language import _l
from portal.pages import here, page
from portal.security import guarded, resident, writes
from portal.services import now
from portal.words import rights as rights_words
from portal.words.copy_words import sections

DONE = {
    "asked": _l("We have your request. The receipt is in your inbox."),
    "taken-back": _l("The request was taken back."),
    "copy": _l("The copy is being made. We tell you when it is ready."),
    "lifted": _l("You can agree to uses of your data again."),
}

KNOWN = {**words.USES, **words.LOOKS, **words.STATES, **words.EVIDENCE, **words.ROLES}


def proved_just_now() -> Answer | None:
    """A copy of everything is for whoever has just shown both factors, not for whoever finds an open browser."""
    answer, holder, minutes = resident(), visitor(), int(rule("sensitive_minutes", today_in_vietnam(now())))
    if answer is None and (holder.aal < 2 or now() - holder.auth_time > timedelta(minutes=minutes)):
        back = here() if request.method == "GET" else url_for("account.data")
        return redirect(url_for("account.sign_in", next=back, again=1))
    return answer


@blueprint.get("/account/data")
@guarded(resident)
def data() -> Response:
    account_id, moment = visitor().account_id, now()
    return page(
        "account/data.html",
        words=rights_words,
        done=DONE.get(request.args.get("done", "")),
        copies=[(one, is_there(one, moment)) for one in copies_of(db, account_id)],
        requests=[(row, row.is_late(moment)) for row in requests_of(db, account_id)],
        kinds=list(RightKind),
        restricted=restricted_since(db, account_id),
    )


@blueprint.post("/account/data/copies")
@guarded(proved_just_now)
def ask_copy() -> Answer:
    ask_for_copy(db, visitor().account_id, visitor().actor, now=now())
    return redirect(url_for("account.data", done="copy"), 303)


@blueprint.get("/account/data/copies/<uuid:copy_id>")
@guarded(proved_just_now)
@writes
def read_copy(copy_id: UUID) -> Response:
    content = orjson.loads(_opened(copy_id))
    found = sections(content["held"], KNOWN, content.get("services", {}))
    return page("account/copy.html", copy_id=copy_id, made_at=content["made_at"], sections=found)


@blueprint.get("/account/data/copies/<uuid:copy_id>/data.json")
@guarded(proved_just_now)
@writes
def download_copy(copy_id: UUID) -> Response:
    answer = Response(_opened(copy_id), mimetype="application/json")
    answer.headers["Content-Disposition"] = 'attachment; filename="my-data.json"'
    answer.headers["Cache-Control"] = "no-store"
    return answer


@blueprint.route(
    "/account/data/requests/new/<any(access, rectify, restrict, object, withdraw, erase):kind>", methods=["GET", "POST"]
)
@guarded(resident)
def ask_about_data(kind: str) -> Response | Answer:
    form = FORMS[kind]()
    if form.validate_on_submit():
        account, about, words = get_account(db, visitor().account_id), form.chosen(), form.said()
        ask(db, account, RightKind(kind), visitor().actor, about=about, words=words, now=now())
        return redirect(url_for("account.data", done="asked"), 303)
    today = today_in_vietnam(now())
    due = today + timedelta(days=int(rule("rights_answer_days", today)[kind]))
    return page("account/data_request_new.html", form=form, kind=kind, words=rights_words, due=due)


@blueprint.get("/account/data/requests/<uuid:request_id>")
@guarded(resident)
def data_request(request_id: UUID) -> Response:
    row = find_own(db, visitor().account_id, request_id) or abort(404)
    return page("account/data_request.html", row=row, words=rights_words, is_late=row.is_late(now()))


@blueprint.post("/account/data/requests/<uuid:request_id>/take-back")
@guarded(resident)
def take_request_back(request_id: UUID) -> Answer:
    take_back(db, visitor().account_id, request_id, visitor().actor, now=now())
    return redirect(url_for("account.data", done="taken-back"), 303)


@blueprint.post("/account/data/restriction/end")
@guarded(resident)
def end_restriction() -> Answer:
    lift_restriction(db, visitor().account_id, visitor().actor, now=now())
    return redirect(url_for("account.data", done="lifted"), 303)


def _opened(copy_id: UUID) -> bytes:
    return open_copy(db, visitor().account_id, copy_id, visitor().actor, now=now()) or abort(404)
