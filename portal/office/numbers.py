"""A phone number that an operator gave to somebody else: taken out of the account of whoever had it before."""

from __future__ import annotations

from flask import Response, redirect, request, url_for
from werkzeug.wrappers import Response as Answer

from identity.base import Refused
from identity.contact import free_phone
from portal.database import db
from portal.fields import HouseForm, PhoneField, TickField
from portal.language import _l
from portal.office import blueprint
from portal.office.access import RECEIVING, officer
from portal.pages import page
from portal.security import guarded, staff
from portal.services import now


class NumberForm(HouseForm):
    """Which number, and what the officer has looked at."""

    phone = PhoneField(_l("Phone number"), required=_l("Enter the phone number"))
    paper = TickField(
        _l("The operator's paper in my hand says that the number is that of the person before me"),
        required=_l("Look at the operator's paper first"),
    )
    original = TickField(
        _l("I have the original of the document in my hand"), required=_l("Look at the original before you go on")
    )


@blueprint.route("/recovery/number", methods=["GET", "POST"])
@guarded(staff(RECEIVING))
def free_number() -> Response | Answer:
    form = NumberForm()
    if form.validate_on_submit():
        try:
            free_phone(db, form.phone.data, officer().acting_as(RECEIVING), now=now())
        except Refused as refusal:
            if refusal.audited:
                raise
            form.refuse(refusal)
        else:
            return redirect(url_for("office.free_number", done=1), 303)
    return page("office/free_number.html", form=form, done="done" in request.args)
