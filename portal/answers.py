"""What a form is answered has an address of its own: going back and reloading never ask to send again.

A browser keeps the answer to a POST only as the question whether to send it once more, and `no-store` leaves it
nothing else to show. So a page that answers a form waits, sealed, for one look of this browser within a minute, and the
answer to the POST is the way there (303), as after a form that was right. It is shown where the form stands; whoever
comes back there later finds the form as it is by then, and what was saved in it. It needs no script.

What waits is a ticket of the ledger under a secret in a cookie, this address and this session. Passwords are never in a
page, one-time codes are left out of these; pages that lead on by themselves and papers are answered at once.
"""

from __future__ import annotations

import re
import secrets
import zlib
from base64 import b64decode, b64encode
from datetime import timedelta
from typing import Any

from flask import Response, g, request
from markupsafe import escape
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.urls import iri_to_uri

from identity.once import issue, redeem
from portal.database import database, roll_back
from portal.form_place import place_of_form
from portal.security.cookies import SESSION, cookie_name, drop_cookie, read_cookie, set_cookie
from portal.security.visitor import me
from portal.services import now

COOKIE = "eid_answer"
PURPOSE = "answer"
WAITS = timedelta(minutes=1)
LARGEST = 200_000
"""Bytes, compressed; what is larger (many pictures) is answered at once."""
LOOKS = {"navigate", "same-origin"}
"""How a page is looked at: by the browser, or by a worker of ours for it. What scripts fetch has the mode "cors"."""
UNADDRESSED = re.compile(rb'<form(?=[^>]*\bmethod="post")(?![^>]*\baction=)')


def addressed(page: bytes) -> bytes:
    """The page with an address in forms that have none, as they mean the one that answers, not where they are shown."""
    here = request.full_path.rstrip("?")
    if place_of_form() in {None, here}:
        return page
    action = str(escape(here)).encode().replace(b"\\", b"\\\\")
    return UNADDRESSED.sub(b'<form action="' + action + b'"', page)


def is_put_aside() -> bool:
    """Whether a browser sent a form of ours and will follow: programs and scripts get their answer at once."""
    sent = request.headers.get("Sec-Fetch-Mode"), request.headers.get("Sec-Fetch-Site")
    return request.method == "POST" and sent == ("navigate", "same-origin") and "writes" in g


def put_aside(response: Response) -> Response:
    """The drawn page waits; the answer leads there. Where it cannot wait (database away), it is the answer."""
    place, packed = place_of_form(), zlib.compress(response.get_data())
    if place is None or len(packed) > LARGEST or _changes_session(response):
        return response
    roll_back()  # what drawing the page has read: on SQLite it would hold up the next line
    policy = response.headers.get("Content-Security-Policy") if "form_target" in g else None
    payload = {"page": b64encode(packed).decode(), "status": response.status_code, "policy": policy}
    secret, moment = secrets.token_urlsafe(32), now()
    try:
        with database().transaction() as db:
            bound = _bound(secret, place)
            issue(db, PURPOSE, None, now=moment, expires_at=moment + WAITS, payload=payload, secret=bound)
    except SQLAlchemyError:
        return response
    response.set_data(b"")
    response.status_code, response.headers["Location"] = 303, iri_to_uri(place)
    set_cookie(response, COOKIE, secret, WAITS)
    return response


def waiting_answer() -> Response | None:
    """The page that waits here for this browser and this session, once."""
    secret = read_cookie(COOKIE) if request.method == "GET" else None
    if not secret or request.headers.get("Sec-Fetch-Mode") not in LOOKS:
        return None
    with database().transaction() as db:
        found = redeem(db, PURPOSE, _bound(secret, request.full_path.rstrip("?")), now=now())
    return None if found is None else _shown(found.payload)


def _shown(waiting: dict[str, Any]) -> Response:
    response = Response(zlib.decompress(b64decode(waiting["page"])), waiting["status"], mimetype="text/html")
    response.headers["Cache-Control"] = "no-store"
    if waiting["policy"]:
        response.headers["Content-Security-Policy"] = waiting["policy"]
    drop_cookie(response, COOKIE)
    return response


def _bound(secret: str, place: str) -> str:
    visitor = me()
    return f"{secret} {place} {visitor.session_id if visitor else ''}"


def _changes_session(response: Response) -> bool:
    """Who signs in or out by this answer is another one when they follow."""
    return any(cookie.startswith(f"{cookie_name(SESSION)}=") for cookie in response.headers.getlist("Set-Cookie"))
