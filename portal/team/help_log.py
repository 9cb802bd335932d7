"""Writing a record of help, reading it, correcting it. The later outbox sends the same form to the same endpoint."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response, redirect, request, url_for
from werkzeug.wrappers import Response as Answer

from identity.base import Refused
from identity.deadlines import today_in_vietnam
from identity.places import Unit
from onboarding.assistance import State, take_in
from onboarding.delegation import delegations_of
from onboarding.event import newest_of
from onboarding.records import Record, correction_of, get_record, outcome_behind
from onboarding.team import Membership
from onboarding.villages import villages_of
from portal.database import db
from portal.pages import page
from portal.services import now
from portal.team import blueprint
from portal.team.forms import AssistanceForm, corrected, fresh
from portal.team.summary import rows_of, way_of
from portal.team.today import acting_member
from portal.words.assistance import STANDINGS, TASKS


@blueprint.get("/assistance/new")
def new_record() -> Response:
    form = _form(acting_member(), fresh(now(), task=request.args.get("task")))
    return page("team/log.html", form=form, original=None)


@blueprint.post("/assistance")
def log() -> Response | Answer:
    return _take(None)


@blueprint.get("/assistance/<uuid:id>")
def record(id: UUID) -> Response:
    found = get_record(db, id, acting_member().account_id)
    village = db.get(Unit, found.event.village_id) if found.event.village_id else None
    words = {"tasks": TASKS, "standings": STANDINGS, "rows": rows_of(found.event, village.name if village else "")}
    outcome = outcome_behind(db, found.event)
    way = way_of(outcome) if outcome else []
    return page("team/record.html", record=found, correction=correction_of(db, id), way=way, **words)


@blueprint.get("/assistance/<uuid:id>/correct")
def correction(id: UUID) -> Response | Answer:
    member = acting_member()
    original = _newest(id, member)
    if original.event.id != id:
        return redirect(url_for("team.correction", id=original.event.id))
    return page("team/log.html", form=_form(member, corrected(original.event, now())), original=original)


@blueprint.post("/assistance/<uuid:id>/correct")
def correct(id: UUID) -> Response | Answer:
    return _take(id)


def _form(member: Membership, values: dict[str, Any] | None = None) -> AssistanceForm:
    form = AssistanceForm(data=values) if values else AssistanceForm()
    moment = now()
    given = delegations_of(db, member.account_id, on=today_in_vietnam(moment))
    form.offer(villages_of(db, member.unit_id, now=moment), given)
    return form


def _take(supersedes: UUID | None) -> Response | Answer:
    member = acting_member()
    form = _form(member)
    if form.validate_on_submit():
        entry = form.entry(supersedes)
        taken = take_in(db, member.account_id, entry, now=now())
        if taken.state in {State.SAVED, State.KNOWN}:
            return redirect(url_for("team.record", id=entry.id))
        form.show(taken.refusal or Refused("assistance-conflict"))
    original = _newest(supersedes, member) if supersedes else None
    return page("team/log.html", form=form, original=original)


def _newest(id: UUID, member: Membership) -> Record:
    """What counts now in this record's place: a correction always goes there."""
    get_record(db, id, member.account_id)
    found = newest_of(db, id)
    return get_record(db, found.id if found else id, member.account_id)
