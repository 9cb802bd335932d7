"""Is this decision genuine, and does it still count? By the code on the sheet; it names nobody.

Whoever holds the sheet may enter the name on it and learns whether the decision was made about somebody of that name.
"""

from __future__ import annotations

import orjson
from flask import Response, redirect, request, url_for
from werkzeug.wrappers import Response as Answer

from identity.application import DecisionPaper, Outcome, find_paper, is_name_on
from identity.paper_key import published_paper_keys
from identity.places import Office
from portal.database import db
from portal.fields import CodeField, HouseForm, TextField
from portal.language import _l
from portal.pages import page
from portal.reasons import REFUSALS
from portal.security import limiter
from portal.verify import blueprint
from portal.words.decision import OUTCOMES
from portal.words.places import office_name

LOOKS = "30 per minute"


class DecisionCodeForm(HouseForm):
    """The code on a decision."""

    code = CodeField(
        _l("Code of the decision"),
        hint=_l("16 letters and digits, beside the picture"),
        digits=None,
        required=_l("Enter the code of the decision"),
    )


class NameForm(HouseForm):
    """The name on the sheet."""

    full_name = TextField(_l("Full name on the sheet"), length=200)


@blueprint.route("/decision", methods=["GET", "POST"])
@limiter.limit(LOOKS)
def decision_start() -> Response | Answer:
    form = DecisionCodeForm()
    if form.validate_on_submit():
        return redirect(url_for("verify.decision", code=form.code.data[:40]), 303)
    return page("verify/decision_start.html", form=form)


@blueprint.route("/decision/<code>", methods=["GET", "POST"])
@limiter.limit(LOOKS)
def decision(code: str) -> Response:
    form, found = NameForm(), find_paper(db, code[:40])
    fits = None
    if found is not None and request.method == "POST" and form.validate_on_submit():
        fits = is_name_on(db, found, code[:40], form.full_name.data)
    return page("verify/decision.html", 200 if found else 404, form=form, fits=fits, **_shown(found))


@blueprint.get("/decision-keys")
def decision_keys() -> Response:
    """The keys by which a decision is checked without asking us."""
    response = Response(orjson.dumps(published_paper_keys(db)), mimetype="application/jwk-set+json")
    response.headers["Cache-Control"] = "public, max-age=300"
    return response


def _shown(found: DecisionPaper | None) -> dict[str, object]:
    if found is None:
        return {"decision": None}
    office = db.get_one(Office, found.office_id)
    return {
        "decision": found,
        "words": OUTCOMES[Outcome(found.outcome)],
        "refusal": REFUSALS.get(found.reason or ""),
        "office": office_name(office),
    }
