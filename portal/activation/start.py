"""Step 1: the code from the notice. A scanned link opens the page with the code in it; only sending it acts."""

from __future__ import annotations

from flask import Response, redirect, request, url_for
from werkzeug.wrappers import Response as Answer

from identity.activation import Step, begin, find_journey, leave
from identity.base import Refused
from portal.activation import blueprint
from portal.activation.forms import CodeForm
from portal.activation.phone import sent_page
from portal.activation.steps import COOKIE, end_sitting, keep_sitting, step_page, test_otp
from portal.database import db
from portal.language import current_locale
from portal.pages import page
from portal.security.cookies import read_cookie
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
        response = sent_page(begun.journey, begun.unsent)
        keep_sitting(response, begun.token)
        return response
    return step_page(Step.CODE, form, over="over" in request.args)


@blueprint.post("/leave")
def stop() -> Answer:
    """Stop here; what was reached stays for the next sitting."""
    journey = find_journey(db, read_cookie(COOKIE) or "", now=now())
    if journey is not None:
        leave(journey, now=now())
    return end_sitting(redirect(url_for("home.index"), 303))


@blueprint.get("/done")
def done() -> Response:
    return page("activation/done.html")
