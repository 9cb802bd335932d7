"""Teams of the units in scope: who works in them, founding, appointing, releasing."""

from __future__ import annotations

from uuid import UUID

from flask import Response, abort, redirect, request, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response as Answer

from identity.account import find_account
from identity.base import Refused
from identity.deadlines import today_in_vietnam
from identity.paging import page_of
from identity.places import Unit, UnitKind
from identity.places.units import exists_on
from onboarding.badge import badge_of, badges_of, renew_badge, revoke_badge
from onboarding.team import (
    FEWEST_MEMBERS,
    Member,
    appoint,
    count_members,
    find_teams,
    found_team,
    get_team,
    members_of,
    release,
)
from portal.coordination import blueprint
from portal.coordination.scope import acting, scope, visitor
from portal.database import db
from portal.fields import HouseForm, SelectField, TextField, TickField
from portal.language import _l
from portal.pages import page, page_number, searched
from portal.services import now

A_PAGE = 50
BADGE_ACTS = {"take-back": revoke_badge, "renew": renew_badge}


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
    return _teams(_found_form())


@blueprint.post("/teams")
def found() -> Response | Answer:
    form = _found_form()
    if not form.validate_on_submit():
        return _teams(form)
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


@blueprint.post("/teams/<uuid:id>/badge/<uuid:member>")
def badge(id: UUID, member: UUID) -> Answer:
    """Lost or misused: taken back. A new one has a new code; the one on paper before is then unknown."""
    team, row, choice = get_team(db, id, scope()), db.get(Member, member), request.form.get("choice", "")
    if row is None or row.team_id != team.id:
        raise Refused("not-found")
    if choice not in BADGE_ACTS:
        abort(400)
    BADGE_ACTS[choice](db, badge_of(db, member, acting()), acting(), now=now())
    return redirect(url_for("coordination.team", id=id), 303)


def _teams(form: FoundForm) -> Response:
    today, text = today_in_vietnam(now()), searched()
    found = page_of(find_teams(db, scope(), text, on=today), page_number(), A_PAGE)
    members = count_members(db, [team.id for team, _unit in found.rows], on=today)
    return page(
        "coordination/teams.html",
        found=found,
        members=members,
        text=text,
        href_for=lambda number: url_for("coordination.teams", q=text or None, page=number),
        form=form,
        fewest=FEWEST_MEMBERS,
    )


def _found_form() -> FoundForm:
    """A team belongs to any unit in reach but a village: a province's leader founds in its communes, too."""
    form, here = FoundForm(), Unit.id.in_(scope())
    query = select(Unit).where(here, Unit.kind != UnitKind.VILLAGE, exists_on(today_in_vietnam(now())))
    units = db.scalars(query.order_by(Unit.kind.desc(), Unit.name_folded))
    form.unit.choices = [(str(unit.id), unit.title) for unit in units]
    return form


def _team(id: UUID, form: AppointForm) -> Response:
    team, today = get_team(db, id, scope()), today_in_vietnam(now())
    members = members_of(db, team.id, on=today)
    unit, badges = db.get_one(Unit, team.unit_id), badges_of(db, [member.id for member, _name in members])
    people = {"members": members, "badges": badges, "own": visitor().account_id}
    return page("coordination/team.html", team=team, unit=unit, form=form, fewest=FEWEST_MEMBERS, **people)
