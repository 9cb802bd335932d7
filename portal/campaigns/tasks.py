"""One task: where it stands, its steps, and the next one."""

from __future__ import annotations

from uuid import UUID

from flask import Response, redirect, request, url_for
from werkzeug.wrappers import Response as Answer

from identity.account import get_account
from identity.base import Refused
from identity.places import Unit
from onboarding.campaign import MOVES, Campaign, CampaignTask, TaskState, changes_of, get_task, is_overdue, move_task
from portal.campaigns import blueprint
from portal.campaigns.forms import StepForm
from portal.campaigns.scope import called, today, visitor
from portal.campaigns.words import MOVE_WORDS, STATES
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


def _task(id: UUID) -> CampaignTask:
    who = visitor()
    return get_task(db, id, who.account_id, who.reach)


def _asked(given: str) -> TaskState:
    if given not in set(TaskState):
        raise Refused("task-move")
    return TaskState(given)


def _shown(found: CampaignTask, form: StepForm) -> Response:
    campaign = db.get_one(Campaign, found.campaign_id)
    moves = () if campaign.closed_at else MOVES[TaskState(found.state)]
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
        form=form,
    )
