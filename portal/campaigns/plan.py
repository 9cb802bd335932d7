"""The campaigns that concern one's units, and planning another."""

from __future__ import annotations

from flask import Response, redirect, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response as Answer

from identity.base import Refused
from identity.paging import count_pages
from identity.places import Unit, UnitKind
from onboarding.campaign import (
    Plan,
    campaigns_in,
    count_campaigns,
    count_overdue,
    overdue_tasks,
    plan_campaign,
    tasks_that_ask,
)
from portal.campaigns import blueprint
from portal.campaigns.forms import PlanForm
from portal.campaigns.scope import Visitor, called, country_choice, today, unit_choices, unit_chosen, visitor
from portal.database import db
from portal.pages import page, page_number
from portal.services import now

A_PAGE = 30


@blueprint.get("")
def campaigns() -> Response:
    who = visitor()
    return _shown(who, _form(who))


@blueprint.post("")
def add() -> Response | Answer:
    who = visitor()
    form = _form(who)
    if form.validate_on_submit():
        chosen = [unit_chosen(one) for one in form.units.data]
        units = () if None in chosen else tuple(one for one in chosen if one is not None)
        days, is_national = (form.first_day.data, form.last_day.data), None in chosen
        plan = Plan(form.name.data, *days, form.source.data, units, form.group_names, is_national)
        try:
            campaign = plan_campaign(db, plan, who.acting, who.reach, now=now())
            return redirect(url_for("campaigns.campaign", id=campaign.id), 303)
        except Refused as refusal:
            form.refuse(refusal)
    return _shown(who, form)


def _shown(who: Visitor, form: PlanForm) -> Response:
    pages = count_pages(count_campaigns(db, who.held, who.reach), A_PAGE)
    number = min(page_number(), pages)
    return page(
        "campaigns/campaigns.html",
        campaigns=campaigns_in(db, who.held, who.reach, limit=A_PAGE, offset=(number - 1) * A_PAGE),
        number=number,
        pages=pages,
        href_for=lambda to: url_for("campaigns.campaigns", page=to),
        overdue=count_overdue(db, who.account_id, who.reach, on=today()),
        late=overdue_tasks(db, who.account_id, who.reach, on=today(), limit=A_PAGE),
        asking=tasks_that_ask(db, who.account_id, who.reach, limit=A_PAGE),
        called=called,
        form=form,
        today=today(),
    )


def _form(who: Visitor) -> PlanForm:
    form = PlanForm()
    may_plan_in = Unit.id.in_(who.held)
    if who.reach is None:
        may_plan_in |= (Unit.kind == UnitKind.PROVINCE) & Unit.valid_to.is_(None)
    units = unit_choices(list(db.scalars(select(Unit).where(may_plan_in).order_by(Unit.code))))
    form.units.choices = [*([country_choice()] if who.reach is None else []), *units]
    return form
