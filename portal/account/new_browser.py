"""The letter's link about a new browser: it shows what happened, and a button says that it was somebody else."""

from __future__ import annotations

from flask import Response, redirect, request, url_for
from werkzeug.wrappers import Response as Answer

from identity import new_browser as domain
from identity.base import Refused
from portal.account import blueprint
from portal.account.forms import EmptyForm
from portal.database import db
from portal.pages import page
from portal.security import anyone, guarded, limiter
from portal.services import now
from portal.words.browsers import browser


@blueprint.route("/not-me", methods=["GET", "POST"])
@guarded(anyone)
@limiter.limit("20 per minute")
def not_me() -> Response | Answer:
    form, code = EmptyForm(), request.args.get("code", "")[:100]
    if form.validate_on_submit():
        and_pause = request.form.get("answer") == "pause"
        domain.disown(db, code, and_pause=and_pause, now=now())
        return redirect(url_for("account.disowned", paused=1 if and_pause else None), 303)
    seen = domain.find_seen(db, code, now=now())
    if seen is None:
        raise Refused("disown-over")
    return page("account/not_me.html", form=form, seen=seen, browser=browser)


@blueprint.get("/not-me/done")
@guarded(anyone)
def disowned() -> Response:
    return page("account/disowned.html")
