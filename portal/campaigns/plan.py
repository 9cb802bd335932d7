"""The campaigns that concern one's units, and planning another."""

from __future__ import annotations

from uuid import UUID

from flask import Response, redirect, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response as Answer

from identity.base import Refused
from identity.places import Unit
from onboarding.campaign import Plan, campaigns_in, count_overdue, plan_campaign
from portal.campaigns import blueprint
from portal.campaigns.forms import PlanForm
from portal.campaigns.scope import Visitor, today, unit_choices, visitor
from portal.database import db
from portal.pages import page
from portal.services import now


@blueprint.get("")
def campaigns() -> Response:
    who = visitor()
    return _shown(who, _form(who))


@blueprint.post("")
def add() -> Response | Answer:
    who = visitor()
    form = _form(who)
    if form.validate_on_submit():
        units = tuple(UUID(one) for one in form.units.data)
        plan = Plan(form.name.data, form.first_day.data, form.last_day.data, form.source.data, units, form.group_names)
        try:
            campaign = plan_campaign(db, plan, who.acting, who.reach, now=now())
            return redirect(url_for("campaigns.campaign", id=campaign.id), 303)
        except Refused as refusal:
            form.refuse(refusal)
    return _shown(who, form)


def _shown(who: Visitor, form: PlanForm) -> Response:
    found = campaigns_in(db, who.held, who.reach)
    overdue = count_overdue(db, who.account_id, who.reach, on=today())
    return page("campaigns/campaigns.html", campaigns=found, overdue=overdue, form=form, today=today())


def _form(who: Visitor) -> PlanForm:
    form = PlanForm()
    held = select(Unit).where(Unit.id.in_(who.held)).order_by(Unit.code)
    form.units.choices = unit_choices(list(db.scalars(held)))
    return form
