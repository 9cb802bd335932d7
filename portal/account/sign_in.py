"""Signing in with a password and a second step, and signing out."""

from __future__ import annotations

from typing import Any

from flask import redirect, request, url_for
from werkzeug.wrappers import Response

from identity.base import Refused
from identity.credentials import sign_in as domain
from identity.credentials.passwords import verify_password
from identity.session import Opened
from portal import security
from portal.account import blueprint
from portal.account.destination import after_sign_in, wanted
from portal.account.forms import SecondStepForm, SignInForm, SmsStepForm
from portal.account.second_ways import second_ways
from portal.account.visit import SECOND_STEP, test_otp, this_visit, visitor, wait_for_second_step, welcome
from portal.database import db, peek, this_session
from portal.fields import HouseForm
from portal.pages import page
from portal.ready_pages import ReadyPage
from portal.security import anyone, guarded, me
from portal.security.cookies import drop_cookie, read_cookie
from portal.services import now, services

FIRST, SECOND = "account/sign_in.html", "account/second_step.html"


@blueprint.route("/sign-in", methods=["GET", "POST"])
@guarded(anyone)
def sign_in() -> Response:
    signed_in = me()
    if request.method == "GET" and signed_in is None and "login_hint" not in request.args:
        return ReadyPage(FIRST, SignInForm, wanted(), again=False)
    form = SignInForm(login=request.args.get("login_hint", "")[:100])
    if form.validate_on_submit():
        visit = this_visit()
        with peek() as look:
            found = domain.look_up(look, form.login.data, visit, now=now())
        right = not found.waits and verify_password(found.password_hash, form.password.data)
        return _answer(form, FIRST, domain.first_step(this_session(), found, right, visit, now=now()))
    if signed_in and request.method == "GET" and "again" not in request.args:
        return redirect(after_sign_in(signed_in.account_id, wanted()))
    return page(FIRST, form=form, next=wanted(), again=signed_in is not None)


@blueprint.route("/sign-in/second", methods=["GET", "POST"])
@guarded(anyone)
def second_step() -> Response:
    by_sms = request.args.get("by") == "sms" and services().settings.sms_second_factor
    ticket = read_cookie(SECOND_STEP)
    if ticket is None:
        return redirect(url_for("account.sign_in", next=wanted()))
    if request.method == "GET" and me() is None and not services().settings.sms_second_factor:
        return ReadyPage(SECOND, SecondStepForm, wanted())
    form = SmsStepForm() if by_sms else SecondStepForm()
    if form.validate_on_submit():
        typed, visit = form.otp.data, this_visit()
        said = {"test_otp": test_otp(), "by_sms": by_sms}
        outcome = domain.second_step(this_session(), ticket, typed, visit, now=now(), **said)
        return _answer(form, SECOND, outcome, **second_ways(ticket))
    return page(SECOND, form=form, next=wanted(), **second_ways(ticket))


@blueprint.route("/sign-in/raise", methods=["GET", "POST"])
def raise_level() -> Response:
    form = SecondStepForm()
    if form.validate_on_submit():
        visit = this_visit()
        outcome = domain.raise_level(db, visitor().account_id, form.otp.data, visit, now=now(), test_otp=test_otp())
        return _answer(form, SECOND, outcome)
    return page(SECOND, form=form, next=wanted())


@blueprint.get("/work")
def work() -> Response:
    """The first page of one's work, from wherever one is."""
    return redirect(after_sign_in(visitor().account_id, None))


@blueprint.post("/sign-out")
@guarded(anyone)
def sign_out() -> Response:
    response, signed_in = redirect(url_for("home.index"), 303), me()
    if signed_in is not None:
        domain.sign_out(db, signed_in.actor, signed_in.session_id, now=now())
    security.sign_out(response)
    drop_cookie(response, SECOND_STEP)
    return response


def _answer(
    form: HouseForm, template: str, outcome: domain.SecondNeeded | Opened | Refused, **context: Any
) -> Response:
    """The next page after a step. A refusal is a result here: it was counted, so nothing is rolled back."""
    if isinstance(outcome, domain.SecondNeeded):
        return wait_for_second_step(outcome.ticket, wanted())
    if isinstance(outcome, Opened):
        return welcome(outcome, wanted())
    form.show(outcome)
    return page(template, form=form, next=wanted(), again=me() is not None, **context)
