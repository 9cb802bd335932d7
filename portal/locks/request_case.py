"""One request: examining and forwarding it, deciding it, and the decision on paper."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response, abort, redirect, request, url_for
from werkzeug.wrappers import Response as Answer

from identity.account import get_account
from identity.base import Refused
from identity.lock_requests.decide import DECIDES, decide
from identity.lock_requests.desk import signed, view
from identity.lock_requests.model import LockRequest, RequestState, reasons_for
from identity.lock_requests.receive import LONGEST, forward
from identity.places import Unit
from portal.database import db
from portal.fields import ChoiceField, HouseForm, TextAreaField
from portal.language import _l
from portal.locks import blueprint
from portal.locks.visit import APPROVING, acting, officer, request_for
from portal.pages import page
from portal.printing.paper import paper
from portal.security import limiter, writes
from portal.services import now, services
from portal.words import lock as lock_words
from portal.words.lock import REASONS
from portal.words.places import unit_title


class DecisionForm(HouseForm):
    """Outcome and reason are one choice, so that they always fit."""

    decision = ChoiceField(_l("Decision"), required=_l("Choose a decision"))
    words = TextAreaField(
        _l("In your words, for the letter"),
        hint=_l("Who asked, and the holder, read it as it stands."),
        required=False,
        length=LONGEST,
    )


@blueprint.get("/requests/<uuid:request_id>")
@writes
def case(request_id: UUID) -> Response:
    """Each look is recorded, and the holder sees it."""
    row = request_for(request_id)
    view(db, row, acting(), now=now())
    return _page(row, _form(row))


@blueprint.post("/requests/<uuid:request_id>/forward")
def forward_request(request_id: UUID) -> Answer:
    forward(db, request_for(request_id), acting(), now=now())
    return redirect(url_for("locks.case", request_id=request_id), 303)


@blueprint.post("/requests/<uuid:request_id>/decide")
def decide_request(request_id: UUID) -> Response | Answer:
    row = request_for(request_id)
    form = _form(row)
    if form.validate_on_submit():
        chosen, _colon, reason = form.decision.data.partition(":")
        granted, words = chosen == "grant", form.words.data or ""
        try:
            decide(db, row, acting(APPROVING), granted=granted, reason=reason or None, words=words, now=now())
        except Refused as refusal:
            if refusal.audited:
                raise
            form.refuse(refusal)
            row = request_for(request_id)
        else:
            return redirect(url_for("locks.case", request_id=request_id), 303)
    return _page(row, form)


@blueprint.get("/requests/<uuid:request_id>/letter")
@limiter.limit("20/minute")
def letter(request_id: UUID) -> Response:
    """The decision in writing, for whoever asked; in the language of the papers here unless `in` says otherwise."""
    row = request_for(request_id)
    if row.decided_at is None:
        abort(404)
    issuer = services().settings.issuer
    language = request.args.get("in", "vi")
    return paper(
        "locks/sheets/letter.html",
        f"lock-decision-{row.number}",
        language=language if language in {"vi", "en"} else "vi",
        check_at=f"{issuer}/verify/lock-decision",
        scan=f"{issuer}/verify/lock-decision/{row.code}#{signed(db, row, issuer)}",
        **_shown(row),
    )


def _form(row: LockRequest) -> DecisionForm:
    """With the reasons that may be true of this request."""
    form = DecisionForm()
    refusals = [(f"refuse:{reason}", _l("Refuse"), REASONS[reason]) for reason in reasons_for(row.wish)]
    form.decision.choices = [("grant", _l("Grant: it is carried out at once")), *refusals]
    return form


def _page(row: LockRequest, form: DecisionForm) -> Response:
    hands = {row.received_by_id, row.forwarded_by_id}
    return page(
        "locks/case.html",
        form=form,
        may_decide=officer().has_role(DECIDES) and officer().account_id not in hands,
        to_forward=row.state == RequestState.RECEIVED,
        is_late=row.is_late(now()),
        **_shown(row),
    )


def _shown(row: LockRequest) -> dict[str, Any]:
    unit = db.get_one(Unit, row.unit_id)
    name = get_account(db, row.account_id).display_name or ""
    return {
        "row": row,
        "name": name,
        "unit": unit_title(unit),
        "words": lock_words,
    }
