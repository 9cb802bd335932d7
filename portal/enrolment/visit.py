"""Which application this browser opened by its code, and whether the phone was proved since; for half an hour each.

That the phone was proved is a ticket of the ledger, whose secret the cookie carries: whoever leaves redeems it, and a
copy of the cookie that stayed behind (a borrowed computer) opens nothing more than the code itself does.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import wraps
from typing import Any
from uuid import UUID

from flask import redirect, session, url_for
from sqlalchemy.orm import Session, object_session
from werkzeug.wrappers import Response

from identity import once
from identity.application import Application, belongs_to, is_still_theirs
from portal.database import db
from portal.security import me
from portal.services import now

VISIT, PROVED = "status", "status-proved"
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


def unlock(application: Application) -> None:
    """The phone was proved."""
    moment = now()
    note(proved=once.issue(db, PROVED, application.id, now=moment, expires_at=moment + LIFE), challenge=None)


def close_visit() -> None:
    """Forget the application, here and wherever this cookie was copied to."""
    if proved := noted("proved"):
        once.redeem(db, PROVED, proved, now=now())
    session.pop(VISIT, None)


def opened(look: Session) -> Application | None:
    """The application that the code opened, while the visit lasts."""
    return look.get(Application, UUID(noted("id"))) if _within(noted("at")) else None


def is_unlocked(application: Application) -> bool:
    """Whether the applicant's phone was proved in this visit, or the applicant is signed in."""
    return (_is_proved(application) and takes_the_phone(application)) or is_own(application)


def takes_the_phone(application: Application) -> bool:
    """Whether the phone of the file opens it: not a former guardian's, and a file that was emptied has none."""
    look = object_session(application)
    return look is not None and bool(application.phone) and is_still_theirs(look, application, now=now())


def _is_proved(application: Application) -> bool:
    look, proved = object_session(application), noted("proved")
    held = once.look(look, PROVED, proved, now=now()) if look is not None and proved else None
    return held is not None and held.subject == application.id


def is_own(application: Application) -> bool:
    """Whether the application is that of the resident who is signed in."""
    visitor, look = me(), object_session(application)
    if visitor is None or visitor.is_staff or look is None:
        return False
    return belongs_to(look, application, visitor.person_id, now=now())


def visiting(view: StatusView) -> StatusView:
    """For pages of the application that the code opened."""

    @wraps(view)
    def run(*given: Any, **named: Any) -> Response:
        application = opened(db)
        if application is None:
            return redirect(url_for("enrolment.find_status"), 303)
        return view(application, *given, **named)

    return run


def unlocked(view: StatusView) -> StatusView:
    """For pages that take the phone as well."""

    @visiting
    @wraps(view)
    def run(application: Application, *given: Any, **named: Any) -> Response:
        if not is_unlocked(application):
            return redirect(url_for("enrolment.status"), 303)
        return view(application, *given, **named)

    return run


def _within(moment: str | None) -> bool:
    return moment is not None and now() - datetime.fromisoformat(moment) < LIFE
