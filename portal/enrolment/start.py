"""The first page: what it takes, and for whom the account is; and the page of those who stop for now."""

from __future__ import annotations

from flask import redirect, request
from werkzeug.wrappers import Response

from identity.application import save_step
from portal.database import db
from portal.enrolment import blueprint
from portal.enrolment.drafting import begin_again, find_draft, keep, new_draft
from portal.enrolment.forms import WhoForm
from portal.enrolment.journey import BOTH, IDENTITY, address, next_step
from portal.pages import page
from portal.security import limiter
from portal.services import now


@blueprint.route("/apply", methods=["GET", "POST"])
@limiter.limit("30/minute;200/hour", methods=["POST"])
def start() -> Response:
    draft = find_draft()
    asked = request.args.get("kind")
    known = draft.answer("person_kind") if draft else None
    form = WhoForm(person_kind=asked if asked in BOTH else known)
    if form.validate_on_submit():
        if draft is None or draft.submitted_at is not None:
            draft = new_draft()
        changed = draft.answer("person_kind") not in (None, form.person_kind.data)
        forgotten = dict.fromkeys((*IDENTITY, "record", "record_at", "office_id")) if changed else {}
        save_step(db, draft, {**forgotten, "person_kind": form.person_kind.data}, now=now())
        return keep(redirect(address(next_step(draft)), 303), draft)
    waiting = address(next_step(draft)) if draft and known and draft.submitted_at is None else None
    return page("enrolment/start.html", form=form, draft=draft, waiting=waiting)


@blueprint.get("/apply/later")
def later() -> Response:
    draft = find_draft()
    return page("enrolment/later.html", draft=draft, resume=address(next_step(draft))) if draft else begin_again()
