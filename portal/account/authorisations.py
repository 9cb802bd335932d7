"""What I allowed helpers to do for me: seen, with what was done under it, and ended."""

from __future__ import annotations

from uuid import UUID

from flask import Response, redirect, request, url_for
from werkzeug.wrappers import Response as Answer

from identity.base import Refused
from identity.deadlines import today_in_vietnam
from onboarding.delegation import allowed_by, revoke_own, state_of
from onboarding.records import done_under
from portal.account import blueprint
from portal.account.visit import visitor
from portal.database import db
from portal.pages import page
from portal.security import guarded, resident
from portal.services import now
from portal.words.assistance import RESULTS, TASKS
from portal.words.field import DELEGATION_STATES


@blueprint.get("/account/authorisations")
@guarded(resident)
def authorisations() -> Response:
    day = today_in_vietnam(now())
    rows = [
        (
            given,
            name,
            DELEGATION_STATES[state_of(db, given, on=day)],
            given.may_be_ended(on=day),
            done_under(db, given.id),
        )
        for given, name in allowed_by(db, _person_id())
    ]
    done = request.args.get("done", "")
    return page("account/authorisations.html", rows=rows, tasks=TASKS, results=RESULTS, done=done)


@blueprint.post("/account/authorisations/<uuid:id>/end")
@guarded(resident)
def end_own_authorisation(id: UUID) -> Answer:
    revoke_own(db, id, _person_id(), visitor().actor, now=now())
    return redirect(url_for("account.authorisations", done="ended"), 303)


def _person_id() -> UUID:
    person_id = visitor().person_id
    if person_id is None:
        raise Refused("not-allowed")
    return person_id
