"""Check everything, then send it: once, however often the button is pressed."""

from __future__ import annotations

from flask import redirect, url_for
from werkzeug.wrappers import Response

from identity.application import Draft, apply
from identity.application.registered import from_facts
from identity.base import Refused
from portal.database import db
from portal.enrolment import blueprint
from portal.enrolment.forms import EmptyForm
from portal.enrolment.journey import Step, is_known
from portal.enrolment.rows import chosen_office, contact_rows, guardian_rows, office_row, portrait_row, typed_rows
from portal.enrolment.screen import drafted, step_page
from portal.language import _
from portal.services import now


@blueprint.route("/apply/check", methods=["GET", "POST"])
@drafted("check")
def check(draft: Draft, here: Step) -> Response:
    form = EmptyForm()
    if form.validate_on_submit():
        try:
            apply(db, draft, from_facts(draft.answer("record")), now=now())
        except Refused as refusal:
            form.refuse(refusal)
        else:
            return redirect(url_for("enrolment.receipt"), 303)
    source = _("You gave it; the register agrees")
    if is_known(draft.answers or {}):
        source = _("Known from the account; the register agrees")
    person = [*typed_rows(draft, source), *guardian_rows(draft)]
    is_online = int(draft.answer("level", 2)) == 1
    last = portrait_row(draft) if is_online else office_row(draft, chosen_office(draft))
    return step_page(
        "enrolment/check.html", draft, here, form, person=person, contact=contact_rows(draft), last=last,
        is_online=is_online,
    )  # fmt: skip
