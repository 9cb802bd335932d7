"""Roles that wait for a second operator, who confirms or refuses them."""

from __future__ import annotations

from uuid import UUID

from flask import Response, redirect, request, url_for
from werkzeug.wrappers import Response as Answer

from identity.account import get_account
from identity.paging import count_pages
from identity.staff import confirmation as domain
from identity.staff.invitation import staff_record
from portal.database import db
from portal.pages import page, page_number
from portal.services import now
from portal.staff import blueprint, words
from portal.staff.visit import acting, units_by_id

A_PAGE = 50
ACTS = {"confirm": domain.confirm, "refuse": domain.turn_down}


@blueprint.get("/waiting")
def roles_that_wait() -> Response:
    number, count = page_number(), domain.count_waiting(db, now=now())
    roles = domain.waiting(db, now=now(), limit=A_PAGE, offset=(number - 1) * A_PAGE)
    units = units_by_id(role.unit_id for role in roles)
    return page(
        "staff/waiting.html",
        rows=[
            (
                role,
                get_account(db, role.account_id),
                staff_record(db, role.account_id),
                role.given_by_id and get_account(db, role.given_by_id),
                units.get(role.unit_id),
            )
            for role in roles
        ],
        count=count,
        number=number,
        pages=count_pages(count, A_PAGE),
        own=acting().account_id,
        done=request.args.get("done", ""),
        words=words,
    )


@blueprint.post("/waiting/<uuid:role_id>/<any(confirm, refuse):act>")
def answer_waiting(role_id: UUID, act: str) -> Answer:
    ACTS[act](db, role_id, acting(), now=now())
    return redirect(url_for("staff.roles_that_wait", done=act), 303)
