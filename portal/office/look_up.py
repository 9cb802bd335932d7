"""The first step at the counter about an account: by its number, with the original in hand, and on record."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import redirect, url_for
from werkzeug.wrappers import Response as Answer

from identity.account import Account
from identity.base import Refused
from portal.database import db
from portal.fields import HouseForm
from portal.office.access import officer
from portal.pages import page
from portal.services import now


def look_up(form: HouseForm, role: str, find: Callable[..., Account], goal: str, **words: Any) -> Answer:
    """The page with one number; found, on to `goal`. What is refused stands beside what was typed."""
    if form.validate_on_submit():
        try:
            found = find(db, officer().acting_as(role), form["number"].data, now=now())
        except Refused as refusal:
            form.refuse(refusal)
        else:
            return redirect(url_for(goal, account_id=found.id), 303)
    return page("office/look_up.html", form=form, **words)
