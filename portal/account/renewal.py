"""New recovery codes and a new authenticator app."""

from __future__ import annotations

from datetime import timedelta

from flask import Response, redirect, url_for
from werkzeug.wrappers import Response as Answer

from identity.account import get_account
from identity.credentials import renewal as domain
from identity.credentials.passkey import has_passkey
from identity.credentials.recovery import Sheet
from identity.credentials.second_factor import remove_app
from identity.credentials.totp import provisioning_uri
from identity.deadlines import rule, today_in_vietnam
from portal.account import blueprint
from portal.account.forms import NewAppForm, NewCodesForm
from portal.account.passkeys import lately_proved
from portal.account.visit import test_otp, visitor
from portal.database import db
from portal.language import masked
from portal.pages import page
from portal.printing.sheets import sheet_paper
from portal.security import guarded, limiter
from portal.security.cookies import drop_cookie, read_cookie, set_cookie
from portal.services import now

TICKET = "eid_renewal"


@blueprint.route("/account/recovery-codes", methods=["GET"])
@guarded(lately_proved)
def recovery_codes() -> Response:
    return page("account/recovery_codes.html", sheet=_sheet(), form=NewCodesForm())


@blueprint.post("/account/recovery-codes")
@guarded(lately_proved)
def draw_recovery_codes() -> Answer:
    return _wait("account.recovery_codes", domain.begin_codes(db, visitor().account_id, now=now()))


@blueprint.get("/account/recovery-codes/paper")
@guarded(lately_proved)
@limiter.limit("20 per minute")
def recovery_codes_paper() -> Response | Answer:
    """The new sheet to print, while it waits for one of its codes."""
    sheet = _sheet()
    if not sheet.codes:
        return redirect(url_for("account.recovery_codes"), 303)
    return sheet_paper(sheet, get_account(db, visitor().account_id).login)


@blueprint.post("/account/recovery-codes/confirm")
@guarded(lately_proved)
def confirm_recovery_codes() -> Answer:
    form = NewCodesForm()
    if form.validate_on_submit():
        account = get_account(db, visitor().account_id)
        refusal = domain.confirm_codes(db, account, _ticket(), form.recovery.data, now=now())
        if refusal is None:
            return _done("recovery-codes")
        form.show(refusal)
    return page("account/recovery_codes.html", sheet=_sheet(), form=form)


@blueprint.route("/account/authenticator", methods=["GET"])
@guarded(lately_proved)
def authenticator() -> Response:
    return _app_page(NewAppForm())


@blueprint.post("/account/authenticator")
@guarded(lately_proved)
def draw_authenticator() -> Answer:
    return _wait("account.authenticator", domain.begin_app(db, visitor().account_id, now=now()))


@blueprint.post("/account/authenticator/confirm")
@guarded(lately_proved)
def confirm_authenticator() -> Answer:
    form, holder = NewAppForm(), visitor()
    if form.validate_on_submit():
        account, typed = get_account(db, holder.account_id), form.otp.data
        refusal = domain.confirm_app(db, account, _ticket(), typed, holder.session_id, now=now(), test_otp=test_otp())
        if refusal is None:
            return _done("authenticator")
        form.show(refusal)
    return _app_page(form)


@blueprint.post("/account/authenticator/remove")
@guarded(lately_proved)
def remove_authenticator() -> Answer:
    holder = visitor()
    remove_app(db, get_account(db, holder.account_id), holder.session_id, now=now())
    return redirect(url_for("account.overview", done="authenticator-removed"), 303)


def _app_page(form: NewAppForm) -> Response:
    secret = domain.waiting_secret(db, visitor().account_id, _ticket(), now=now())
    account = get_account(db, visitor().account_id)
    address = provisioning_uri(secret, masked(account.login)) if secret else ""
    is_set_up = account.totp_secret_sealed is not None
    has_device = has_passkey(db, account.id)
    shown = {"secret": secret, "address": address, "is_set_up": is_set_up, "has_device": has_device}
    return page("account/authenticator.html", form=form, **shown)


def _sheet() -> Sheet:
    return domain.waiting_sheet(db, visitor().account_id, _ticket(), now=now())


def _ticket() -> str:
    return read_cookie(TICKET) or ""


def _wait(endpoint: str, ticket: str) -> Answer:
    response = redirect(url_for(endpoint), 303)
    set_cookie(response, TICKET, ticket, timedelta(minutes=int(rule("sensitive_minutes", today_in_vietnam(now())))))
    return response


def _done(what: str) -> Answer:
    response = redirect(url_for("account.overview", done=what), 303)
    drop_cookie(response, TICKET)
    return response
