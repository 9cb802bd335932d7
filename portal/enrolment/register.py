"""Asking the register, once everything it is asked with was typed. Slow: it is asked between two transactions."""

from __future__ import annotations

from uuid import UUID

from flask import redirect, url_for
from werkzeug.wrappers import Response

from identity.application import Draft
from identity.application.lookup import PURPOSE, reserve_lookup, settle_lookup
from identity.application.registered import Query, Record, query_of
from identity.base import Refused
from identity.gateways import CitizenQuery, Mismatch, RegisterUnavailable
from portal.database import database, db, peek
from portal.enrolment import blueprint
from portal.enrolment.drafting import begin_again, find_draft
from portal.enrolment.forms import EmptyForm
from portal.enrolment.journey import Step, address, find_step, next_step
from portal.enrolment.rows import typed_rows
from portal.enrolment.screen import away_from, drafted, step_page
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
        elsewhere = begin_again() if draft is None else away_from(draft, find_step(draft, "register"))
    if elsewhere is not None:
        return elsewhere
    form = EmptyForm()
    if form.validate():
        refusal = _look_up()
        if refusal is None:
            return redirect(url_for("enrolment.confirmed"), 303)
        form.show(refusal)
    return _register_page(form)


@blueprint.get("/apply/confirmed")
@drafted("office")
def confirmed(draft: Draft, here: Step) -> Response:
    return step_page("enrolment/confirmed.html", draft, here, EmptyForm(), onward=address(next_step(draft)))


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
    draft = find_draft()
    return Refused("draft-gone") if draft is None else settle_lookup(db, lookup, draft, answer, now=now())


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
