"""People I trust with my recovery, and those who trust me."""

from __future__ import annotations

from uuid import UUID

from flask import Response, redirect, request, url_for
from werkzeug.wrappers import Response as Answer

from identity import recovery as domain
from identity.account import get_account
from identity.base import Refused
from identity.deadlines import rule, today_in_vietnam
from identity.guardians.guardianship import wards_of
from identity.names import short_name
from identity.recovery import Recovery, TrustedContact
from portal.account import blueprint
from portal.account.forms import TrustForm, WordForm
from portal.account.passkeys import lately_proved
from portal.account.visit import visitor
from portal.database import db
from portal.pages import page
from portal.security import guarded, resident
from portal.services import now


def proved_resident() -> Answer | None:
    """A resident who has just shown both factors."""
    return resident() or lately_proved()


@blueprint.route("/account/trusted", methods=["GET", "POST"])
@guarded(proved_resident)
def trusted_people() -> Response | Answer:
    form = TrustForm()
    if form.validate_on_submit():
        try:
            domain.choose(db, get_account(db, visitor().account_id), form.number.data, now=now())
        except Refused as refusal:
            form.refuse(refusal)
        else:
            return redirect(url_for("account.trusted_people", done="named"), 303)
    return _people(form, WordForm(formdata=None))


@blueprint.post("/account/trusted/word")
@guarded(proved_resident)
def enter_word() -> Response | Answer:
    """The word that somebody said: shows who it would let in, and asks."""
    form = WordForm()
    if form.validate_on_submit():
        found = domain.find_request(db, get_account(db, visitor().account_id), form.word.data, now=now())
        if isinstance(found, Recovery) and found.account_id is not None:
            name = short_name(get_account(db, found.account_id).display_name)
            return page("account/co_sign.html", form=form, name=name, begun_at=found.begun_at)
        if isinstance(found, Refused):
            form.show(found)
    return _people(TrustForm(formdata=None), form)


@blueprint.post("/account/trusted/co-sign")
@guarded(proved_resident)
def co_sign() -> Response | Answer:
    form = WordForm()
    if form.validate_on_submit():
        refusal = domain.co_sign(db, get_account(db, visitor().account_id), form.word.data, now=now())
        if refusal is None:
            return redirect(url_for("account.trusted_people", done="co-signed"), 303)
        form.show(refusal)
    return _people(TrustForm(formdata=None), form)


@blueprint.post("/account/trusted/<uuid:row_id>/agree")
@guarded(proved_resident)
def agree_to_be_trusted(row_id: UUID) -> Answer:
    domain.confirm(db, get_account(db, visitor().account_id), row_id, now=now())
    return redirect(url_for("account.trusted_people", done="agreed"), 303)


@blueprint.post("/account/trusted/<uuid:row_id>/end")
@guarded(proved_resident)
def end_trust(row_id: UUID) -> Response | Answer:
    form = TrustForm(formdata=None)
    try:
        domain.end(db, get_account(db, visitor().account_id), row_id, now=now())
    except Refused as refusal:
        form.refuse(refusal)
        return _people(form, WordForm(formdata=None))
    return redirect(url_for("account.trusted_people", done="ended"), 303)


def _people(form: TrustForm, word: WordForm) -> Response:
    moment, me = now(), visitor().account_id
    chosen = [(row, _contact_name(row), domain.ripe_on(row, now=moment)) for row in domain.contacts_of(db, me)]
    owners = [(row, short_name(get_account(db, row.account_id).display_name)) for row in domain.trusting(db, me)]
    return page(
        "account/trusted.html", form=form, word=word, chosen=chosen, owners=owners, moment=moment,
        moving=_asked_of_people(me), has_wards=_has_wards(), done=request.args.get("done", ""),
        has_room=len(chosen) < int(rule("trusted_contacts", today_in_vietnam(moment))["most"]),
    )  # fmt: skip


def _asked_of_people(me: UUID) -> list[Recovery]:
    return [one for one in domain.moving(db, me, now=now()) if one.rung == domain.Rung.CONTACT]


def _has_wards() -> bool:
    """A guardian vouches for a ward without having been named."""
    person = visitor().person_id
    return person is not None and bool(wards_of(db, person, now=now()))


def _contact_name(row: TrustedContact) -> str:
    """Known once they have agreed; before that only the number that was typed."""
    if row.confirmed_at is None or row.contact_account_id is None:
        return ""
    return short_name(get_account(db, row.contact_account_id).display_name)
