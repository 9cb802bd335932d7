"""A page that was open for too long, where the view has no form to show again: one press sends the same once more.

Forms say it themselves and keep what was typed (`HouseForm`); a roster of ticks or a single button comes here.
"""

from __future__ import annotations

from flask import Response, request

from portal.form_place import PLACE
from portal.language import _
from portal.pages import page

OURS = {"same-origin", "none"}
"""Where a request may come from to be offered again (Fetch Metadata); browsers older than it tell their origin."""
NOT_REPEATED = ("password",)
"""Fields that are never written into a page."""


def page_stale(words: str) -> Response:
    """Nothing was done; what was entered and ticked waits on this page with a fresh form token."""
    sent = _sent()
    return page("stale.html", 400, title=_("Nothing was done yet"), sentence=words, sent=sent, target=_target())


def _sent() -> list[tuple[str, str]] | None:
    """What was sent; None where it cannot be sent again, or where no page of ours sent it."""
    names = request.form.keys()
    if request.method != "POST" or not _is_ours() or request.files:
        return None
    if any(word in name for name in names for word in NOT_REPEATED):
        return None
    return [(name, value) for name, value in request.form.items(multi=True) if name not in {"csrf_token", PLACE}]


def _is_ours() -> bool:
    """Whether a page of this site sent it: one press of a page made by a stranger must not act."""
    site = request.headers.get("Sec-Fetch-Site")
    return site in OURS if site else request.headers.get("Origin") == request.host_url.rstrip("/")


def _target() -> str:
    return request.full_path.rstrip("?")
