"""Handing somebody over to a desk, with their agreement, and seeing what became of it."""

from __future__ import annotations

from uuid import UUID

from flask import Response, redirect, request, url_for
from werkzeug.wrappers import Response as Answer

from identity.base import Refused
from onboarding.referral import Desk, is_late, refer, referrals_by, withdraw_referral
from portal.database import db
from portal.fields import ChoiceField, HouseForm, PhoneField, SelectField, TextAreaField, TickField
from portal.language import _l
from portal.pages import page
from portal.security import me
from portal.services import now
from portal.team import blueprint
from portal.team.forms import WHOLE_TASKS
from portal.team.today import acting_member
from portal.words.assistance import OBSTACLES, TASKS
from portal.words.field import DESKS, REFERRAL_OUTCOMES, REFERRAL_STATES


class ReferralForm(HouseForm):
    """Who goes on from here, and how the desk reaches the person, if they want that."""

    desk = ChoiceField(_l("Where to?"), choices=[(desk.value, DESKS[desk]) for desk in Desk])
    task = SelectField(_l("What is it about?"), choices=[(task.value, TASKS[task]) for task in WHOLE_TASKS])
    obstacle = SelectField(
        _l("Why did it get stuck?"),
        choices=[(reason.value, OBSTACLES[reason]) for reason in OBSTACLES],
        empty_text=_l("Not noted"),
        required=False,
    )
    note = TextAreaField(_l("Note for the desk"), rows=2, length=300, hint=_l("No names, no numbers."), required=False)
    contact = PhoneField(
        _l("Phone, if the desk may call"),
        hint=_l("Only when the person wants it. It is deleted when the matter is closed."),
        required=False,
    )
    agreed = TickField(
        _l("The person agrees that the desk learns of it"), required=_l("Refer somebody only when they agree.")
    )


@blueprint.get("/referrals")
def referrals() -> Response:
    return _shown(ReferralForm(data={"desk": "ward-police", "task": request.args.get("task")}))


@blueprint.post("/referrals")
def make_referral() -> Response | Answer:
    member, form, visitor = acting_member(), ReferralForm(), me()
    if form.validate_on_submit() and visitor is not None:
        details = {name: form[name].data or "" for name in ("obstacle", "note", "contact")}
        by = visitor.acting_as("member", "lead")
        try:
            agreed = bool(form.agreed.data)
            refer(db, member, Desk(form.desk.data), form.task.data, by, now=now(), agreed=agreed, **details)
            return redirect(url_for("team.referrals"), 303)
        except Refused as refusal:
            form.refuse(refusal)
    return _shown(form)


@blueprint.post("/referrals/<uuid:id>/withdraw")
def take_back(id: UUID) -> Answer:
    """The person told the member that they no longer agree."""
    visitor = me()
    assert visitor is not None  # the slice's guard let nobody else pass
    withdraw_referral(db, id, visitor.acting_as("member", "lead"), now=now())
    return redirect(url_for("team.referrals"), 303)


def _shown(form: ReferralForm) -> Response:
    moment = now()
    found = [(one, is_late(one, now=moment)) for one in referrals_by(db, acting_member().account_id)]
    words = {"desks": DESKS, "states": REFERRAL_STATES, "outcomes": REFERRAL_OUTCOMES, "tasks": TASKS}
    return page("team/referrals.html", form=form, referrals=found, **words)
