"""Taking in a request at the counter: by the number of the account, then what is asked for and by whom."""

from __future__ import annotations

from uuid import UUID

from flask import Response, abort, redirect, url_for
from werkzeug.wrappers import Response as Answer

from identity.account import Account, Kind
from identity.application import Application
from identity.audit import Actor
from identity.base import Refused
from identity.rights.at_counter import LONGEST_PAPER, WRONG, Asked, Asker, look_up, take_in
from identity.rights.effects import USES
from identity.rights.model import RightKind
from identity.rights.owner import OF_APPLICANTS, Owner, check_not_own_data, has_no_account, name_of
from identity.rights.requests import LONGEST
from portal.database import db
from portal.fields import ChoiceField, HouseForm, SelectField, TextAreaField, TextField, TickField
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

    number = TextField(
        _l("Number of the account, of the document or of the dossier"),
        hint=_l("A passport with the three letters of its country first: KOR M12345678"),
        required=_l("Enter a number"),
        length=40,
    )


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
            of = "application" if isinstance(found, Application) else "account"
            return redirect(url_for("rights.take_in_for", of=of, owner_id=found.id), 303)
    return page("rights/counter.html", form=form)


@blueprint.route("/counter/<any(account, application):of>/<uuid:owner_id>", methods=["GET", "POST"])
@guarded(at_counter)
def take_in_for(of: str, owner_id: UUID) -> Response | Answer:
    form, owner = CounterForm(), _owner(of, owner_id) or abort(404)
    if isinstance(owner, Application):
        form.kind.choices = [(one.value, KINDS[one]) for one in OF_APPLICANTS]
    check_not_own_data(db, _actor(), owner)
    if form.validate_on_submit():
        said = (form.about.data or "", form.words.data or "", form.paper.data or "")
        asked = Asked(RightKind(form.kind.data), Asker(form.asker.data), *said)
        try:
            take_in(db, owner, asked, _actor(), now=now())
        except Refused as refusal:
            if refusal.audited:
                raise
            form.refuse(refusal)
        else:
            return redirect(url_for("rights.waiting", **{"taken-in": 1}), 303)
    return page("rights/take_in.html", form=form, name=name_of(owner), applied=isinstance(owner, Application))


def _owner(of: str, owner_id: UUID) -> Owner | None:
    """Whose data it is about: of a resident's account, or of an application that has none."""
    if of == "application":
        application = db.get(Application, owner_id)
        return application if application is not None and has_no_account(application) else None
    account = db.get(Account, owner_id)
    return account if account is not None and account.kind == Kind.RESIDENT else None


def _actor() -> Actor:
    visitor = me()
    assert isinstance(visitor, SignedIn)
    return visitor.acting_as(*OFFICERS)
