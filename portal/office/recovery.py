"""In person with the document: an officer opens a recovery for whoever stands at the counter, and hands over a slip."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from flask import Response, redirect, request, url_for
from werkzeug.wrappers import Response as Answer

from identity import once
from identity import recovery as domain
from identity.account import Account
from identity.application.conflicts import check_not_own_account
from identity.audit import Actor
from identity.base import Refused
from identity.person import Person
from portal.database import db
from portal.fields import HouseForm, IdentityNumberField, PhoneField, TickField
from portal.language import _, _l
from portal.office import blueprint
from portal.office.access import RECEIVING, officer
from portal.office.look_up import look_up
from portal.pages import page
from portal.security import guarded, staff, writes
from portal.services import now, services

SHOWN_ONCE = "recovery-slip"
LIFE = timedelta(minutes=10)
receiving = staff(RECEIVING)


class PersonForm(HouseForm):
    """Who stands at the counter."""

    number = IdentityNumberField(_l("Personal number or identification number"), required=_l("Enter the number"))


class CheckedForm(HouseForm):
    """What the officer has done, and a phone that has changed."""

    original = TickField(
        _l("I have the original of the document in my hand"), required=_l("Look at the original before you go on")
    )
    face = TickField(_l("The face is that of the document"), required=_l("Compare the face before you go on"))
    phone = PhoneField(_l("New phone number, if it has changed"), required=False)


@blueprint.route("/recovery", methods=["GET", "POST"])
@guarded(receiving)
def recovery() -> Response | Answer:
    return look_up(
        PersonForm(),
        RECEIVING,
        domain.look_up_at_counter,
        "office.recover_person",
        tab="recovery",
        title=_("Cannot sign in: recover at the counter"),
        about=_(
            "Only for a person who stands before you with the original of their document. Looking up an account is "
            "recorded, and its holder sees it."
        ),
    )


@blueprint.route("/recovery/<uuid:account_id>", methods=["GET", "POST"])
@guarded(receiving)
def recover_person(account_id: UUID) -> Response | Answer:
    form, account = CheckedForm(), db.get(Account, account_id)
    if account is None or account.person_id is None:
        raise Refused("counter-unknown")
    check_not_own_account(db, _actor(), account)
    if form.validate_on_submit():
        try:
            code = domain.recover_at_counter(db, _actor(), account_id, new_phone=form.phone.data or None, now=now())
        except Refused as refusal:
            form.refuse(refusal)
        else:
            payload: dict[str, object] = {"code": code}
            ends = now() + LIFE
            ticket = once.issue(db, SHOWN_ONCE, account_id, now=now(), expires_at=ends, payload=payload)
            return redirect(url_for("office.recovery_slip", ticket=ticket), 303)
    blocking = domain.blocking(db, account, now=now())
    return page(
        "office/recover_person.html", form=form, account=account, person=db.get(Person, account.person_id),
        blocking=blocking,
    )  # fmt: skip


@blueprint.get("/recovery/slip")
@guarded(receiving)
@writes
def recovery_slip() -> Response:
    """The slip is shown once: reloading shows nothing any more."""
    found = once.redeem(db, SHOWN_ONCE, request.args.get("ticket", "")[:100], now=now())
    if found is None:
        raise Refused("recover-over")
    address = f"{services().settings.issuer}{url_for('account.return_to_recovery')}"
    return page("office/recovery_slip.html", code=found.payload["code"], address=address)


def _actor() -> Actor:
    return officer().acting_as(RECEIVING)
