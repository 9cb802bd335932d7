"""Asking the register, once everything it is asked with was typed. Slow: it is asked between two transactions."""

from __future__ import annotations

from uuid import UUID

from flask import redirect, url_for
from werkzeug.wrappers import Response

from identity.application import Draft
from identity.application.lookup import PURPOSE, asks_operator, reserve_lookup, settle_lookup
from identity.application.registered import Query, Record, key_of, query_of
from identity.base import Refused
from identity.gateways import CitizenQuery, DirectoryUnavailable, Mismatch, RegisterUnavailable
from portal.database import database, db, peek
from portal.enrolment import blueprint
from portal.enrolment.drafting import begin_again, find_draft
from portal.enrolment.forms import EmptyForm
from portal.enrolment.journey import Step, address, find_step, next_step, steps_for
from portal.enrolment.rows import typed_rows
from portal.enrolment.screen import away_from, drafted, is_theirs, step_page
from portal.security.limits import client_address
from portal.services import now, services


@blueprint.get("/apply/register")
@drafted("register")
def register(draft: Draft, here: Step) -> Response:
    return step_page("enrolment/register.html", draft, here, EmptyForm(), rows=typed_rows(draft))


@blueprint.post("/apply/register")
def ask_register() -> Response:
    with peek() as look:  # nothing is written before the register has answered
        draft = find_draft(look)
        elsewhere = begin_again() if draft is None or not is_theirs(draft) else away_from(draft, _here(draft))
    if elsewhere is not None:
        return elsewhere
    form = EmptyForm()
    if form.validate():
        refusal = _look_up()
        if refusal is None:
            return redirect(url_for("enrolment.confirmed"), 303)
        form.show(refusal)
    return _register_page(form)


def _here(draft: Draft) -> Step | None:
    return find_step(draft, "register")


@blueprint.get("/apply/confirmed")
@drafted("register")
def confirmed(draft: Draft, here: Step) -> Response:
    steps = steps_for(draft)
    here = steps[steps.index(here) + 1]
    elsewhere = away_from(draft, here)
    onward = address(next_step(draft))
    return elsewhere or step_page("enrolment/confirmed.html", draft, here, EmptyForm(), onward=onward)


def _register_page(form: EmptyForm) -> Response:
    draft = find_draft()
    here = find_step(draft, "register") if draft else None
    if draft is None or here is None:
        return begin_again()
    return step_page("enrolment/register.html", draft, here, form, rows=typed_rows(draft))


def _look_up() -> Refused | None:
    """Count, ask, keep: three short parts, so that no transaction is open while the register thinks."""
    try:
        lookup, query = _reserve()
    except Refused as refusal:
        return refusal
    answer = _ask(query)
    is_own = _ask_operator(answer)
    draft = find_draft()
    return Refused("draft-gone") if draft is None else settle_lookup(db, lookup, draft, answer, is_own, now=now())


def _ask_operator(answer: Record | Mismatch | None) -> bool | None:
    """Whether the number is in this person's name; None where nobody was asked, or no operator answered."""
    with peek() as look:
        draft = find_draft(look)
        phone = draft.answer("phone") if draft is not None and asks_operator(draft) else None
    if phone is None or answer is None or isinstance(answer, Mismatch):
        return None
    try:
        return services().subscribers.is_owner(phone, key_of(answer), PURPOSE)
    except DirectoryUnavailable:
        return None


def _reserve() -> tuple[UUID, Query]:
    with database().transaction() as first:
        draft = find_draft(first)
        if draft is None:
            raise Refused("draft-gone")
        return reserve_lookup(first, draft, client_address(), now=now()), query_of(draft)


def _ask(query: Query) -> Record | Mismatch | None:
    try:
        if isinstance(query, CitizenQuery):
            return services().population.confirm(query, PURPOSE)
        return services().immigration.confirm(query, PURPOSE)
    except RegisterUnavailable:
        return None
