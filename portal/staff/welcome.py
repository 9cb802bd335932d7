"""The welcome of somebody invited: a password of their own, then the app. Opening the letter's link changes nothing."""

from __future__ import annotations

from flask import Response, redirect, request, url_for
from werkzeug.wrappers import Response as Answer

from identity.base import Refused
from identity.credentials.known_facts import known_facts
from identity.credentials.passwords import check_password_rules, hash_password
from identity.credentials.totp import provisioning_uri
from identity.deadlines import today_in_vietnam
from identity.staff import invitation
from portal.database import db, peek
from portal.fields import CodeField, HouseForm, NewPasswordField
from portal.language import _l
from portal.pages import page
from portal.security import anyone, guarded, limiter
from portal.security.cookies import drop_cookie, read_cookie, set_cookie
from portal.services import now
from portal.staff import blueprint

COOKIE = "eid_welcome"
TRIES = "60 per hour"


class WelcomeForm(HouseForm):
    """A password that nobody else knows."""

    new_password = NewPasswordField()


class AppForm(HouseForm):
    """The first code of the app."""

    otp = CodeField(
        _l("Code from your authenticator app"),
        hint=_l("6 digits"),
        autocomplete="one-time-code",
        required=_l("Enter the code that your app shows"),
    )


@blueprint.get("/welcome")
@guarded(anyone)
@limiter.limit(TRIES)
def welcome() -> Response:
    return _password_page(WelcomeForm())


@blueprint.post("/welcome")
@guarded(anyone)
@limiter.limit(TRIES)
def choose_password() -> Response | Answer:
    form = WelcomeForm()
    if not form.validate_on_submit():
        return _password_page(form)
    try:
        _check(form.new_password.data)
    except Refused as refusal:
        form.refuse(refusal)
        return _password_page(form)
    hashed = hash_password(form.new_password.data)  # slow: before the transaction
    account = invitation.invited(db, _code(), now=now())
    if account is None:
        return _password_page(form)
    response = redirect(url_for("staff.connect_app", code=_code()), 303)
    set_cookie(response, COOKIE, invitation.begin(db, account, hashed, now=now()), invitation.SITTING)
    return response


@blueprint.get("/welcome/app")
@guarded(anyone)
def connect_app() -> Response | Answer:
    return _app_page(AppForm())


@blueprint.post("/welcome/app")
@guarded(anyone)
@limiter.limit(TRIES)
def confirm_app() -> Response | Answer:
    form = AppForm()
    if not form.validate_on_submit():
        return _app_page(form)
    refusal = invitation.accept(db, _code(), read_cookie(COOKIE) or "", form.otp.data, now=now())
    if refusal is not None:
        form.refuse(refusal)
        return _app_page(form)
    response = redirect(url_for("staff.welcomed"), 303)
    drop_cookie(response, COOKIE)
    return response


@blueprint.get("/welcomed")
@guarded(anyone)
def welcomed() -> Response:
    return page("staff/welcomed.html")


def _code() -> str:
    return request.args.get("code", "")[:100]


def _check(plain: str) -> None:
    with peek() as look:
        account = invitation.invited(look, _code(), now=now())
        about = known_facts(look, account) if account else ()
    check_password_rules(plain, on=today_in_vietnam(now()), about=about, field="new_password")


def _password_page(form: WelcomeForm) -> Response:
    account = invitation.invited(db, _code(), now=now())
    if account is None:
        return page("staff/invitation_over.html", 410)
    return page("staff/welcome.html", form=form, account=account, code=_code())


def _app_page(form: AppForm) -> Response | Answer:
    waiting = invitation.begun(db, _code(), read_cookie(COOKIE) or "", now=now())
    if waiting is None:
        return redirect(url_for("staff.welcome", code=_code()), 303)
    account = invitation.invited(db, _code(), now=now())
    label = (account.login if account else "") or ""
    address = provisioning_uri(waiting.secret, label)
    return page("staff/connect_app.html", form=form, secret=waiting.secret, address=address, code=_code())
