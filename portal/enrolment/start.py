"""The first page: what it takes, and for whom the account is; and the page of those who stop for now."""

from __future__ import annotations

from typing import Any

from flask import redirect, request
from werkzeug.wrappers import Response

from identity.application import Draft, save_step
from portal.database import db
from portal.enrolment import blueprint
from portal.enrolment.drafting import begin_again, find_draft, keep, new_draft
from portal.enrolment.forms import WhoForm
from portal.enrolment.journey import BOTH, IDENTITY, LEVELS, address, is_signed_in, next_step
from portal.pages import page
from portal.security import limiter
from portal.services import now


@blueprint.route("/apply", methods=["GET", "POST"])
@limiter.limit("30/minute;200/hour", methods=["POST"])
def start() -> Response:
    draft = find_draft()
    asked = request.args.get("kind")
    known = draft.answer("person_kind") if draft else None
    level = request.args.get("level", "")
    before = str(draft.answer("level", LEVELS[-1])) if draft else LEVELS[-1]
    form = WhoForm(person_kind=asked if asked in BOTH else known, level=level if level in LEVELS else before)
    if form.validate_on_submit():
        if draft is None or draft.submitted_at is not None or is_signed_in(draft.answers or {}):
            draft = new_draft()
        save_step(db, draft, _answers(draft, form), now=now())
        return keep(redirect(address(next_step(draft)), 303), draft)
    waiting = address(next_step(draft)) if draft and known and draft.submitted_at is None else None
    return page("enrolment/start.html", form=form, draft=draft, waiting=waiting)


def _answers(draft: Draft, form: WhoForm) -> dict[str, Any]:
    """The two answers; what another kind of person or another way makes worthless is forgotten."""
    level = int(form.level.data or LEVELS[-1])
    other_person = draft.answer("person_kind") not in (None, form.person_kind.data)
    other_way = int(draft.answer("level", 2)) != level
    forgotten = dict.fromkeys((*IDENTITY, "record", "record_at", "office_id")) if other_person else {}
    if other_way:  # online the operator is asked as well, together with the register
        forgotten |= dict.fromkeys(("record", "record_at", "sim"))
    return {**forgotten, "person_kind": form.person_kind.data, "level": level}


@blueprint.get("/apply/later")
def later() -> Response:
    draft = find_draft()
    return page("enrolment/later.html", draft=draft, resume=address(next_step(draft))) if draft else begin_again()
