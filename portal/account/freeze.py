"""Freezing an account at once, or stopping new sign-ins for a day."""

from __future__ import annotations

from flask import Response, redirect, url_for
from werkzeug.wrappers import Response as Answer

from identity import freeze as domain
from identity import pausing
from identity.account import get_account
from portal import security
from portal.account import blueprint, signed_in
from portal.account.forms import EmptyForm, FreezeForm, PauseForm
from portal.account.visit import visitor
from portal.database import db
from portal.pages import page
from portal.security import anyone, guarded, limiter, me
from portal.security.limits import client_address
from portal.services import now, services


@blueprint.get("/freeze")
@guarded(anyone)
def freeze() -> Response:
    return page("account/freeze.html", number=services().settings.sms_in_number)


@blueprint.route("/freeze/code", methods=["GET", "POST"])
@guarded(anyone)
@limiter.limit("20 per minute")
def freeze_with_code() -> Response | Answer:
    form = FreezeForm()
    if form.validate_on_submit():
        refusal = domain.freeze_with_code(db, form.login.data, form.code.data, client_address(), now=now())
        if refusal is None:
            return _gone()
        form.show(refusal)
    return page("account/freeze_code.html", form=form)


@blueprint.route("/freeze/pause", methods=["GET", "POST"])
@guarded(anyone)
@limiter.limit("20 per minute")
def pause() -> Response | Answer:
    form = PauseForm()
    if form.validate_on_submit():
        refusal = pausing.pause(db, form.login.data, client_address(), now=now())
        if refusal is None:
            return redirect(url_for("account.paused"), 303)
        form.show(refusal)
    return page("account/pause.html", form=form)


@blueprint.get("/freeze/paused")
@guarded(anyone)
def paused() -> Response:
    return page("account/paused.html")


@blueprint.get("/freeze/frozen")
@guarded(anyone)
def frozen() -> Response:
    return page("account/frozen.html")


@blueprint.route("/account/freeze", methods=["GET", "POST"])
@guarded(signed_in)
def freeze_own() -> Response | Answer:
    """Any signed-in device will do, however long ago: whoever is in a hurry must not be asked for a code first."""
    form = EmptyForm()
    if form.validate_on_submit():
        domain.freeze(db, get_account(db, visitor().account_id), visitor().actor, now=now())
        return _gone()
    return page("account/freeze_own.html", form=form)


@blueprint.post("/account/pause/end")
def end_pause() -> Answer:
    domain.lift(db, visitor().account_id, visitor().actor, now=now())
    return redirect(url_for("account.overview", done="pause-ended"), 303)


def _gone() -> Answer:
    response = redirect(url_for("account.frozen"), 303)
    if me() is not None:
        security.sign_out(response)
    return response
