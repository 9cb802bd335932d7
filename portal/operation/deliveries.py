"""The operator's view of what services were told: which sign-outs arrived, which did not, and why."""

from __future__ import annotations

from uuid import UUID

from flask import Response, redirect, request, url_for
from werkzeug.wrappers import Response as Answer

from identity.oidc.deliveries import Filter, deliveries, send_logout_again
from portal.database import db
from portal.operation import blueprint, words
from portal.operation.guard import OPERATORS, READERS, acting, may_act
from portal.pages import id_in, page, searched
from portal.security import guarded, staff
from portal.services import now


@blueprint.get("/operation/sign-outs")
@guarded(staff(*READERS))
def sign_outs() -> Response:
    wanted, text, before = _filter(), searched(), id_in(request.args.get("before", ""))
    shown, following = deliveries(db, wanted, now=now(), service=text, before=before)
    return page(
        "operation/sign_outs.html",
        deliveries=shown,
        following=following,
        is_first=before is None,
        wanted=wanted,
        text=text,
        filters=words.FILTERS,
        words=words,
        may_send=may_act(),
    )


@blueprint.post("/operation/sign-outs/<uuid:message_id>/send")
@guarded(staff(*OPERATORS))
def send_sign_out_again(message_id: UUID) -> Answer:
    send_logout_again(db, message_id, acting(), now=now())
    return redirect(url_for("operation.sign_outs", show=_filter().value, q=searched() or None), 303)


def _filter() -> Filter:
    wanted = request.args.get("show", "")
    return Filter(wanted) if wanted in set(Filter) else Filter.ALL
