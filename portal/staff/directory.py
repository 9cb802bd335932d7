"""The list of staff, and inviting somebody."""

from __future__ import annotations

from math import ceil

from flask import Response, redirect, request, url_for
from werkzeug.wrappers import Response as Answer

from identity.base import Refused
from identity.staff.confirmation import count_waiting
from identity.staff.directory import find_staff
from identity.staff.invitation import invite
from identity.staff.review import count_due, overdue
from portal.database import db
from portal.fields import EmailField, HouseForm, TextField
from portal.language import _l
from portal.pages import page, page_number, searched
from portal.services import now
from portal.staff import blueprint, words
from portal.staff.visit import acting, units_by_id

A_PAGE = 50


class InviteForm(HouseForm):
    """Whoever is invited sets password and second factor themselves."""

    name = TextField(_l("Full name"), length=120, required=_l("Enter the full name"))
    login = TextField(
        _l("Account name"),
        hint=_l("What the person types to sign in, like tiepnhan.lan"),
        length=80,
        required=_l("Enter an account name"),
    )
    email = EmailField(_l("E-mail address at work"), hint=_l("The invitation goes there"))


@blueprint.get("")
def people() -> Response:
    text, number = searched(), page_number()
    found, count = find_staff(db, text, now=now(), limit=A_PAGE, offset=(number - 1) * A_PAGE)
    return page(
        "staff/people.html",
        people=found,
        count=count,
        units=units_by_id(held.unit_id for one in found for held in one.roles),
        text=text,
        number=number,
        pages=max(ceil(count / A_PAGE), 1),
        due=count_due(db, now=now()),
        overdue=len(overdue(db, now=now())),
        waiting=count_waiting(db, now=now()),
        words=words,
    )


@blueprint.route("/invite", methods=["GET", "POST"])
def invite_somebody() -> Response | Answer:
    form = InviteForm()
    if form.validate_on_submit():
        try:
            account = invite(db, form.login.data, form.name.data, form.email.data, acting(), now=now())
            return redirect(url_for("staff.person", account_id=account.id, done="invited"), 303)
        except Refused as refusal:
            form.refuse(refusal)
    return page("staff/invite.html", form=form, method=request.method)
