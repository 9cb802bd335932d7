"""Shifts of a month that were decided on: a decision can be taken back, and the person-days handed on as a table."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from flask import Response, redirect, url_for
from werkzeug.wrappers import Response as Answer

from identity.paging import count_pages
from onboarding.shift import count_decided, decided_shifts, reopen_shift
from portal.coordination import blueprint
from portal.coordination.pay import month_asked
from portal.coordination.scope import acting, scope
from portal.database import db
from portal.pages import page, page_number
from portal.services import now
from portal.words.field import SHIFT_REASONS, SHIFT_STATES

SHOWN = 50


@blueprint.get("/shifts")
def shifts() -> Response:
    units, month, number = scope(), month_asked(), page_number()
    following = (month + timedelta(days=31)).replace(day=1)
    total = count_decided(db, units, since=month, until=following)
    found = decided_shifts(db, units, since=month, until=following, limit=SHOWN, offset=(number - 1) * SHOWN)
    months = {"month": month, "before": (month - timedelta(days=1)).replace(day=1), "after": following}
    return page(
        "coordination/shifts.html",
        shifts=found,
        number=number,
        pages=count_pages(total, SHOWN),
        states=SHIFT_STATES,
        reasons=SHIFT_REASONS,
        href_for=lambda other: url_for("coordination.shifts", month=f"{month:%Y-%m}", page=other),
        **months,
    )


@blueprint.post("/shifts/<uuid:id>/reopen")
def reopen(id: UUID) -> Answer:
    reopen_shift(db, id, acting(), scope(), now=now())
    return redirect(url_for("coordination.desk", _anchor="shifts"), 303)
