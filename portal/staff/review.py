"""The review of rights: each role once a quarter, kept or ended."""

from __future__ import annotations

from collections.abc import Iterable
from math import ceil
from uuid import UUID

from flask import Response, redirect, url_for
from werkzeug.wrappers import Response as Answer

from identity.account import get_account
from identity.deadlines import today_in_vietnam
from identity.staff import review as domain
from identity.staff import roles_of
from identity.staff.duties import conflicting
from portal.database import db
from portal.pages import page, page_number
from portal.services import now
from portal.staff import blueprint, words
from portal.staff.visit import acting, units_by_id

A_PAGE = 50
ACTS = {"keep": domain.keep, "end": domain.end}


@blueprint.get("/review")
def roles_to_review() -> Response:
    number, count = page_number(), domain.count_due(db, now=now())
    roles = domain.due(db, now=now(), limit=A_PAGE, offset=(number - 1) * A_PAGE)
    units, today = units_by_id(role.unit_id for role in roles), today_in_vietnam(now())
    return page(
        "staff/review.html",
        rows=[(role, get_account(db, role.account_id), units.get(role.unit_id)) for role in roles],
        count=count,
        number=number,
        pages=max(ceil(count / A_PAGE), 1),
        quarter=domain.quarter_of(today),
        overdue=domain.overdue(db, now=now()),
        overdue_since=domain.end_of_last_quarter(today),
        own=acting().account_id,
        conflicts=_in_conflict({role.account_id for role in roles}),
        words=words,
    )


def _in_conflict(accounts: Iterable[UUID]) -> set[UUID]:
    """Who holds roles together that nobody should: given before the rule, or in another way."""
    today = today_in_vietnam(now())
    return {one for one in accounts if conflicting([held.role for held in roles_of(db, one, today)])}


@blueprint.post("/review/<uuid:role_id>/<any(keep, end):act>")
def answer_review(role_id: UUID, act: str) -> Answer:
    ACTS[act](db, role_id, acting(), now=now())
    return redirect(url_for("staff.roles_to_review"), 303)
