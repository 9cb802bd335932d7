"""One task: where it stands, its steps, the next one, and more time."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from flask import Response, redirect, request, url_for
from werkzeug.wrappers import Response as Answer

from identity.account import get_account
from identity.base import Refused
from identity.places import Unit
from onboarding.campaign import (
    MOVES,
    Campaign,
    CampaignTask,
    HandOver,
    TaskState,
    Wish,
    ask_more_time,
    changes_of,
    check_may_answer,
    get_task,
    give_more_time,
    hand_over_task,
    is_overdue,
    keep_day,
    move_task,
    possible_owners,
)
from onboarding.campaign.tasks import OPEN_STATES
from portal.campaigns import blueprint
from portal.campaigns.forms import OwnerForm, StepForm, TimeForm
from portal.campaigns.scope import Visitor, called, today, visitor
from portal.campaigns.words import MOVE_WORDS, STATES, step_words
from portal.database import db
from portal.pages import page
from portal.services import now


@blueprint.get("/tasks/<uuid:id>")
def task(id: UUID) -> Response:
    return _shown(_task(id), StepForm(formdata=None))


@blueprint.post("/tasks/<uuid:id>")
def move(id: UUID) -> Response | Answer:
    found, form = _task(id), StepForm()
    if form.validate_on_submit():
        try:
            to = _asked(request.form.get("to", ""))
            seen = request.form.get("seen", "")
            move_task(db, found, seen, to, form.note.data or "", visitor().acting, now=now())
            return redirect(url_for("campaigns.task", id=id), 303)
        except Refused as refusal:
            form.refuse(refusal)
    return _shown(_task(id), form)


@blueprint.post("/tasks/<uuid:id>/time")
def time(id: UUID) -> Response | Answer:
    """More time: its owner asks; who may change the campaign gives it, or lets the day stay."""
    who, found, form = visitor(), _task(id), TimeForm()
    if form.validate_on_submit():
        try:
            wish = Wish(_seen(), form.until.data, form.reason.data)
            match request.form.get("do"):
                case "give":
                    give_more_time(db, found, wish, who.acting, who.reach, now=now())
                case "keep":
                    keep_day(db, found, wish, who.acting, who.reach, now=now())
                case _:
                    ask_more_time(db, found, wish, who.acting, now=now())
            return redirect(url_for("campaigns.task", id=id), 303)
        except Refused as refusal:
            form.refuse(refusal)
    return _shown(_task(id), StepForm(formdata=None), form)


@blueprint.post("/tasks/<uuid:id>/owner")
def hand_over(id: UUID) -> Response | Answer:
    """To another owner, by who may change the campaign."""
    who, found = visitor(), _task(id)
    form = _owner_form(found)
    if form.validate_on_submit():
        try:
            over = HandOver(_seen_owner(), UUID(form.owner.data), form.reason.data)
            hand_over_task(db, found, over, who.acting, who.reach, now=now())
            return redirect(url_for("campaigns.task", id=id), 303)
        except Refused as refusal:
            form.refuse(refusal)
    return _shown(_task(id), StepForm(formdata=None), over=form)


def _owner_form(found: CampaignTask, **said: Any) -> OwnerForm:
    form, campaign = OwnerForm(prefix="over-", **said), db.get_one(Campaign, found.campaign_id)
    owners = possible_owners(db, campaign, on=today())
    form.owner.choices = [(str(one.id), one.display_name or "") for one in owners if one.id != found.owner_id]
    return form


def _seen_owner() -> UUID:
    """Who stood on the page."""
    try:
        return UUID(request.form.get("seen", ""))
    except ValueError:
        raise Refused("changed-meanwhile") from None


def _seen() -> date:
    """The last day that stood on the page."""
    try:
        return date.fromisoformat(request.form.get("seen", ""))
    except ValueError:
        raise Refused("changed-meanwhile") from None


def _task(id: UUID) -> CampaignTask:
    who = visitor()
    return get_task(db, id, who.account_id, who.reach)


def _asked(given: str) -> TaskState:
    if given not in set(TaskState):
        raise Refused("task-move")
    return TaskState(given)


def _shown(
    found: CampaignTask, form: StepForm, time_form: TimeForm | None = None, over: OwnerForm | None = None
) -> Response:
    campaign, who = db.get_one(Campaign, found.campaign_id), visitor()
    moves = () if campaign.closed_at else MOVES[TaskState(found.state)]
    is_open = bool(moves) and found.state in OPEN_STATES
    return page(
        "campaigns/task.html",
        task=found,
        campaign=campaign,
        unit=called(db.get(Unit, found.unit_id) if found.unit_id else None),
        owner=get_account(db, found.owner_id).display_name or "",
        is_late=is_overdue(found, on=today()),
        changes=changes_of(db, found),
        moves=[(one.value, MOVE_WORDS[one]) for one in moves],
        states=STATES,
        step_words=step_words,
        asks=is_open and found.owner_id == who.account_id,
        answers=is_open and _may_answer(found, who),
        form=form,
        time=time_form or TimeForm(formdata=None, until=found.asked_due_on),
        over=over or _owner_form(found, formdata=None),
    )


def _may_answer(found: CampaignTask, who: Visitor) -> bool:
    try:
        check_may_answer(db, found, who.acting, who.reach)
    except Refused:
        return False
    return True
