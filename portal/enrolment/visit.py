"""Which application this browser opened by its code, and whether the phone was proved since; for half an hour each."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import wraps
from typing import Any
from uuid import UUID

from flask import redirect, session, url_for
from werkzeug.wrappers import Response

from identity.application import Application
from portal.database import db
from portal.services import now

VISIT = "status"
LIFE = timedelta(minutes=30)
StatusView = Callable[..., Response]
"""Takes the application, then what the caller gives."""


def open_visit(application: Application) -> None:
    """The code was right. Kept in the signed cookie of the form token: ids and times, nothing about the person."""
    session[VISIT] = {"id": str(application.id), "at": now().isoformat()}


def note(**facts: Any) -> None:
    """Remember something of this visit (the challenge on the phone, that it was met)."""
    session[VISIT] = {**session.get(VISIT, {}), **facts}


def noted(name: str) -> Any:
    """What was remembered."""
    return session.get(VISIT, {}).get(name)


def close_visit() -> None:
    """Forget the application."""
    session.pop(VISIT, None)


def is_unlocked() -> bool:
    """Whether the applicant's phone was proved in this visit."""
    return _within(noted("unlocked_at"))


def visiting(view: StatusView) -> StatusView:
    """For pages of the application that the code opened."""

    @wraps(view)
    def run(*given: Any) -> Response:
        application = db.get(Application, UUID(noted("id"))) if _within(noted("at")) else None
        return redirect(url_for("enrolment.find_status"), 303) if application is None else view(application, *given)

    return run


def unlocked(view: StatusView) -> StatusView:
    """For pages that take the phone as well."""

    @visiting
    @wraps(view)
    def run(application: Application, *given: Any) -> Response:
        return view(application, *given) if is_unlocked() else redirect(url_for("enrolment.status"), 303)

    return run


def _within(moment: str | None) -> bool:
    return moment is not None and now() - datetime.fromisoformat(moment) < LIFE
