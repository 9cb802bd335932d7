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
from identity.deadlines import rule, today_in_vietnam
from portal.account import blueprint, signed_in
from portal.account.destination import wanted
from portal.account.forms import PasskeyAnswerForm, PasskeyForm, PasskeyNameForm, SignInForm
from portal.account.visit import MEMBER_DEVICE, WEAKEST, this_visit, visitor, welcome
from portal.account.words import browser
from portal.database import db
from portal.language import _
from portal.pages import here, page
from portal.security import anyone, guarded, limiter, me
from portal.security.cookies import read_cookie
from portal.services import now, services

PAGE = "account/sign_in_ways.html"
SCRIPT, PARTS = "js/with-passkey.js", ("vendor/simplewebauthn/browser.js", "js/passkey.js")


@blueprint.record
def join_scripts(setup: BlueprintSetupState) -> None:
    """The library and our few lines as one file: a first visit has ten requests to spend."""
    files = setup.app.extensions["assets"]
    files.add(SCRIPT, b"\n".join(files.files[part] for part in PARTS))


def site() -> domain.Site:
    """Our address as browsers know it."""
    settings = services().settings
    return domain.Site(settings.host_name, settings.issuer, settings.owner or _("e-ID portal"))


def lately_proved() -> Answer | None:
    """How one signs in is changed by whoever has just shown both factors, not by whoever finds an open browser.

    A code by SMS is not enough for it: a SIM can be taken over at a shop.
    """
    answer, holder = signed_in(), me()
    if answer is None and holder is not None:
        minutes = int(rule("sensitive_minutes", today_in_vietnam(now())))
        is_weak = holder.aal < 2 or WEAKEST in holder.amr
        if is_weak or now() - holder.auth_time > timedelta(minutes=minutes):
            return redirect(url_for("account.sign_in", next=here(), again=1))
    return answer


@blueprint.get("/sign-in/passkey/options")
@guarded(anyone)
@limiter.limit("30 per minute")
def passkey_options() -> Response:
    return Response(domain.options_to_sign_in(db, site(), now=now()), mimetype="application/json")


@blueprint.post("/sign-in/passkey")
@guarded(anyone)
@limiter.limit("30 per minute")
def sign_in_with_passkey() -> Answer:
    form, shown = PasskeyAnswerForm(), SignInForm(formdata=None)
    if form.validate_on_submit():
        outcome = domain.sign_in(db, site(), form.answer.data, this_visit(), now=now())
        if not isinstance(outcome, Refused):
            return welcome(outcome, wanted())
        form.show(outcome)
    shown.form_errors += form.form_errors
    return page("account/sign_in.html", form=shown, next=wanted(), again=me() is not None)


@blueprint.get("/account/sign-in-ways")
@guarded(lately_proved)
def sign_in_ways() -> Response:
    return _ways(PasskeyForm(name=browser(request.user_agent.string)))


@blueprint.get("/account/sign-in-ways/options")
@guarded(lately_proved)
def passkey_options_to_add() -> Response:
    account = get_account(db, visitor().account_id)
    return Response(domain.options_to_add(db, site(), account, now=now()), mimetype="application/json")


@blueprint.post("/account/sign-in-ways")
@guarded(lately_proved)
def add_passkey() -> Answer:
    if read_cookie(MEMBER_DEVICE) is not None:
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
    found = _own(passkey_id)
    if request.method == "POST":
        domain.remove(db, get_account(db, visitor().account_id), passkey_id, now=now())
        return redirect(url_for("account.sign_in_ways", done="removed"), 303)
    return page("account/passkey_remove.html", passkey=found)


def _ways(form: PasskeyForm) -> Response:
    return page(
        PAGE,
        form=form,
        passkeys=domain.passkeys_of(db, visitor().account_id),
        is_helpers_device=read_cookie(MEMBER_DEVICE) is not None,
        sms_allowed=services().settings.sms_second_factor,
        sms_on=sms_factor.is_on(db, visitor().account_id),
    )


def _own(passkey_id: UUID) -> domain.Passkey:
    found = domain.find_own(db, visitor().account_id, passkey_id)
    if found is None:
        raise Refused("passkey-unknown")
    return found
