"""Passkeys: signing in with a device's own lock, and the devices of an account."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from flask import Response, redirect, request, url_for
from flask.blueprints import BlueprintSetupState
from werkzeug.wrappers import Response as Answer

from identity.account import get_account
from identity.base import Refused
from identity.credentials import passkeys as domain
from identity.credentials import sms_factor
from identity.credentials.passkey import Passkey, find_own, passkeys_of
from identity.credentials.second_factor import is_last
from identity.deadlines import rule, today_in_vietnam
from portal import device_lock
from portal.account import blueprint, signed_in
from portal.account.destination import wanted
from portal.account.forms import PasskeyForm, PasskeyNameForm, SecondStepForm, SignInForm
from portal.account.second_ways import second_ways
from portal.account.visit import LENT, SECOND_STEP, SMS, WEAK, this_visit, visitor, welcome
from portal.database import db
from portal.device_lock import DeviceAnswerForm, options, site
from portal.pages import here, page
from portal.security import anyone, guarded, limiter, me
from portal.security.cookies import is_member_device, read_cookie
from portal.services import now, services
from portal.words.browsers import browser

PAGE = "account/sign_in_ways.html"


@blueprint.record
def join_scripts(setup: BlueprintSetupState) -> None:
    device_lock.join_scripts(setup.app)


def lately_proved() -> Answer | None:
    """How one signs in is changed by whoever has just shown both factors, not by whoever finds an open browser.

    A code by SMS is not enough for it: a SIM can be taken over at a shop. Nor is a phone's yes to a computer: whoever
    was talked into one would lose the account for good.
    """
    answer, holder = signed_in(), me()
    if answer is None and holder is not None:
        minutes = int(rule("sensitive_minutes", today_in_vietnam(now())))
        is_weak = holder.aal < 2 or WEAK & set(holder.amr)
        if is_weak or now() - holder.auth_time > timedelta(minutes=minutes):
            lent, sms = (1 if weak in holder.amr else None for weak in (LENT, SMS))
            return redirect(url_for("account.sign_in", next=here(), again=1, lent=lent, sms=sms))
    return answer


@blueprint.get("/sign-in/passkey/options")
@guarded(anyone)
@limiter.limit("60 per minute")
def passkey_options() -> Response:
    return options(domain.options_to_sign_in(db, site(), now=now()))


@blueprint.post("/sign-in/passkey")
@guarded(anyone)
@limiter.limit("30 per minute")
def sign_in_with_passkey() -> Answer:
    form, shown = DeviceAnswerForm(), SignInForm(formdata=None)
    if form.validate_on_submit():
        outcome = domain.sign_in(db, site(), form.answer.data, this_visit(), now=now())
        if not isinstance(outcome, Refused):
            return welcome(outcome, wanted())
        form.show(outcome)
    shown.form_errors += form.form_errors
    return page("account/sign_in.html", form=shown, next=wanted(), again=me() is not None)


@blueprint.post("/sign-in/second/passkey")
@guarded(anyone)
@limiter.limit("30 per minute")
def second_step_with_passkey() -> Answer:
    """In place of a code. The page is the same for everybody, so that a stolen password tells nothing more."""
    form, shown, ticket = DeviceAnswerForm(), SecondStepForm(formdata=None), read_cookie(SECOND_STEP)
    if ticket is None:
        return redirect(url_for("account.sign_in", next=wanted()), 303)
    if form.validate_on_submit():
        outcome = domain.second_step(db, site(), ticket, form.answer.data, this_visit(), now=now())
        if not isinstance(outcome, Refused):
            return welcome(outcome, wanted())
        form.show(outcome)
    shown.form_errors += form.form_errors
    return page("account/second_step.html", form=shown, next=wanted(), **second_ways(ticket))


@blueprint.get("/account/sign-in-ways")
@guarded(lately_proved)
def sign_in_ways() -> Response:
    return _ways(PasskeyForm(name=browser(request.user_agent.string)))


@blueprint.get("/account/sign-in-ways/options")
@guarded(lately_proved)
def passkey_options_to_add() -> Response:
    account = get_account(db, visitor().account_id)
    return options(domain.options_to_add(db, site(), account, now=now()))


@blueprint.post("/account/sign-in-ways")
@guarded(lately_proved)
def add_passkey() -> Answer:
    if is_member_device():
        raise Refused("helpers-device")
    form = PasskeyForm()
    if form.validate_on_submit():
        account = get_account(db, visitor().account_id)
        try:
            domain.add_passkey(db, site(), account, form.answer.data, form.name.data, now=now())
        except Refused as refusal:
            form.refuse(refusal)
        else:
            return redirect(url_for("account.sign_in_ways", done="added"), 303)
    return _ways(form)


@blueprint.route("/account/sign-in-ways/<uuid:passkey_id>", methods=["GET", "POST"])
@guarded(lately_proved)
def rename_passkey(passkey_id: UUID) -> Answer | Response:
    found = _own(passkey_id)
    form = PasskeyNameForm(name=found.name)
    if form.validate_on_submit():
        domain.rename(db, visitor().account_id, passkey_id, form.name.data)
        return redirect(url_for("account.sign_in_ways", done="renamed"), 303)
    return page("account/passkey.html", form=form, passkey=found)


@blueprint.route("/account/sign-in-ways/<uuid:passkey_id>/remove", methods=["GET", "POST"])
@guarded(lately_proved)
def remove_passkey(passkey_id: UUID) -> Answer | Response:
    found, account = _own(passkey_id), get_account(db, visitor().account_id)
    if request.method == "POST":
        domain.remove(db, account, passkey_id, visitor().session_id, now=now())
        return redirect(url_for("account.sign_in_ways", done="removed"), 303)
    return page("account/passkey_remove.html", passkey=found, is_last=is_last(db, account, found.id))


def _ways(form: PasskeyForm) -> Response:
    return page(
        PAGE,
        form=form,
        passkeys=passkeys_of(db, visitor().account_id),
        has_app=get_account(db, visitor().account_id).totp_secret_sealed is not None,
        is_helpers_device=is_member_device(),
        sms_allowed=services().settings.sms_second_factor,
        sms_on=sms_factor.is_on(db, visitor().account_id),
    )


def _own(passkey_id: UUID) -> Passkey:
    found = find_own(db, visitor().account_id, passkey_id)
    if found is None:
        raise Refused("passkey-unknown")
    return found
