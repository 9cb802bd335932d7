"""Teams of the units in scope: who works in them, founding, appointing, releasing."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response, redirect, url_for
from werkzeug.wrappers import Response as Answer

from identity.account import find_account
from identity.base import Refused
from identity.deadlines import today_in_vietnam
from identity.places import Unit
from onboarding.team import FEWEST_MEMBERS, Member, appoint, found_team, get_team, members_of, release, teams_in
from portal.coordination import blueprint
from portal.coordination.scope import acting, scope, visitor
from portal.database import db
from portal.fields import HouseForm, SelectField, TextField, TickField
from portal.language import _l
from portal.pages import page
from portal.services import now


class FoundForm(HouseForm):
    """A team is founded by a decision of the commune."""

    unit = SelectField(_l("Unit"))
    name = TextField(_l("Name of the team"), length=120)
    decision = TextField(_l("Decision that founds it"), length=80, hint=_l("Like 12/QĐ-UBND"))
    organisation = TextField(_l("Mass organisation"), length=120, required=False)


class AppointForm(HouseForm):
    """A member is somebody with a staff account."""

    account = TextField(_l("Account name of the member"), length=80)
    lead = TickField(_l("Leads the team"), required=False)


@blueprint.get("/teams")
def teams() -> Response:
    today = today_in_vietnam(now())
    found = [(team, unit, len(members_of(db, team.id, on=today))) for team, unit in teams_in(db, scope(), on=today)]
    return page("coordination/teams.html", teams=found, form=_found_form(), fewest=FEWEST_MEMBERS)


@blueprint.post("/teams")
def found() -> Response | Answer:
    form = _found_form()
    if not form.validate_on_submit():
        return page("coordination/teams.html", teams=[], form=form, fewest=FEWEST_MEMBERS)
    more = {"decision": form.decision.data, "organisation": form.organisation.data or ""}
    team = found_team(db, UUID(form.unit.data), form.name.data, acting(), now=now(), **more)
    return redirect(url_for("coordination.team", id=team.id), 303)


@blueprint.get("/teams/<uuid:id>")
def team(id: UUID) -> Response:
    return _team(id, AppointForm())


@blueprint.post("/teams/<uuid:id>")
def appoint_member(id: UUID) -> Response | Answer:
    form, team = AppointForm(), get_team(db, id, scope())
    if form.validate_on_submit():
        try:
            account = find_account(db, form.account.data.strip())
            if account is None or account.kind != "staff":
                raise Refused("no-such-member", field="account")
            appoint(db, team, account.id, acting(), now=now(), lead=bool(form.lead.data))
            return redirect(url_for("coordination.team", id=id), 303)
        except Refused as refusal:
            form.refuse(refusal)
    return _team(id, form)


@blueprint.post("/teams/<uuid:id>/release/<uuid:member>")
def release_member(id: UUID, member: UUID) -> Answer:
    team, row = get_team(db, id, scope()), db.get(Member, member)
    if row is None or row.team_id != team.id:
        raise Refused("not-found")
    release(db, row, acting(), now=now())
    return redirect(url_for("coordination.team", id=id), 303)


def _found_form() -> FoundForm:
    form, held = FoundForm(), visitor().units_for("coordinator", "leader")
    units: list[Any] = [db.get_one(Unit, unit_id) for unit_id in held]
    form.unit.choices = [(str(unit.id), unit.title) for unit in units]
    return form


def _team(id: UUID, form: AppointForm) -> Response:
    team, today = get_team(db, id, scope()), today_in_vietnam(now())
    members = members_of(db, team.id, on=today)
    unit = db.get_one(Unit, team.unit_id)
    return page("coordination/team.html", team=team, unit=unit, members=members, form=form, fewest=FEWEST_MEMBERS)
