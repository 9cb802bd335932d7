"""The list by deadline, one request, taking it and answering it."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from flask import Response, abort, redirect, request, url_for
from werkzeug.wrappers import Response as Answer

from identity.audit import Actor, Event, record
from identity.base import Refused
from identity.rights.at_counter import check_may_answer, taken_in
from identity.rights.model import RequestState, RightsRequest
from identity.rights.owner import name_of, owner_of, subject_of
from identity.rights.requests import answer, desk, take
from identity.staff import units_in_reach
from portal.database import db
from portal.pages import page, page_number
from portal.rights import blueprint
from portal.rights.forms import AnswerForm
from portal.security import SignedIn, me, writes
from portal.services import now
from portal.words import rights as rights_words

EVERYWHERE = ("data_protection_officer", "operator")
OFFICERS = ("receiving_officer", "approving_officer")


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the list."""

    request: RightsRequest
    name: str
    is_late: bool


@blueprint.get("")
def waiting() -> Response:
    moment, is_answered = now(), request.args.get("show") == "answered"
    found = desk(db, _units(), now=moment, answered=is_answered, page=page_number())
    return page(
        "rights/desk.html",
        rows=[Row(row, name_of(owner_of(db, row)), row.is_late(moment)) for row in found.rows],
        found=found,
        answered=is_answered,
        taken_in="taken-in" in request.args,
        page=min(page_number(), found.pages),
        href_for=lambda number: url_for("rights.waiting", page=number, show="answered" if is_answered else None),
        words=rights_words,
    )


@blueprint.get("/<uuid:request_id>")
@writes
def case(request_id: UUID) -> Response:
    """Looking at a request is recorded, and its owner sees it."""
    row, actor = _case(request_id)
    facts = {"kind": row.kind, "purpose": "data-rights"}
    record(db, Event.RIGHTS_VIEWED, actor, now=now(), subject=subject_of(owner_of(db, row)), **facts)
    return _page(row, AnswerForm())


@blueprint.post("/<uuid:request_id>/take")
def take_on(request_id: UUID) -> Answer:
    row, actor = _case(request_id)
    check_may_answer(db, row, actor)
    take(db, row, actor, now=now())
    return redirect(url_for("rights.case", request_id=request_id), 303)


@blueprint.post("/<uuid:request_id>/answer")
def give_answer(request_id: UUID) -> Response | Answer:
    (row, actor), form = _case(request_id), AnswerForm()
    check_may_answer(db, row, actor)
    if form.validate_on_submit():
        outcome, _colon, reason = form.answer.data.partition(":")
        try:
            answer(db, row, actor, RequestState(outcome), reason, form.words.data or "", now=now())
        except Refused as refusal:
            form.refuse(refusal)
            row = db.get_one(RightsRequest, request_id)
        else:
            return redirect(url_for("rights.waiting"), 303)
    return _page(row, form)


def _page(row: RightsRequest, form: AnswerForm) -> Response:
    at_counter = taken_in(db, row)
    return page(
        "rights/case.html",
        row=row,
        form=form,
        name=name_of(owner_of(db, row)),
        is_late=row.is_late(now()),
        asker=rights_words.ASKERS[at_counter[0]] if at_counter else None,
        took_it_in=at_counter is not None and at_counter[1] == _officer().account_id,
        mine=row.taken_by_id == _officer().account_id,
        words=rights_words,
    )


def _case(request_id: UUID) -> tuple[RightsRequest, Actor]:
    """The request when a role of the officer reaches its unit; else refused, and the attempt recorded."""
    row, units = db.get(RightsRequest, request_id) or abort(404), _units()
    if units is not None and row.unit_id not in units:
        raise Refused("out-of-scope", audited=True)
    held = {role.role for role in _officer().roles}
    return row, Actor(_officer().account_id, next(role for role in (*OFFICERS, *EVERYWHERE) if role in held))


def _units() -> frozenset[UUID] | None:
    """Where the officer answers; None for those who look after what has no unit as well."""
    if _officer().has_role(*EVERYWHERE):
        return None
    return frozenset(units_in_reach(db, _officer().roles, *OFFICERS))


def _officer() -> SignedIn:
    visitor = me()
    if visitor is None:
        raise Refused("not-allowed")
    return visitor
