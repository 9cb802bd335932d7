"""Finding the case that a caller speaks of: one, or none; nothing is listed."""

from __future__ import annotations

from flask import Response, redirect, url_for
from werkzeug.wrappers import Response as Answer

from identity.audit import Actor
from identity.base import Refused
from identity.hotline.find import Way, is_warned, open_call
from portal.database import db
from portal.fields import ChoiceField, HouseForm, TextField
from portal.hotline import blueprint
from portal.hotline.words import SCRIPT_OF_GREETING, WAYS
from portal.language import _l
from portal.pages import page
from portal.security import me
from portal.services import now

AGENT = "hotline_agent"


class FindForm(HouseForm):
    """What the caller reads out."""

    way = ChoiceField(_l("What the caller has"), choices=list(WAYS.items()))
    text = TextField(_l("As the caller reads it"), length=60)


@blueprint.route("", methods=["GET", "POST"])
def start() -> Response | Answer:
    form, agent = FindForm(), acting()
    if form.validate_on_submit():
        try:
            found = open_call(db, agent, Way(form.way.data), form.text.data, now=now())
        except Refused as refusal:
            if refusal.audited:
                raise
            form.refuse(refusal)
        else:
            if not isinstance(found, Refused):
                return redirect(url_for("hotline.call", call_id=found.id), 303)
            form.show(found)
    assert agent.account_id is not None
    return page(
        "hotline/start.html",
        form=form,
        script_lines=SCRIPT_OF_GREETING,
        warned=is_warned(db, agent.account_id, now=now()),
    )


def acting() -> Actor:
    """The agent who asks; the slice's guard let nobody else in."""
    visitor = me()
    assert visitor is not None
    return visitor.acting_as(AGENT)
