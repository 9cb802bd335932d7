"""Step 1: the code from the notice. A scanned link opens the page with the code in it; only sending it acts."""

from __future__ import annotations

from flask import Response, redirect, request, url_for
from werkzeug.wrappers import Response as Answer

from identity.activation import Step, begin
from identity.base import Refused
from portal.activation import blueprint
from portal.activation.forms import CodeForm
from portal.activation.steps import keep_sitting, step_page, test_otp
from portal.database import db
from portal.language import current_locale
from portal.pages import page
from portal.security.limits import client_address
from portal.services import now


@blueprint.route("", methods=["GET", "POST"])
def start() -> Response | Answer:
    form = CodeForm(code=request.args.get("code", "")[:40])
    if form.validate_on_submit():
        begun = begin(
            db, form.code.data, address=client_address(), now=now(), locale=current_locale(), test_otp=test_otp()
        )
        if isinstance(begun, Refused):
            return step_page(Step.CODE, form, begun)
        response = redirect(url_for("activation.phone"), 303)
        keep_sitting(response, begun.token)
        return response
    return step_page(Step.CODE, form, over="over" in request.args)


@blueprint.get("/done")
def done() -> Response:
    return page("activation/done.html")
