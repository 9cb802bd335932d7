"""Marks the browser as a member's device: nobody who activates on it stays signed in there (enrolment, activation)."""

from __future__ import annotations

import secrets
from datetime import timedelta

from flask import Response, request
from flask.blueprints import BlueprintSetupState

from onboarding.assistance import owner_tag
from portal.database import db
from portal.security import me
from portal.security.cookies import MEMBER_DEVICE as COOKIE
from portal.security.cookies import read_cookie, set_cookie
from portal.team import blueprint

LIFE = timedelta(days=400)


@blueprint.after_request
def mark_device(response: Response) -> Response:
    """A random id that says nothing about the member; only its presence counts."""
    if response.status_code == 200 and not read_cookie(COOKIE):
        set_cookie(response, COOKIE, secrets.token_urlsafe(16), LIFE)
    return response


@blueprint.record
def offer(state: BlueprintSetupState) -> None:
    """Templates ask for it: signing out with records unsent is asked about wherever one signs out."""
    state.app.jinja_env.globals.update(is_outbox_here=is_outbox_here, outbox_name=outbox_name)


def is_outbox_here() -> bool:
    """Whether an outbox may lie in this browser and somebody is signed in; the member's own pages see to it anyway."""
    return read_cookie(COOKIE) is not None and me() is not None and request.blueprint != blueprint.name


def outbox_name() -> str:
    """Whose outbox may be open here; nobody's when it is not a member of staff who is signed in."""
    visitor = me()
    return owner_tag(db, visitor.account_id) if visitor is not None and visitor.is_staff else ""
