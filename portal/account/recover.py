"""I cannot sign in: the rungs in order, and where each begins. No page here says whether a number has an account."""

from __future__ import annotations

from flask import Response, redirect, request, url_for
from werkzeug.wrappers import Response as Answer

from identity import recovery as domain
from identity.account import get_account
from identity.base import Refused
from identity.credentials.codes import in_groups
from identity.deadlines import rule, today_in_vietnam
from identity.recovery import Begun, Step
from portal.account import blueprint
from portal.account.forms import EmptyForm, LoginForm, RecoverByCodeForm, ReturnForm, StopForm
from portal.account.passkeys import lately_proved
from portal.account.recover_steps import COOKIE, ENDPOINTS, keep, this_code, this_recovery
from portal.account.visit import PASSKEYS, test_otp, visitor
from portal.database import db
from portal.language import current_locale
from portal.pages import page
from portal.security import anyone, guarded, limiter
from portal.security.cookies import drop_cookie
from portal.security.limits import client_address
from portal.services import now


@blueprint.get("/recover")
@guarded(anyone)
def recover() -> Response:
    hours = int(rule("recovery_wait_hours", today_in_vietnam(now())))
    return page("account/recover.html", begun=bool(this_code()), wait_days=hours // 24)


@blueprint.route("/account/recover", methods=["GET", "POST"])
@guarded(lately_proved)
def recover_with_device() -> Response | Answer:
    """Whoever came in with a device's own lock may replace a forgotten password and a lost app."""
    form, holder = EmptyForm(), visitor()
    if not PASSKEYS & set(holder.amr):
        raise Refused("recover-needs-device")
    if form.validate_on_submit():
        return _go_on(domain.begin_with_device(db, get_account(db, holder.account_id), now=now()))
    return page("account/recover_with_device.html", form=form)


@blueprint.route("/recover/code", methods=["GET", "POST"])
@guarded(anyone)
@limiter.limit("20 per minute")
def recover_with_code() -> Response | Answer:
    form = RecoverByCodeForm()
    if form.validate_on_submit():
        outcome = domain.begin_with_code(
            db, form.login.data, form.code.data, client_address(),
            now=now(), locale=current_locale(), test_otp=test_otp(),
        )  # fmt: skip
        if isinstance(outcome, Begun):
            return _go_on(outcome)
        form.show(outcome)
    return page("account/recover_with_code.html", form=form)


@blueprint.route("/recover/people", methods=["GET", "POST"])
@guarded(anyone)
@limiter.limit("20 per minute")
def recover_with_people() -> Response | Answer:
    form = LoginForm()
    if form.validate_on_submit():
        outcome = domain.ask_people(db, form.login.data, client_address(), now=now(), locale=current_locale())
        if isinstance(outcome, Begun):
            return _go_on(outcome)
        form.show(outcome)
    return page("account/recover_with_people.html", form=form)


@blueprint.route("/recover/return", methods=["GET", "POST"])
@guarded(anyone)
@limiter.limit("20 per minute")
def return_to_recovery() -> Response | Answer:
    """With the code of the counter's slip, or of the page where one asked: on any device."""
    form = ReturnForm()
    if form.validate_on_submit():
        found = domain.come_back(db, form.code.data, client_address(), now=now())
        if not isinstance(found, Refused):
            step, problem = domain.next_step(found, now=now()), None
            if step is Step.PHONE and found.challenge_id is None:
                problem = domain.send_code(db, found, now=now(), test_otp=test_otp())
            return keep(redirect(url_for(ENDPOINTS[step], late=1 if problem else None), 303), in_groups(form.code.data))
        form.show(found)
    return page("account/recover_return.html", form=form)


@blueprint.get("/recover/go-on")
@guarded(anyone)
def go_on_recovering() -> Answer:
    """To the step that comes now."""
    return redirect(url_for(ENDPOINTS[domain.next_step(this_recovery(), now=now())]), 303)


@blueprint.post("/recover/leave")
@guarded(anyone)
def leave_recovery() -> Answer:
    """Nothing stays in this browser; the code leads back."""
    response = redirect(url_for("account.recover"), 303)
    drop_cookie(response, COOKIE)
    return response


@blueprint.route("/recover/stop", methods=["GET", "POST"])
@guarded(anyone)
@limiter.limit("20 per minute")
def stop_recovery() -> Response | Answer:
    """A notice's link shows what happened; the button stops it."""
    code = request.values.get("code", "")[:40]
    form = StopForm(code=code)
    found = domain.find_to_stop(db, code, now=now()) if code else None
    if form.validate_on_submit() and found is not None and "stop" in request.form:
        domain.stop(db, code, now=now())
        return redirect(url_for("account.recovery_stopped"), 303)
    if code and found is None and not form.form_errors:
        form.show(Refused("stop-over"))
    return page("account/recover_stop.html", form=form, found=found, code=code)


@blueprint.get("/recover/stopped")
@guarded(anyone)
def recovery_stopped() -> Response:
    return page("account/recover_stopped.html")


@blueprint.post("/account/recovery/stop")
def stop_own_recovery() -> Answer:
    """The same from any signed-in device, however long ago."""
    domain.stop_own(db, get_account(db, visitor().account_id), now=now())
    return redirect(url_for("account.overview", done="recovery-stopped"), 303)


def _go_on(begun: Begun) -> Answer:
    step = domain.next_step(begun.recovery, now=now())
    late = 1 if begun.problem else None
    return keep(redirect(url_for(ENDPOINTS[step], late=late), 303), begun.code, begun.word)
