"""The ward's side: a service wants to know who this is; the guardian is asked, and the page waits."""

from __future__ import annotations

from uuid import UUID

from flask import Response, redirect, request, url_for
from werkzeug.wrappers import Response as Answer

from identity.account import get_account
from identity.base import Refused
from identity.guardians import Purpose, find_question, has_guardian, state_of
from identity.guardians import ask as ask_guardian
from identity.guardians.confirming import Answer as State
from portal.database import db
from portal.guardians import blueprint
from portal.guardians.views import service_name
from portal.guardians.visitor import visitor
from portal.pages import local_path, page
from portal.services import now


@blueprint.get("/guardian")
def ask() -> Response | Answer:
    """Where the question stands; a yes leads on to where the service was asked for."""
    holder, client_id = visitor(), _client()
    found = find_question(db, holder.account_id, Purpose.SHARE, holder.session_id, client_id)
    state = state_of(found, now=now()) if found is not None else None
    if state is State.YES:
        return redirect(_onward(), 303)
    name = service_name(found) if found is not None else None
    return page("guardians/ask.html", question=found, state=state, client=client_id, onward=_onward(), service=name)


@blueprint.post("/guardian")
def send_question() -> Answer:
    holder, client_id = visitor(), _client()
    account = get_account(db, holder.account_id)
    if not has_guardian(account):
        raise Refused("not-allowed")
    ask_guardian(db, account, Purpose.SHARE, holder.session_id, now=now(), client_id=client_id)
    return redirect(url_for("guardians.ask", client=client_id, next=_onward()), 303)


def _client() -> UUID:
    try:
        return UUID(request.values.get("client", ""))
    except ValueError:
        raise Refused("not-allowed") from None


def _onward() -> str:
    """The authorization request that waits; never another site's address."""
    target = request.values.get("next", "")
    return target if target and local_path(target) == target else url_for("account.overview")
