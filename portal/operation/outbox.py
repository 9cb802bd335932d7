"""The outbox, lane by lane, and the messages that somebody has to decide about."""

from __future__ import annotations

from math import ceil
from uuid import UUID

from flask import Response, redirect, url_for
from werkzeug.wrappers import Response as Answer

from identity.operation import lanes as domain
from portal.database import db
from portal.fields import ChoiceField, HouseForm
from portal.language import _l
from portal.operation import blueprint, state_words
from portal.operation.guard import OPERATORS, READERS, acting, may_act
from portal.pages import page, page_number
from portal.security import guarded, staff
from portal.services import now

A_PAGE = 25


class GiveUpForm(HouseForm):
    """Why a message is not to be sent any more."""

    reason = ChoiceField(
        _l("Why is it given up?"),
        choices=[(reason.value, words) for reason, words in state_words.REASONS.items()],
        required=_l("Choose why it is given up."),
    )


@blueprint.get("/operation/outbox")
@guarded(staff(*READERS))
def outbox() -> Response:
    count = domain.count_in_trouble(db, now=now())
    pages = max(ceil(count / A_PAGE), 1)
    number = min(page_number(), pages)
    return page(
        "operation/outbox.html",
        lanes=domain.lanes(db),
        rows=domain.in_trouble(db, now=now(), limit=A_PAGE, offset=(number - 1) * A_PAGE),
        count=count,
        number=number,
        pages=pages,
        may_act=may_act(),
        now=now(),
        words=state_words,
    )


@blueprint.post("/operation/outbox/<uuid:message_id>/send")
@guarded(staff(*OPERATORS))
def send_message_again(message_id: UUID) -> Answer:
    domain.send_again(db, message_id, acting(), now=now())
    return redirect(url_for("operation.outbox"), 303)


@blueprint.route("/operation/outbox/<uuid:message_id>/give-up", methods=["GET", "POST"])
@guarded(staff(*OPERATORS))
def give_up_message(message_id: UUID) -> Response | Answer:
    form = GiveUpForm()
    if form.validate_on_submit():
        domain.give_up(db, message_id, form.reason.data, acting(), now=now())
        return redirect(url_for("operation.outbox"), 303)
    return page("operation/give_up.html", form=form)
