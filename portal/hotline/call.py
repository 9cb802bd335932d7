"""A call about one case: state and dates, the questions, and what may be done. No name before the answers are right."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import Response, redirect, request, url_for
from werkzeug.wrappers import Response as Answer

from identity.account import Account, AccountState, Ground, get_account
from identity.application import Application
from identity.base import Refused
from identity.hotline import acts
from identity.hotline.find import find_call, subject_of
from identity.hotline.model import HotlineCall
from identity.hotline.questions import DAYS, Question
from identity.locks import grounds_of
from identity.person import Kind, Person
from portal.database import db
from portal.fields import ChoiceField, DateField, HouseForm, TextField, TickField
from portal.hotline import blueprint, words
from portal.hotline.find import acting
from portal.language import _l
from portal.pages import page
from portal.services import now
from portal.words import lock as lock_words


class FreezeForm(HouseForm):
    """The agent has called back."""

    picked_up = TickField(
        _l("I called this number back, and the same person picked up and asks to freeze the account"),
        required=_l("Call back first. If nobody picks up, stop new sign-ins for a day instead"),
    )


class EndForm(HouseForm):
    """How it ended, where nothing was done."""

    outcome = ChoiceField(_l("How the call ended"), choices=list(words.OUTCOMES.items()))


def answers_to(call: HotlineCall) -> HouseForm:
    """The questions that were drawn, as a form; what was typed stays when it was wrong."""
    fields: dict[str, Any] = {}
    asked = words.OF_FOREIGNERS if _is_about_foreigner(call) else words.QUESTIONS
    for name in call.questions.split():
        kind: Any = DateField if name in DAYS else TextField
        fields[name.replace("-", "_")] = kind(asked[name])
    return type("AnswersForm", (HouseForm,), fields)()  # type: ignore[no-any-return]


@blueprint.get("/calls/<uuid:call_id>")
def call(call_id: UUID) -> Response:
    return _page(find_call(db, call_id, acting(), now=now()))


@blueprint.post("/calls/<uuid:call_id>/verify")
def verify(call_id: UUID) -> Response | Answer:
    found = find_call(db, call_id, acting(), now=now())
    form = answers_to(found)
    if form.validate_on_submit():
        said = {name.replace("_", "-"): field.data for name, field in form._fields.items()}
        try:
            wrong = acts.verify(db, found, acting(), said, now=now())
        except Refused as refusal:
            form.refuse(refusal)
            found = find_call(db, call_id, acting(), now=now())
        else:
            if wrong is None:
                return _back(call_id, "verified")
            form.show(wrong)
    return _page(found, answers=form)


@blueprint.post("/calls/<uuid:call_id>/send")
def send(call_id: UUID) -> Response | Answer:
    return _do(call_id, acts.send_notice, "sent")


@blueprint.post("/calls/<uuid:call_id>/call-back")
def call_back(call_id: UUID) -> Response | Answer:
    return _do(call_id, acts.call_back, "")


@blueprint.post("/calls/<uuid:call_id>/freeze")
def freeze(call_id: UUID) -> Response | Answer:
    found, form = find_call(db, call_id, acting(), now=now()), FreezeForm()
    if form.validate_on_submit():
        return _do(call_id, acts.freeze, "frozen")
    return _page(found, freezing=form)


@blueprint.post("/calls/<uuid:call_id>/hold")
def hold(call_id: UUID) -> Response | Answer:
    return _do(call_id, acts.hold, "held")


@blueprint.post("/calls/<uuid:call_id>/end")
def end(call_id: UUID) -> Response | Answer:
    found, form = find_call(db, call_id, acting(), now=now()), EndForm()
    if form.validate_on_submit():
        acts.close(db, found, acting(), form.outcome.data, now=now())
        return redirect(url_for("hotline.start"), 303)
    return _page(found, ending=form)


def _do(call_id: UUID, act: Callable[..., object], done: str) -> Response | Answer:
    """One thing that a call may do. A refusal stands on the page of the call: the caller is still there."""
    form = EndForm()
    try:
        act(db, find_call(db, call_id, acting(), now=now()), acting(), now=now())
    except Refused as refusal:
        if refusal.audited or refusal.code == "hotline-call-over":
            raise
        form.refuse(refusal)
        return _page(find_call(db, call_id, acting(), now=now()), ending=form)
    return _back(call_id, done)


def _back(call_id: UUID, done: str) -> Answer:
    return redirect(url_for("hotline.call", call_id=call_id, done=done or None), 303)


def _page(
    found: HotlineCall,
    *,
    answers: HouseForm | None = None,
    freezing: FreezeForm | None = None,
    ending: EndForm | None = None,
) -> Response:
    account = get_account(db, found.account_id) if found.account_id else None
    application = db.get(Application, found.application_id) if found.application_id else None
    person = db.get(Person, account.person_id) if account and account.person_id else None
    grounds = grounds_of(db, account, now=now()) if account else []
    is_frozen = any(one.ground == Ground.OWN_REQUEST for one in grounds)
    form = answers or freezing or ending
    return page(
        "hotline/call.html",
        call=found,
        account=account,
        application=application,
        phone=person.phone if person else (application.phone if application else None),
        name=_name(account, application) if found.verified_at else None,
        grounds=grounds,
        can_freeze=account is not None and account.state != AccountState.CLOSED and not is_frozen,
        about=subject_of(found)[0],
        form=form,
        answers=answers or answers_to(found),
        freezing=freezing or FreezeForm(),
        ending=ending or EndForm(),
        done=words.DONE.get(request.args.get("done", "")),
        words=words,
        lock_words=lock_words,
        questions=[Question(name) for name in found.questions.split()],
    )


def _is_about_foreigner(call: HotlineCall) -> bool:
    account = get_account(db, call.account_id) if call.account_id else None
    person = db.get(Person, account.person_id) if account and account.person_id else None
    if person is not None:
        return person.kind == Kind.FOREIGNER
    application = db.get(Application, call.application_id) if call.application_id else None
    return application is not None and application.person_kind == Kind.FOREIGNER


def _name(account: Account | None, application: Application | None) -> str | None:
    return account.display_name if account else application.full_name if application else None
