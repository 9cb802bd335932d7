"""Cookies: the session token and how any cookie of ours is set.

With an https issuer names carry the `__Host-` prefix (RFC 6265bis section 4.1.3.2) and the Secure flag; a demonstration
on http://localhost cannot, so its names are plain.
"""

from __future__ import annotations

from datetime import timedelta

from flask import Response, request

from portal.services import services

SESSION = "eid_session"
MEMBER_DEVICE = "eid_member_device"
"""Set by the team's area on a helper's phone: nobody who is helped stays signed in there, nothing is remembered."""
CLOSED = "team_closed"
SCREEN = "screen_of"
A_YEAR = 365 * 24 * 3600


def cookie_name(name: str) -> str:
    """The name under which `name` travels in this setting."""
    return f"__Host-{name}" if services().settings.https else name


def read_cookie(name: str) -> str | None:
    """The value the browser sent."""
    return request.cookies.get(cookie_name(name))


def is_member_device() -> bool:
    """Whether this is a helper's phone."""
    return read_cookie(MEMBER_DEVICE) is not None


def set_cookie(response: Response, name: str, value: str, life: timedelta | None = None) -> None:
    """HttpOnly, SameSite=Lax, whole site; without `life` it ends with the browser."""
    response.set_cookie(
        cookie_name(name),
        value,
        max_age=None if life is None else int(life.total_seconds()),
        secure=services().settings.https,
        httponly=True,
        samesite="Lax",
        path="/",
    )


def drop_cookie(response: Response, name: str) -> None:
    """Tell the browser to forget it."""
    response.delete_cookie(cookie_name(name), secure=services().settings.https, httponly=True, samesite="Lax", path="/")


def set_taste(response: Response, name: str, value: str, *, http_only: bool = True) -> None:
    """A choice of the reader's, kept for a year: it says nothing about who they are, so its name is plain."""
    response.set_cookie(
        name, value, max_age=A_YEAR, secure=services().settings.https, httponly=http_only, samesite="Lax"
    )


def sign_in(response: Response, token: str) -> None:
    """Give the browser the token of a session just opened. A screen that another may have left open closes."""
    set_cookie(response, SESSION, token)
    if SCREEN in request.cookies:
        response.delete_cookie(SCREEN, samesite="Lax")


def sign_out(response: Response) -> None:
    """Take it away. A member's phone is told to lock its outbox, which it reads before it shows anything."""
    drop_cookie(response, SESSION)
    response.delete_cookie(SCREEN, samesite="Lax")  # without it no screen of a session is shown (static/js/training.js)
    if read_cookie(MEMBER_DEVICE):
        set_taste(response, CLOSED, "1", http_only=False)
