"""The operator's view of what services were told: which sign-outs arrived, which did not, and why."""

from __future__ import annotations

from uuid import UUID

from flask import Response, redirect, request, url_for
from werkzeug.wrappers import Response as Answer

from identity.oidc.deliveries import Filter, deliveries, send_logout_again
from portal.database import db
from portal.operation import blueprint, words
from portal.operation.guard import OPERATORS, READERS, acting, may_act
from portal.pages import page
from portal.security import guarded, staff
from portal.services import now


@blueprint.get("/operation/sign-outs")
@guarded(staff(*READERS))
def sign_outs() -> Response:
    wanted = _filter()
    shown, following = deliveries(db, wanted, now=now(), before=_before())
    return page(
        "operation/sign_outs.html",
        deliveries=shown,
        following=following,
        is_first=_before() is None,
        wanted=wanted,
        filters=words.FILTERS,
        words=words,
        may_send=may_act(),
    )


@blueprint.post("/operation/sign-outs/<uuid:message_id>/send")
@guarded(staff(*OPERATORS))
def send_sign_out_again(message_id: UUID) -> Answer:
    send_logout_again(db, message_id, acting(), now=now())
    return redirect(url_for("operation.sign_outs", show=_filter().value), 303)


def _filter() -> Filter:
    wanted = request.args.get("show", "")
    return Filter(wanted) if wanted in set(Filter) else Filter.ALL


def _before() -> UUID | None:
    try:
        return UUID(request.args.get("before", ""))
    except ValueError:
        return None
