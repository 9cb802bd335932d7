"""Ending a guardianship before its day: an approving officer has the paper in hand, and both are told."""

from __future__ import annotations

from uuid import UUID

from flask import Response, redirect, request, url_for
from werkzeug.wrappers import Response as Answer

from identity.account import Account
from identity.application.conflicts import check_no_tie
from identity.audit import Actor
from identity.base import Refused
from identity.guardians import guardians_of
from identity.guardians.ending import LONGEST, EndedFor, end_by_paper, look_up_ward
from identity.person import Person
from portal.database import db
from portal.fields import ChoiceField, HouseForm, IdentityNumberField, TextField, TickField
from portal.language import _, _l
from portal.office import blueprint
from portal.office.access import APPROVING, officer
from portal.office.look_up import look_up
from portal.pages import page
from portal.security import guarded, staff
from portal.services import now
from portal.words.entry_codes import calls

approving = staff(APPROVING)
REASONS = {
    EndedFor.COURT: _l("A court or an authority has decided it"),
    EndedFor.DEATH: _l("The guardian has died"),
    EndedFor.CHANGED: _l("Somebody else is the guardian now"),
    EndedFor.MISTAKEN: _l("It was entered by mistake"),
}
calls("reason", REASONS)


class WardForm(HouseForm):
    """Whose guardianship it is about."""

    number = IdentityNumberField(
        _l("Number of the child or ward"), required=_l("Enter the number of the child or ward")
    )


class EndForm(HouseForm):
    """Which guardian, why, and by what paper."""

    guardian = ChoiceField(_l("Guardian"), required=_l("Choose the guardian"))
    reason = ChoiceField(
        _l("Why it ends"),
        choices=[(reason.value, words) for reason, words in REASONS.items()],
        required=_l("Choose why it ends"),
    )
    paper = TextField(
        _l("Number and day of the paper"),
        hint=_l("For example: decision 12/2026/QĐ-TA of 3 November 2026"),
        required=_l("Enter number and day of the paper"),
        length=LONGEST,
    )
    seen = TickField(_l("I have the original of the paper in my hand"), required=_l("Look at the original first"))


@blueprint.route("/guardianship", methods=["GET", "POST"])
@guarded(approving)
def guardianship() -> Response | Answer:
    return look_up(
        WardForm(),
        APPROVING,
        look_up_ward,
        "office.end_guardianship",
        tab="guardianship",
        title=_("End a guardianship"),
        about=_(
            "Only with the original of the paper that says so. Looking up an account is recorded, and its holder "
            "sees it."
        ),
        done=_("The guardianship has ended") if request.args.get("done") == "ended" else "",
        done_text=_("Both are told now. The former guardian can no longer act in the account."),
    )


@blueprint.route("/guardianship/<uuid:account_id>", methods=["GET", "POST"])
@guarded(approving)
def end_guardianship(account_id: UUID) -> Response | Answer:
    form, ward = EndForm(), db.get(Account, account_id)
    held = guardians_of(db, ward.person_id, now=now()) if ward is not None and ward.person_id else []
    if ward is None or not held:
        raise Refused("guardianship-ended")
    check_no_tie(db, _actor(), held[0].ward_id, *(row.guardian_id for row in held))
    form.guardian.choices = [(str(row.id), db.get_one(Person, row.guardian_id).full_name) for row in held]
    if form.validate_on_submit():
        try:
            reason, paper = EndedFor(form.reason.data), form.paper.data
            end_by_paper(db, UUID(form.guardian.data), reason, paper, _actor(), now=now())
        except Refused as refusal:
            if refusal.audited:
                raise
            form.refuse(refusal)
        else:
            return redirect(url_for("office.guardianship", done="ended"), 303)
    return page("office/end_guardianship.html", form=form, ward=ward, is_last=len(held) == 1)


def _actor() -> Actor:
    return officer().acting_as(APPROVING)
