"""One account at the lock desk: its grounds, opening it for its holder, asking the register, taking a request in."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response, redirect, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as Answer

from identity.account import Account, AccountState, Ground
from identity.application.conflicts import check_not_own_account
from identity.audit import Event, record
from identity.base import Refused
from identity.gateways import RegisterUnavailable
from identity.lock_requests.at_once import PURPOSE, open_for_holder, settle_death
from identity.lock_requests.desk import requests_about
from identity.lock_requests.model import ON_PAPER, Wish
from identity.lock_requests.receive import LONGEST, Asked, Paper, endable, receive
from identity.locks import grounds_of
from identity.person import Person
from portal.database import db, peek
from portal.fields import ChoiceField, HouseForm, TextAreaField, TextField, TickField
from portal.language import _, _l
from portal.locks import blueprint
from portal.locks.visit import acting, own_unit, resident
from portal.pages import page
from portal.security import writes
from portal.services import now, services
from portal.words import lock as lock_words
from portal.words.lock import GROUNDS

HERE = {Ground.OWN_REQUEST, Ground.PAUSE}
TO_LOCK: dict[Ground, Any] = {
    Ground.AUTHORITY: _l("Lock: a competent authority asks for it (form TK03)"),
    Ground.DEATH: _l("Close: the holder has died (death certificate)"),
    Ground.CARD_WITHDRAWN: _l("Lock: the card was withdrawn or is held"),
    Ground.TERMS: _l("Lock: breach of the terms of use"),
}


class HolderForm(HouseForm):
    """What the officer has looked at."""

    original = TickField(
        _l("The holder stands before me, and I have the original of the document in my hand"),
        required=_l("Look at the original before you go on"),
    )
    face = TickField(_l("The face is that of the document"), required=_l("Compare the face before you go on"))


class PaperForm(HouseForm):
    """Form TK03 as it lies on the desk."""

    what = ChoiceField(_l("What is asked for"))
    authority = TextField(_l("Who asks"), hint=_l("The authority or office, as it stands on the paper"), length=200)
    paper = TextField(_l("Number of their paper"), length=80)
    words = TextAreaField(
        _l("What they say"), hint=_l("The ground and the law that the paper names, in a few words"), length=LONGEST
    )
    original = TickField(
        _l("The original of form TK03, or a certified copy, lies before me"),
        required=_l("Take in originals and certified copies only"),
    )


@blueprint.get("/accounts/<uuid:account_id>")
@writes
def account(account_id: UUID) -> Response:
    """Each look is recorded, and the holder sees it."""
    return _page(resident(account_id), HolderForm())


@blueprint.post("/accounts/<uuid:account_id>/open")
def open_account(account_id: UUID) -> Response | Answer:
    form, found = HolderForm(), resident(account_id)
    if form.validate_on_submit():
        try:
            open_for_holder(db, found, acting(), now=now())
        except Refused as refusal:
            if refusal.audited:
                raise
            form.refuse(refusal)
        else:
            return redirect(url_for("locks.account", account_id=account_id, done="opened"), 303)
    return _page(resident(account_id), form)


@blueprint.post("/accounts/<uuid:account_id>/register")
def ask_register(account_id: UUID) -> Answer:
    """The register is asked before anything is written."""
    with peek() as look:
        number = _number_of(look, look.get(Account, account_id))
    if number is None:
        return redirect(url_for("locks.account", account_id=account_id, done="no-register"), 303)
    try:
        is_dead = services().population.is_dead(number, PURPOSE)
    except RegisterUnavailable:
        return redirect(url_for("locks.account", account_id=account_id, done="register-away"), 303)
    here = resident(account_id)
    check_not_own_account(db, acting(), here)
    settle_death(db, here, is_dead, acting(), now=now())
    return redirect(url_for("locks.account", account_id=account_id, done="dead" if is_dead else "not-dead"), 303)


@blueprint.route("/accounts/<uuid:account_id>/request", methods=["GET", "POST"])
def take_in(account_id: UUID) -> Response | Answer:
    form, found = PaperForm(), resident(account_id)
    form.what.choices = _choices(found)
    if form.validate_on_submit():
        try:
            paper = Paper(form.authority.data, form.paper.data, form.words.data)
            row = receive(db, found, own_unit(), asked_in(form.what.data), paper, acting(), now=now())
        except Refused as refusal:
            if refusal.audited:
                raise
            form.refuse(refusal)
        else:
            return redirect(url_for("locks.case", request_id=row.id), 303)
    return page("locks/take_in.html", form=form, account=resident(account_id))


def asked_in(choice: str) -> Asked:
    """What a choice of the form stands for."""
    wish, ground, source = [*choice.split("|"), "", ""][:3]
    return Asked(Wish(wish), Ground(ground), source or None)


def _choices(found: Account) -> list[tuple[str, Any]]:
    ends = [
        (f"open|{one.ground}|{one.source}", _("End the lock “%(ground)s” (%(source)s)", ground=_title(one.ground),
                                              source=one.source))
        for one in endable(db, found, now=now())
    ]  # fmt: skip
    return [*((f"lock|{ground.value}|", TO_LOCK[ground]) for ground in ON_PAPER), *ends]


def _title(ground: str) -> str:
    return str(GROUNDS[ground].title)


def _number_of(look: Session, account: Account | None) -> str | None:
    """Under which the population register knows the holder; a foreign resident is in none that tells of deaths."""
    person = look.get(Person, account.person_id) if account and account.person_id else None
    return person.personal_number if person else None


def _page(found: Account, form: HolderForm) -> Response:
    check_not_own_account(db, acting(), found)
    record(db, Event.LOCK_REQUEST_VIEWED, acting(), now=now(), subject=("account", found.id))
    grounds = grounds_of(db, found, now=now())
    return page(
        "locks/account.html",
        account=found,
        form=form,
        grounds=grounds,
        opens_here=any(one.ground in HERE for one in grounds),
        requests=requests_about(db, found.id),
        asks_register=found.state != AccountState.CLOSED and _number_of(db, found) is not None,
        done=request.args.get("done", ""),
        words=lock_words,
    )
