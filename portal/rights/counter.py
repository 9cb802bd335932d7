"""Taking in a request at the counter: by the number of the account, then what is asked for and by whom."""

from __future__ import annotations

from uuid import UUID

from flask import Response, abort, redirect, url_for
from werkzeug.wrappers import Response as Answer

from identity.account import Account, Kind
from identity.application.conflicts import check_not_own_account
from identity.audit import Actor
from identity.base import Refused
from identity.rights.at_counter import LONGEST_PAPER, WRONG, Asked, Asker, look_up, take_in
from identity.rights.effects import USES
from identity.rights.model import RightKind
from identity.rights.requests import LONGEST
from portal.database import db
from portal.fields import ChoiceField, HouseForm, IdentityNumberField, SelectField, TextAreaField, TextField, TickField
from portal.language import _l
from portal.pages import page
from portal.rights import blueprint
from portal.rights.desk import OFFICERS
from portal.security import SignedIn, guarded, me, staff
from portal.services import now
from portal.words.rights import ABOUT, ASKERS, KINDS

at_counter = staff(*OFFICERS)


class NumberForm(HouseForm):
    """Whose data it is about."""

    number = IdentityNumberField(_l("Number of the account"), required=_l("Enter the number of the account"))


class CounterForm(HouseForm):
    """What is asked for, by whom, on what paper."""

    asker = ChoiceField(
        _l("Who asks?"), choices=[(one.value, ASKERS[one]) for one in Asker], required=_l("Choose who asks")
    )
    kind = ChoiceField(
        _l("What do they ask for?"),
        choices=[(one.value, KINDS[one]) for one in RightKind],
        required=_l("Choose what they ask for"),
    )
    about = SelectField(
        _l("What is it about?"),
        choices=[(name, ABOUT[name]) for name in (*WRONG, *USES)],
        empty_text=_l("Everything"),
        required=False,
    )
    words = TextAreaField(_l("In their words"), required=False, length=LONGEST)
    paper = TextField(
        _l("Number and day of the paper that shows who asks"),
        hint=_l("Not for the holder: their own document is enough"),
        required=False,
        length=LONGEST_PAPER,
    )
    original = TickField(
        _l("I have the original of their document in my hand, and of the paper if there is one"),
        required=_l("Look at the original first"),
    )


@blueprint.route("/counter", methods=["GET", "POST"])
@guarded(at_counter)
def counter() -> Response | Answer:
    form = NumberForm()
    if form.validate_on_submit():
        try:
            found = look_up(db, _actor(), form.number.data, now=now())
        except Refused as refusal:
            if refusal.audited:
                raise
            form.refuse(refusal)
        else:
            return redirect(url_for("rights.take_in_for", account_id=found.id), 303)
    return page("rights/counter.html", form=form)


@blueprint.route("/counter/<uuid:account_id>", methods=["GET", "POST"])
@guarded(at_counter)
def take_in_for(account_id: UUID) -> Response | Answer:
    form, account = CounterForm(), db.get(Account, account_id)
    if account is None or account.kind != Kind.RESIDENT:
        abort(404)
    check_not_own_account(db, _actor(), account)
    if form.validate_on_submit():
        said = (form.about.data or "", form.words.data or "", form.paper.data or "")
        asked = Asked(RightKind(form.kind.data), Asker(form.asker.data), *said)
        try:
            take_in(db, account, asked, _actor(), now=now())
        except Refused as refusal:
            if refusal.audited:
                raise
            form.refuse(refusal)
        else:
            return redirect(url_for("rights.waiting", **{"taken-in": 1}), 303)
    return page("rights/take_in.html", form=form, name=account.display_name)


def _actor() -> Actor:
    visitor = me()
    assert isinstance(visitor, SignedIn)
    return visitor.acting_as(*OFFICERS)
