"""The browsers that are signed in, and ending them from afar."""

from __future__ import annotations

from uuid import UUID

from flask import Response, redirect, url_for
from werkzeug.wrappers import Response as Answer

from identity.audit import Event, record
from identity.base import Refused
from identity.oidc.meetings import met_by
from identity.session import end_all_sessions, end_session, open_sessions_of, sessions_of
from portal import security
from portal.account import blueprint
from portal.account.visit import visitor
from portal.database import db
from portal.language import in_our_language
from portal.pages import page
from portal.services import now
from portal.words.browsers import browser, is_phone


@blueprint.get("/account/sessions")
def sessions() -> Response:
    moment, holder = now(), visitor()
    rows = open_sessions_of(db, holder.account_id, now=moment)
    met = met_by(db, [row.id for row in rows])
    return page(
        "account/sessions.html",
        open=rows,
        met={session_id: [in_our_language(one.name) for one in services] for session_id, services in met.items()},
        over=[row for row in sessions_of(db, holder.account_id) if not row.is_open(moment)],
        here_id=holder.session_id,
        browser=browser,
        is_phone=is_phone,
    )


@blueprint.post("/account/sessions/<uuid:session_id>/end")
def end_one(session_id: UUID) -> Answer:
    holder = visitor()
    if not end_session(db, holder.account_id, session_id, now=now()):
        raise Refused("session-over")
    _recorded(1)
    return redirect(url_for("account.sessions"), 303)


@blueprint.post("/account/sessions/end-others")
def end_others() -> Answer:
    holder = visitor()
    _recorded(end_all_sessions(db, holder.account_id, now=now(), but=holder.session_id))
    return redirect(url_for("account.sessions"), 303)


@blueprint.post("/account/sessions/end-all")
def end_everywhere() -> Answer:
    """Every browser, this one too."""
    _recorded(end_all_sessions(db, visitor().account_id, now=now()))
    response = redirect(url_for("oidc.signed_out"), 303)
    security.sign_out(response)
    return response


def _recorded(count: int) -> None:
    holder = visitor()
    about = ("account", holder.account_id)
    record(db, Event.SESSION_ENDED, holder.actor, now=now(), subject=about, count=count)
