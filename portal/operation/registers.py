"""The registers: how they answered lately, and the switch to the manual route."""

from __future__ import annotations

from flask import Response, abort, redirect, request, url_for
from werkzeug.wrappers import Response as Answer

from identity.base import Refused
from identity.operation.answers import answers
from identity.operation.routes import LONGEST_REASON, Register, routes, set_route
from portal.database import db
from portal.fields import HouseForm, TextAreaField
from portal.language import _l
from portal.operation import blueprint, state_words
from portal.operation.guard import OPERATORS, READERS, acting, may_act
from portal.pages import page
from portal.security import guarded, staff
from portal.services import now


class RouteForm(HouseForm):
    """Why the way is changed."""

    reason = TextAreaField(
        _l("Why is the way changed?"),
        hint=_l("For the record; no names of people"),
        rows=3,
        length=LONGEST_REASON,
        required=_l("Say why the way is changed: officers read it."),
    )


@blueprint.get("/operation/registers")
@guarded(staff(*READERS))
def registers() -> Response:
    return page(
        "operation/registers.html",
        registers=list(Register),
        routes=routes(db),
        lately=answers(db, now=now()),
        may_act=may_act(),
        words=state_words,
    )


@blueprint.route("/operation/registers/<name>", methods=["GET", "POST"])
@guarded(staff(*OPERATORS))
def switch_register(name: str) -> Response | Answer:
    register = Register(name) if name in set(Register) else abort(404)
    to_manual = request.args.get("to", "manual") == "manual"
    form = RouteForm()
    if form.validate_on_submit():
        try:
            set_route(db, register, to_manual, form.reason.data, acting(), now=now())
        except Refused as refusal:
            form.refuse(refusal)
        else:
            return redirect(url_for("operation.registers"), 303)
    return page("operation/route.html", form=form, register=register, to_manual=to_manual, words=state_words)
