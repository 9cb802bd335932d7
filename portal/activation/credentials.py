"""Steps 4 to 6: a password, a second factor (the lock of one's own device or an app), recovery codes."""

from __future__ import annotations

from dataclasses import replace

from flask import Response, redirect, request, url_for
from werkzeug.wrappers import Response as Answer

from identity.account import Account
from identity.activation import (
    Journey,
    Step,
    confirm_passkey,
    confirm_recovery,
    confirm_totp,
    find_journey,
    methods_of,
    options_to_make,
    refuse_password,
    set_password,
)
from identity.base import Refused
from identity.credentials.known_facts import known_facts
from identity.credentials.passwords import check_password_rules, hash_password
from identity.credentials.recovery import Sheet
from identity.credentials.sign_in import Visit, begin_session
from identity.credentials.totp import provisioning_uri
from identity.deadlines import today_in_vietnam
from portal.activation import blueprint
from portal.activation.forms import AppForm, NewPasswordForm, RecoveryForm
from portal.activation.steps import COOKIE, at, end_sitting, onward, step_page, test_otp, this_journey
from portal.database import db, peek
from portal.device_lock import DeviceAnswerForm, options, site
from portal.fields import HouseForm
from portal.language import masked
from portal.printing.sheets import sheet_paper
from portal.security import limiter, me, sign_in
from portal.security.cookies import drop_cookie, is_member_device, read_cookie
from portal.security.known_browser import KNOWN_BROWSER, remember
from portal.security.limits import client_address
from portal.services import now
from portal.words.browsers import browser


@blueprint.route("/password", methods=["GET", "POST"])
@at(Step.PASSWORD)
def password() -> Response | Answer:
    form, refusal = NewPasswordForm(), None
    if form.validate_on_submit():
        refusal = _weak(form.password.data)
        if refusal is None:
            password_hash = hash_password(form.password.data)  # slow: before the transaction
            journey = this_journey()
            set_password(db, journey, password_hash, now=now())
            return onward(journey)
        refuse_password(db, this_journey(), refusal, now=now())
    return step_page(Step.PASSWORD, form, refusal)


def _weak(plain: str) -> Refused | None:
    with peek() as look:
        journey = find_journey(look, read_cookie(COOKIE) or "", now=now())
        about = known_facts(look, journey.account) if journey else ()
    try:
        check_password_rules(plain, on=today_in_vietnam(now()), about=about)
    except Refused as refusal:
        return refusal
    return None


@blueprint.route("/app", methods=["GET", "POST"])
@at(Step.TOTP)
def app() -> Response | Answer:
    """One page, two ways: the lock of one's own device, or an app."""
    if "answer" in request.form:
        return _with_device()
    form, journey, refusal = AppForm(), this_journey(), None
    if form.validate_on_submit():
        refusal = confirm_totp(db, journey, form.otp.data, now=now(), test_otp=test_otp())
        if refusal is None:
            return onward(journey)
    return _app_page(journey, form, refusal)


@blueprint.get("/app/device")
@limiter.limit("30 per minute")
@at(Step.TOTP)
def device_options() -> Response:
    return options(options_to_make(db, site(), this_journey(), now=now()))


def _with_device() -> Response | Answer:
    if is_member_device():
        raise Refused("helpers-device")
    form, shown, journey, refusal = DeviceAnswerForm(), AppForm(None), this_journey(), None
    if form.validate_on_submit():
        name = browser(request.user_agent.string)
        refusal = confirm_passkey(db, site(), journey, form.answer.data, name, now=now())
        if refusal is None:
            return onward(journey)
    shown.form_errors += form.form_errors
    return _app_page(journey, shown, refusal)


def _app_page(journey: Journey, form: HouseForm, refusal: Refused | None) -> Response:
    secret = journey.activation.totp_secret or ""
    address = provisioning_uri(secret, masked(journey.account.login))
    return step_page(Step.TOTP, form, refusal, secret=secret, address=address)


@blueprint.route("/recovery", methods=["GET", "POST"])
@at(Step.RECOVERY)
def recovery() -> Response | Answer:
    form, journey, refusal = RecoveryForm(), this_journey(), None
    if form.validate_on_submit():
        outcome = confirm_recovery(db, journey, form.recovery.data, now=now())
        if isinstance(outcome, Account):
            return _welcome(outcome)
        refusal = outcome
    return step_page(Step.RECOVERY, form, refusal, sheet=Sheet.read(journey.activation.recovery))


@blueprint.get("/recovery/paper")
@limiter.limit("20 per minute")
@at(Step.RECOVERY)
def recovery_paper() -> Response | Answer:
    """The sheet to print; never on a helper's phone, which would keep the file."""
    if is_member_device():
        return redirect(url_for("activation.recovery"), 303)
    journey = this_journey()
    return sheet_paper(Sheet.read(journey.activation.recovery), journey.account.login)


def _welcome(account: Account) -> Answer:
    """Signed in on one's own device; on a helper's phone nothing stays."""
    if is_member_device():
        response = end_sitting(redirect(url_for("activation.done"), 303))
    else:
        response = redirect(url_for("account.overview", done="activated"), 303)
        db.flush()  # the account is active before its session is opened
        visit, holder = Visit(client_address(), request.user_agent.string, read_cookie(KNOWN_BROWSER)), me()
        if holder is not None:
            visit = replace(visit, session_id=holder.session_id, account_id=holder.account_id)
        begun = account.activated_at or now()  # the same moment: it is no use of the account yet
        opened = begin_session(db, account, methods_of(db, account), 2, visit, now=begun)
        sign_in(response, opened.token)
        remember(response, opened.introduction)
    drop_cookie(response, COOKIE)
    return response
