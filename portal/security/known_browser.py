"""By what an account knows a browser again (`identity.credentials.known_browser`): a cookie that lets nobody in."""

from __future__ import annotations

from datetime import timedelta

from flask import Response

from identity.deadlines import rule, today_in_vietnam
from portal.security.cookies import is_member_device, set_cookie
from portal.services import now

KNOWN_BROWSER = "eid_known"


def remember(response: Response, introduction: str) -> None:
    """The account knows this browser from here on; a helper's phone is never known."""
    if not is_member_device():
        life = timedelta(days=rule("known_browser_days", today_in_vietnam(now())))
        set_cookie(response, KNOWN_BROWSER, introduction, life)
