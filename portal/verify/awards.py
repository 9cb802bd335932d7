"""Is this certificate real? By the code on it; and the documents with which machines find out by themselves."""

from __future__ import annotations

from datetime import UTC, datetime

import orjson
from flask import Response, abort, redirect, request, url_for
from werkzeug.wrappers import Response as Answer

from identity.places import Unit
from onboarding.award import ALL_FIVE, find_award
from onboarding.award_key import find_key, published_keys
from onboarding.credential import achievement_name, describe_achievement, sign_status_list
from onboarding.learner import Learner
from onboarding.skills import current_skills
from portal.database import db
from portal.fields import CodeField, HouseForm
from portal.language import _l, current_locale
from portal.pages import page
from portal.security import limiter
from portal.services import now
from portal.verify import blueprint
from portal.words.training import REVOKED_FOR, issuer

FIVE_MINUTES = "public, max-age=300"
LOOKS = "30 per minute"


class CodeForm(HouseForm):
    """The code on a certificate."""

    code = CodeField(
        _l("Code on the certificate"),
        hint=_l("16 letters and digits, under the QR code"),
        digits=None,
        required=_l("Enter the code on the certificate"),
    )


@blueprint.get("")
def start() -> Response:
    return page("verify/start.html", form=CodeForm())


@blueprint.post("")
@limiter.limit(LOOKS)
def look_up() -> Response | Answer:
    form = CodeForm()
    if form.validate_on_submit():
        return redirect(url_for("verify.award", code=form.code.data[:40]), 303)
    return page("verify/start.html", form=form)


@blueprint.get("/award/<code>")
@limiter.limit(LOOKS)
def award(code: str) -> Response:
    found = find_award(db, code)
    learner = db.get_one(Learner, found.learner_id) if found and found.shows_name else None
    return page(
        "verify/award.html",
        200 if found else 404,
        award=found,
        name=achievement_name(found.achievement, current_locale()) if found else "",
        first_name=learner.name if learner else "",
        unit=db.get_one(Unit, found.unit_id) if found else None,
        revoked_for=REVOKED_FOR,
        issuer=issuer(),
        at=now(),
    )


@blueprint.get("/keys")
def keys() -> Response:
    return _document(published_keys(db, issuer().base), "application/jwk-set+json")


@blueprint.get("/keys/<kid>")
def key(kid: str) -> Response:
    return _document(find_key(db, kid, issuer().base) or abort(404), "application/jwk+json")


@blueprint.get("/issuer")
def issuer_profile() -> Response:
    return _document(issuer().profile())


@blueprint.get("/achievements/<achievement>")
def achievement(achievement: str) -> Response:
    if achievement not in {ALL_FIVE, *(skill.code for skill in current_skills().skills)}:
        abort(404)
    locale = request.args.get("language", current_locale())
    return _document(describe_achievement(achievement, issuer(), locale))


@blueprint.get("/status/1")
def status() -> Response:
    """The signed list of revoked awards; the moment is that of the list's five minutes, so that caches agree."""
    begun = datetime.fromtimestamp(now().timestamp() // 300 * 300, UTC)
    signed = sign_status_list(db, issuer(), now=begun) or abort(404)
    response = Response(signed, mimetype="application/vc+jwt")
    response.headers["Cache-Control"] = FIVE_MINUTES
    return response


def _document(content: object, mimetype: str = "application/json") -> Response:
    response = Response(orjson.dumps(content), mimetype=mimetype)
    response.headers["Cache-Control"] = FIVE_MINUTES
    return response
