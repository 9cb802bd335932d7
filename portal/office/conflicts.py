"""Declarations at every desk of people, the hotline and data rights among them: of whom one is not the officer."""

from __future__ import annotations

from flask import Response, redirect, request, url_for
from werkzeug.wrappers import Response as Answer

from identity.application.conflicts import LONGEST_LABEL, conflicts_of, declare_person
from identity.audit import Actor
from identity.base import Refused
from portal.database import db
from portal.fields import HouseForm, SelectField, TextField
from portal.language import _l
from portal.office import blueprint
from portal.office.access import OFFICERS, officer
from portal.office.words import TIES
from portal.pages import page
from portal.security import guarded, staff
from portal.services import now

DESKS = (*OFFICERS, "hotline_agent", "data_protection_officer", "operator")
"""Whoever opens files, accounts or requests of people."""


class PersonForm(HouseForm):
    """A relative, or somebody else, before any file of theirs is there."""

    label = TextField(
        _l("Who it is, for your own list"),
        length=LONGEST_LABEL,
        hint=_l("Like: my younger sister"),
        required=_l("Say who it is"),
    )
    number = TextField(
        _l("Personal number, or passport number"),
        length=30,
        hint=_l("For a passport, the three letters of the country first: KOR M12345678"),
        required=_l("Enter the number"),
    )
    tie = SelectField(_l("What ties you to this person?"), choices=list(TIES.items()))


@blueprint.route("/conflicts", methods=["GET", "POST"])
@guarded(staff(*DESKS))
def conflicts() -> Response | Answer:
    form = PersonForm()
    if form.validate_on_submit():
        try:
            declare_person(db, _actor(), form.number.data, form.tie.data, form.label.data, now=now())
        except Refused as refusal:
            form.refuse(refusal)
        else:
            return redirect(url_for("office.conflicts"), 303)
    return page(
        "office/conflicts.html",
        422 if request.method == "POST" else 200,
        form=form,
        rows=conflicts_of(db, officer().account_id),
        ties=TIES,
    )


def _actor() -> Actor:
    return officer().acting_as(*DESKS)
