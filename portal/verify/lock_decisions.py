"""Is this decision about a lock genuine? By the code on the letter; it names nobody."""

from __future__ import annotations

from flask import Response, redirect, url_for
from werkzeug.wrappers import Response as Answer

from identity.lock_requests.desk import find_decision
from portal.database import db
from portal.fields import CodeField, HouseForm
from portal.language import _l
from portal.pages import page
from portal.security import limiter
from portal.verify import blueprint
from portal.words import lock as lock_words

LOOKS = "30 per minute"


class LockCodeForm(HouseForm):
    """The code on a letter."""

    code = CodeField(
        _l("Code of the decision"),
        hint=_l("16 letters and digits, beside the picture"),
        digits=None,
        required=_l("Enter the code of the decision"),
    )


@blueprint.route("/lock-decision", methods=["GET", "POST"])
@limiter.limit(LOOKS)
def lock_decision_start() -> Response | Answer:
    form = LockCodeForm()
    if form.validate_on_submit():
        return redirect(url_for("verify.lock_decision", code=form.code.data[:40]), 303)
    return page("verify/lock_decision_start.html", form=form)


@blueprint.get("/lock-decision/<code>")
@limiter.limit(LOOKS)
def lock_decision(code: str) -> Response:
    found = find_decision(db, code[:40])
    return page("verify/lock_decision.html", 200 if found else 404, row=found, words=lock_words)
