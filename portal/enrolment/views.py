"""One plain step: shown when those before it are done, saved on its own, then on to the first that is open."""

from __future__ import annotations

from flask import abort, redirect
from werkzeug.wrappers import Response

from identity.application import Draft
from identity.base import Refused
from portal.database import db
from portal.enrolment import blueprint
from portal.enrolment.journey import Step, address, next_step
from portal.enrolment.screen import drafted, step_page
from portal.enrolment.steps import FORMS, filled, keep_step
from portal.services import now


@blueprint.route("/apply/<name>", methods=["GET", "POST"])
@drafted()
def step(draft: Draft, here: Step) -> Response:
    if here.name not in FORMS:
        abort(404)
    form = filled(draft, here.name)
    if form.validate_on_submit():
        try:
            keep_step(db, draft, here.name, form, now=now())
        except Refused as refusal:
            form.refuse(refusal)
        else:
            return redirect(address(next_step(draft)), 303)
    return step_page("enrolment/step.html", draft, here, form)
