"""The list of requests by deadline, and finding the account that a paper is about."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Response, redirect, request, url_for
from werkzeug.wrappers import Response as Answer

from identity.account import get_account
from identity.base import Refused
from identity.lock_requests.desk import Desk
from identity.lock_requests.desk import desk as waiting_requests
from identity.lock_requests.model import LockRequest
from identity.lock_requests.receive import look_up
from portal.database import db
from portal.fields import HouseForm, IdentityNumberField
from portal.language import _l
from portal.locks import blueprint
from portal.locks.visit import acting, units
from portal.pages import page, page_number
from portal.services import now
from portal.words import lock as lock_words


class NumberForm(HouseForm):
    """Whom the paper is about."""

    number = IdentityNumberField(_l("Personal number or identification number"), required=_l("Enter the number"))


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the list."""

    request: LockRequest
    name: str
    is_late: bool


@blueprint.get("")
def desk() -> Response:
    return _page(NumberForm())


@blueprint.post("/find")
def find() -> Response | Answer:
    form = NumberForm()
    if form.validate_on_submit():
        try:
            account = look_up(db, form.number.data, acting(), now=now())
        except Refused as refusal:
            if refusal.audited:
                raise
            form.refuse(refusal)
        else:
            return redirect(url_for("locks.account", account_id=account.id), 303)
    return _page(form)


def _page(form: NumberForm) -> Response:
    is_decided, moment = request.args.get("show") == "decided", now()
    found: Desk = waiting_requests(db, units(), now=moment, decided=is_decided, page=page_number())
    return page(
        "locks/desk.html",
        form=form,
        rows=[Row(row, get_account(db, row.account_id).display_name or "", row.is_late(moment)) for row in found.rows],
        found=found,
        decided=is_decided,
        page=min(page_number(), found.pages),
        href_for=lambda number: url_for("locks.desk", page=number, show="decided" if is_decided else None),
        words=lock_words,
    )
