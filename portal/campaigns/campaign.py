"""One campaign: targets beside what was counted, tasks, and the forms of whoever may change it."""

from __future__ import annotations

from uuid import UUID

from flask import Response, redirect, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response as Answer

from identity.base import Refused
from identity.paging import page_of
from identity.places import Unit, UnitKind, units_within
from onboarding.campaign import (
    Aim,
    AimKind,
    Campaign,
    Order,
    add_task,
    is_overdue,
    may_change,
    possible_owners,
    progress_of,
    set_target,
    tasks_of,
    units_of,
)
from onboarding.campaign.planning import groups_of
from portal.campaigns import blueprint
from portal.campaigns.forms import TargetForm, TaskForm
from portal.campaigns.scope import Visitor, called, country_choice, seen, today, unit_choices, unit_chosen, visitor
from portal.campaigns.words import STANDINGS, STATES, indicator_choices, indicator_name
from portal.database import db
from portal.pages import page, page_number
from portal.services import now

A_PAGE = 50
MOST_UNITS = 200
"""As many as a list on a page can be chosen from; a campaign of a country sets targets for its provinces."""


@blueprint.get("/<uuid:id>")
def campaign(id: UUID) -> Response:
    who = visitor()
    return _shown(who, seen(id, who))


@blueprint.post("/<uuid:id>/targets")
def add_target(id: UUID) -> Response | Answer:
    who = visitor()
    found, form = seen(id, who), TargetForm()
    form.indicator.choices, form.unit.choices = indicator_choices(), _units(found)
    if form.validate_on_submit():
        aim = Aim(
            form.indicator.data,
            unit_chosen(form.unit.data),
            form.tenths_or_number,
            form.deadline.data,
            form.target_source.data,
            AimKind(form.kind.data),
        )
        try:
            set_target(db, found, aim, who.acting, who.reach, now=now())
            return redirect(url_for("campaigns.campaign", id=id), 303)
        except Refused as refusal:
            form.refuse(refusal)
    return _shown(who, seen(id, who), target=form)


@blueprint.post("/<uuid:id>/tasks")
def give_task(id: UUID) -> Response | Answer:
    who = visitor()
    found, form = seen(id, who), TaskForm()
    form.task_unit.choices, form.owner.choices = _units(found), _owners(found)
    if form.validate_on_submit():
        order = Order(form.title.data, unit_chosen(form.task_unit.data), UUID(form.owner.data), form.due_on.data)
        try:
            add_task(db, found, order, who.acting, who.reach, now=now(), on=today())
            return redirect(url_for("campaigns.campaign", id=id), 303)
        except Refused as refusal:
            form.refuse(refusal)
    return _shown(who, seen(id, who), task=form)


def _shown(who: Visitor, found: Campaign, target: TargetForm | None = None, task: TaskForm | None = None) -> Response:
    target, task = target or TargetForm(formdata=None), task or TaskForm(formdata=None)
    changeable = found.closed_at is None and may_change(db, found, who.reach)
    if changeable:
        target.indicator.choices = indicator_choices()
        target.unit.choices = task.task_unit.choices = _units(found)
        task.owner.choices = _owners(found)
    return page(
        "campaigns/campaign.html",
        campaign=found,
        places=_places(found),
        groups=groups_of(db, found),
        progress=progress_of(db, found, who.exact(), now=now()),
        tasks=page_of(tasks_of(db, found), page_number(), A_PAGE),
        is_late=lambda task: is_overdue(task, on=today()),
        href_for=lambda number: url_for("campaigns.campaign", id=found.id, page=number, _anchor="tasks-title"),
        mine=who,
        may_change=changeable,
        target=target,
        task=task,
        failed=next((form for form in (target, task) if form.errors), target),
        called=called,
        indicator_name=indicator_name,
        is_over=found.last_day < today(),
        standings=STANDINGS,
        states=STATES,
    )


def _places(found: Campaign) -> list[tuple[str, str]]:
    return [country_choice()] if found.is_national else unit_choices(units_of(db, found))


def _units(found: Campaign) -> list[tuple[str, str]]:
    """The campaign's units and what lies in them, as far as a list can be chosen from."""
    if found.is_national:
        provinces = select(Unit).where(Unit.kind == UnitKind.PROVINCE, Unit.valid_to.is_(None)).order_by(Unit.code)
        return [country_choice(), *unit_choices(list(db.scalars(provinces)))]
    places = units_of(db, found)
    below = {one for unit in places for one in units_within(db, unit.id)} if len(places) < MOST_UNITS else set()
    units = list(db.scalars(select(Unit).where(Unit.id.in_(below)).order_by(Unit.code).limit(MOST_UNITS)))
    return unit_choices([*places, *(unit for unit in units if unit not in places)])


def _owners(found: Campaign) -> list[tuple[str, str]]:
    return [(str(one.id), one.display_name or "") for one in possible_owners(db, found, on=today())]
