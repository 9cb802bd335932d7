"""Help on somebody's behalf: what the person allowed, until when, and the receipt they take home."""

from __future__ import annotations

from uuid import UUID

from flask import Response, redirect, url_for
from werkzeug.wrappers import Response as Answer

from identity.base import Refused
from identity.deadlines import today_in_vietnam
from identity.places import Unit
from onboarding.catalogue import OWN_HAND_ONLY, Task
from onboarding.delegation import delegate, delegations_of, get_delegation, grouped, state_of
from onboarding.team import Team
from portal.database import db
from portal.fields import ChoiceField, HouseForm, PhoneField, SelectField, TextField, TickField
from portal.language import _l, current_locale
from portal.pages import page
from portal.security import me
from portal.services import now, services
from portal.team import blueprint
from portal.team.forms import WHOLE_TASKS, HelpCodeField
from portal.team.today import acting_member
from portal.words.assistance import TASKS
from portal.words.field import DELEGATION_STATES

ALLOWED = [task for task in WHOLE_TASKS if task not in OWN_HAND_ONLY]


class BehalfForm(HouseForm):
    """What may be done; never the account, its password or codes."""

    task = SelectField(_l("What may you do?"), choices=[(task.value, TASKS[task]) for task in ALLOWED])
    procedure = TextField(_l("Name or code of the public service"), length=40, required=False)
    days = ChoiceField(_l("For how many days?"), choices=[(str(number), str(number)) for number in (1, 3, 7, 30)])
    help_code = HelpCodeField(_l("Help code of today"), hint=_l("If the person has an account."), required=False)
    phone = PhoneField(
        _l("Phone for the receipt"), hint=_l("A simple phone is enough. Leave it empty to print."), required=False
    )
    agreed = TickField(
        _l("I read it out, the person agrees and gets the receipt"), required=_l("The person must agree.")
    )


@blueprint.get("/behalf")
def behalf() -> Response:
    return _shown(BehalfForm(data={"days": "3"}))


@blueprint.post("/behalf")
def allow() -> Response | Answer:
    member, form, visitor = acting_member(), BehalfForm(), me()
    if form.validate_on_submit() and visitor is not None:
        details = {name: form[name].data or "" for name in ("procedure", "help_code", "phone")}
        by, days, agreed = visitor.acting_as("member", "lead"), int(form.days.data), bool(form.agreed.data)
        given_at, locale = now(), current_locale()
        try:
            task = Task(form.task.data)
            given = delegate(db, member, task, days, by, now=given_at, agreed=agreed, locale=locale, **details)
            return redirect(url_for("team.receipt", id=given.id), 303)
        except Refused as refusal:
            if refusal.code.startswith("help-code"):
                form.show(refusal)  # the wrong code stays counted
            else:
                form.refuse(refusal)
    return _shown(form)


@blueprint.get("/behalf/<uuid:id>/receipt")
def receipt(id: UUID) -> Response:
    member = acting_member()
    given = get_delegation(db, id, member.account_id)
    code = given.code or ""
    address = services().settings.issuer + url_for("verify.receipt", code=code)
    team = db.get_one(Team, given.team_id)
    place = f"{team.name} · {db.get_one(Unit, given.unit_id).name}"
    words = {"tasks": TASKS, "code": grouped(code), "address": address, "name": me().display_name}  # type: ignore[union-attr]
    return page("team/receipt.html", given=given, place=place, **words)


def _shown(form: BehalfForm) -> Response:
    today = today_in_vietnam(now())
    found = delegations_of(db, acting_member().account_id, on=today)
    given = [(one, DELEGATION_STATES[state_of(db, one, on=today)]) for one in found]
    return page("team/behalf.html", form=form, given=given, tasks=TASKS)
