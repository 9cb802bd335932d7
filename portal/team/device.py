"""Marks the browser as a member's device: nobody who activates on it stays signed in there (enrolment, activation)."""

from __future__ import annotations

import secrets
from datetime import timedelta

from flask import Response

from portal.security.cookies import read_cookie, set_cookie
from portal.team import blueprint

COOKIE = "eid_member_device"
LIFE = timedelta(days=400)


@blueprint.after_request
def mark_device(response: Response) -> Response:
    """A random id that says nothing about the member; only its presence counts."""
    if response.status_code == 200 and not read_cookie(COOKIE):
        set_cookie(response, COOKIE, secrets.token_urlsafe(16), LIFE)
    return response
