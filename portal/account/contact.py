"""Changing the phone or the mail address."""

from __future__ import annotations

from datetime import timedelta

from flask import Response, redirect, url_for
from werkzeug.wrappers import Response as Answer

from identity import contact as domain
from identity.account import get_account
from identity.base import Refused
from identity.contact import Kind
from identity.deadlines import rule, today_in_vietnam
from identity.person import Person
from portal.account import blueprint
from portal.account.forms import ContactCodeForm, ContactCodesForm, EmailForm, PhoneForm
from portal.account.passkeys import lately_proved
from portal.account.visit import test_otp, visitor
from portal.database import db
from portal.pages import page
from portal.security import guarded
from portal.security.cookies import drop_cookie, read_cookie, set_cookie
from portal.services import now

TICKET = "eid_contact"


@blueprint.get("/account/contact")
@guarded(lately_proved)
def contact() -> Response:
    return page("account/contact.html", person=_person())


@blueprint.route("/account/contact/<any(phone, email):kind>", methods=["GET", "POST"])
@guarded(lately_proved)
def change_contact(kind: str) -> Response | Answer:
    form = PhoneForm() if kind == Kind.PHONE else EmailForm()
    if form.validate_on_submit():
        account = get_account(db, visitor().account_id)
        try:
            ticket = domain.begin(db, account, Kind(kind), form.value.data, now=now(), test_otp=test_otp())
        except Refused as refusal:
            form.refuse(refusal)
        else:
            return _wait(ticket)
    return page("account/contact_change.html", form=form, kind=kind, person=_person())


@blueprint.post("/account/contact/email/remove")
@guarded(lately_proved)
def remove_email() -> Answer:
    """Taken out with the code of the phone; without a mail address messages go by SMS and to the inbox."""
    account = get_account(db, visitor().account_id)
    return _wait(domain.begin(db, account, Kind.EMAIL, "", now=now(), test_otp=test_otp()))


@blueprint.route("/account/contact/confirm", methods=["GET", "POST"])
@guarded(lately_proved)
def confirm_contact() -> Response | Answer:
    ticket, holder = read_cookie(TICKET) or "", visitor()
    change = domain.waiting(db, holder.account_id, ticket, now=now())
    removes = change is not None and change.new_challenge is None
    form = ContactCodeForm() if removes else ContactCodesForm()
    if form.validate_on_submit():
        account = get_account(db, holder.account_id)
        typed = (form.old_code.data, "" if isinstance(form, ContactCodeForm) else form.new_code.data)
        try:
            refusal = domain.confirm(db, account, ticket, *typed, now=now())
        except Refused as used:
            form.refuse(used)
        else:
            if refusal is None:
                response = redirect(url_for("account.overview", done="contact"), 303)
                drop_cookie(response, TICKET)
                return response
            form.show(refusal)
    if change is None and not form.errors:
        raise Refused("contact-over")
    return page("account/contact_confirm.html", form=form, change=change, removes=removes, person=_person())


def _wait(ticket: str) -> Answer:
    response = redirect(url_for("account.confirm_contact"), 303)
    set_cookie(response, TICKET, ticket, timedelta(minutes=int(rule("sensitive_minutes", today_in_vietnam(now())))))
    return response


def _person() -> Person:
    holder = visitor()
    if holder.person_id is None:
        raise Refused("not-allowed")
    return db.get_one(Person, holder.person_id)
