"""A member's shifts: planned or told afterwards; somebody else approves them."""

from __future__ import annotations

from datetime import time, timedelta
from typing import Any
from uuid import UUID

from flask import Response, redirect, url_for
from werkzeug.wrappers import Response as Answer
from wtforms.validators import ValidationError

from identity.base import Refused
from identity.deadlines import today_in_vietnam
from onboarding.shift import plan_shift, shifts_of, withdraw_shift
from portal.database import db
from portal.fields import DateField, HouseForm, TextField
from portal.language import _, _l
from portal.pages import page
from portal.security import me
from portal.services import now
from portal.team import blueprint
from portal.words.field import SHIFT_REASONS, SHIFT_STATES

SHOWN_DAYS = 62


class ShiftForm(HouseForm):
    """One shift; `onboarding.shift` says whether it can be."""

    day = DateField(_l("Day"), earliest=2024)
    begins = TextField(_l("From"), length=5, hint=_l("Like 14:30"))
    ends = TextField(_l("Until"), length=5, hint=_l("Like 14:30"))
    place = TextField(_l("Place"), length=80, hint=_l("Community house, market, desk …"))

    def validate_begins(self, field: Any) -> None:
        _read(field.data)

    def validate_ends(self, field: Any) -> None:
        _read(field.data)


@blueprint.get("/shifts")
def shifts() -> Response:
    return _shown(ShiftForm(data={"day": today_in_vietnam(now())}))


@blueprint.post("/shifts")
def plan() -> Response | Answer:
    form, visitor = ShiftForm(), me()
    assert visitor is not None  # the slice's guard let nobody else pass
    if form.validate_on_submit():
        span = (_read(form.begins.data), _read(form.ends.data))
        by = visitor.acting_as("member", "lead")
        try:
            plan_shift(db, visitor.account_id, form.day.data, span, form.place.data, by, now=now())
            return redirect(url_for("team.shifts"), 303)
        except Refused as refusal:
            form.refuse(refusal)
    return _shown(form)


@blueprint.post("/shifts/<uuid:id>/withdraw")
def withdraw(id: UUID) -> Answer:
    visitor = me()
    assert visitor is not None  # the slice's guard let nobody else pass
    withdraw_shift(db, id, visitor.account_id, visitor.acting_as("member", "lead"), now=now())
    return redirect(url_for("team.shifts"), 303)


def _shown(form: ShiftForm) -> Response:
    visitor = me()
    assert visitor is not None  # the slice's guard let nobody else pass
    since = today_in_vietnam(now()) - timedelta(days=SHOWN_DAYS)
    found = shifts_of(db, visitor.account_id, since=since)
    return page("team/shifts.html", form=form, shifts=found, states=SHIFT_STATES, reasons=SHIFT_REASONS)


def _read(text: str) -> time:
    try:
        return time.fromisoformat((text or "").zfill(5))
    except ValueError:
        raise ValidationError(_("Write the time with hour and minute, like 14:30.")) from None
