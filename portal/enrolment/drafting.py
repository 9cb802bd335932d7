"""The draft of this browser: its cookie, and where the journey stands."""

from __future__ import annotations

from datetime import timedelta

from flask import Response, redirect, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as WerkzeugResponse

from identity.application import Draft, load_draft, start_draft
from identity.deadlines import rule, today_in_vietnam
from portal.database import db
from portal.language import current_locale
from portal.security.cookies import drop_cookie, read_cookie, set_cookie
from portal.services import now

COOKIE = "eid_application"


def find_draft(session: Session | None = None) -> Draft | None:
    """The draft whose token this browser holds."""
    token = read_cookie(COOKIE)
    return load_draft(session or db, token, now=now()) if token else None


def new_draft() -> Draft:
    """A fresh draft; `keep` hands its token to the browser."""
    return start_draft(db, now=now(), locale=current_locale())


def keep(response: Response | WerkzeugResponse, draft: Draft) -> Response | WerkzeugResponse:
    """Give the browser the token for as long as the draft lives."""
    days = int(rule("draft_open_days", today_in_vietnam(now())))
    set_cookie(response, COOKIE, draft.token or "", timedelta(days=days))
    return response


def forget(response: Response | WerkzeugResponse) -> Response | WerkzeugResponse:
    """Let the browser forget the draft."""
    drop_cookie(response, COOKIE)
    return response


def begin_again() -> WerkzeugResponse:
    """There is no draft (any more): to the start page, which says why."""
    return redirect(url_for("enrolment.start"), 303)
