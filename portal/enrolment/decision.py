"""The decision on paper: the page, and the sheet with the code by which anybody can check it."""

from __future__ import annotations

from typing import Any

from flask import request
from werkzeug.wrappers import Response

from identity.application import Application, DecisionPaper, Outcome, appeal_until, appeals_of, paper_of, signed
from identity.base import Refused
from identity.places import Office
from portal.database import db
from portal.enrolment import blueprint
from portal.enrolment.rows import office_name
from portal.enrolment.visit import unlocked
from portal.pages import page
from portal.printing.paper import paper
from portal.reasons import REFUSALS
from portal.security import limiter
from portal.services import services
from portal.words.decision import OUTCOMES

LANGUAGES = ("vi", "en")


@blueprint.get("/status/decision")
@unlocked
def decision(application: Application) -> Response:
    return page("enrolment/decision.html", application=application, **_shown(application))


@blueprint.get("/status/decision/sheet")
@limiter.limit("20/minute")
@unlocked
def decision_sheet(application: Application) -> Response:
    """In the language asked for, whatever the reader's own: the paper may be for somebody else."""
    asked = request.args.get("in", "")
    language = asked if asked in LANGUAGES else ""
    return paper(
        "enrolment/sheets/decision.html",
        f"decision-{application.dossier_number}",
        language=language,
        application=application,
        **_shown(application),
    )


def _shown(application: Application) -> dict[str, Any]:
    found = paper_of(db, application)
    if found is None:
        raise Refused("paper-missing")
    office = db.get_one(Office, found.office_id)
    issuer = services().settings.issuer
    return {
        "decision": found,
        "words": OUTCOMES[Outcome(found.outcome)],
        "refusal": REFUSALS.get(found.reason or ""),
        "appeal_until": appeal_until(found) if found.outcome == Outcome.REFUSED else None,
        "answer": _answer(application, found),
        "office": office,
        "office_name": office_name,
        "check_at": f"{issuer}/verify/decision",
        "scan": f"{issuer}/verify/decision/{found.code}#{signed(db, found, issuer, office.name)}",
    }


def _answer(application: Application, found: DecisionPaper) -> str:
    """What the officer who heard the appeal wrote, on the decision about it."""
    if found.outcome not in (Outcome.UPHELD, Outcome.OVERTURNED):
        return ""
    heard = next((row for row in appeals_of(db, application) if row.ended_at == found.decided_at), None)
    return (heard.answer or "") if heard else ""
