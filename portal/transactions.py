"""Wraps every view once: guard, form token, commit or roll-back (architecture, invariant 1).

Returned → commit, raised → roll back. `after_request` and teardown cannot do it: the first also runs after a handled
exception and the second sees no error. A refused attempt that asks for it is audited after the roll-back.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any

from flask import Flask, Response, current_app, g, make_response, request
from flask_wtf.csrf import CSRFError, validate_csrf
from werkzeug.exceptions import HTTPException
from wtforms.validators import ValidationError

from identity.audit import VISITOR, Event, record
from identity.base import Refused
from identity.session import touch
from portal.another_look import ask_for_another_look, is_only_redrawn, remember_look, same_page
from portal.answers import waiting_answer
from portal.database import database, roll_back
from portal.security.guards import Guard, Slice, anyone
from portal.security.visitor import me
from portal.services import now

SAFE = {"GET", "HEAD", "OPTIONS"}
TOUCH_AFTER = timedelta(minutes=1)
View = Callable[..., Any]


def wrap_views(app: Flask) -> None:
    """Wrap each registered view; called once, at the end of `create_app`."""
    for endpoint, view in list(app.view_functions.items()):
        app.view_functions[endpoint] = transacted(view, guard_of(app, endpoint, view))


def guard_of(app: Flask, endpoint: str, view: View) -> Guard:
    """The view's own guard, else its slice's; a view outside any slice is public."""
    blueprint = app.blueprints.get(endpoint.rpartition(".")[0])
    default = blueprint.guard if isinstance(blueprint, Slice) else anyone
    return getattr(view, "guard", default)


def transacted(view: View, guard: Guard) -> View:
    """One request, one transaction."""

    @wraps(view)
    def run(**arguments: Any) -> Any:
        g.writes = request.method not in SAFE or getattr(view, "writes", False)
        try:
            _check_form_token(view)
            answer = guard() or waiting_answer()
            response = remember_look(make_response(_answer(view, arguments) if answer is None else answer))
            if "db" in g:
                g.db.commit()
        except Refused as refusal:
            roll_back()
            if refusal.audited:
                audit_refusal(refusal)
            raise
        except BaseException:
            roll_back()
            raise
        return response

    run.guard = guard  # type: ignore[attr-defined]
    return run


def _answer(view: View, arguments: dict[str, Any]) -> Any:
    """With a stale form token nothing else is told: whoever sends it again hears what is the matter then."""
    try:
        response = view(**arguments)
    except (Refused, HTTPException) as refusal:
        if g.stale:
            raise Refused("page-stale") from refusal
        if is_only_redrawn():
            return _nothing_done()
        raise
    if g.stale and not g.get("form_shown"):
        raise Refused("page-stale")
    return _nothing_done() if is_only_redrawn() and not g.get("form_shown") else response


def _nothing_done() -> Response:
    roll_back()
    return same_page()


def _check_form_token(view: View) -> None:
    """Note a missing or stale form token; a form shows it and keeps what was typed, any other view is refused."""
    g.stale = False
    if request.method in SAFE or getattr(view, "unprotected", False):
        return
    if current_app.config["WTF_CSRF_ENABLED"]:
        try:
            validate_csrf(request.form.get("csrf_token") or request.headers.get("X-CSRF-Token"))
        except (CSRFError, ValidationError):
            g.stale = True
    if not g.stale:
        ask_for_another_look()


def audit_refusal(refusal: Refused) -> None:
    """Record a refused attempt, and on which application, in a short transaction of its own.

    Once a request: a form that was refused is drawn again, which may be refused by the same rule.
    """
    if g.get("refusal_on_record") == refusal.code:
        return
    g.refusal_on_record = refusal.code
    visitor, application_id = me(), (request.view_args or {}).get("application_id")
    subject = ("application", application_id) if application_id else None
    actor = visitor.actor if visitor else VISITOR
    with database().transaction() as db:
        facts = {"code": refusal.code, "endpoint": request.endpoint}
        record(db, Event.ATTEMPT_REFUSED, actor, now=now(), subject=subject, **facts)


def touch_session(response: Response) -> Response:
    """Note that the session is alive, at most once a minute; after the page is drawn, which may be the first to ask."""
    seen_at, visitor = g.get("session_seen_at"), me() if "session_seen_at" in g else None
    if visitor is not None and now() - seen_at > TOUCH_AFTER:
        with database().transaction() as db:
            touch(db, visitor.session_id, now=now())
    return response
