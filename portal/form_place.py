"""The page on which a form stands: where its answer is shown, and where whoever had to sign in comes back to."""

from __future__ import annotations

from flask import current_app, request
from werkzeug.exceptions import HTTPException

PLACE = "form_place"
"""The field that says on which page a form stands, for those whose own address cannot be looked at."""


def place_of_form() -> str | None:
    """Where to look at the form that was sent: its own address, else the page it stands on; None if neither is ours."""
    if can_be_looked_at(request.path):
        return request.full_path.rstrip("?")
    named = request.form.get(PLACE, "")
    is_path = named.startswith("/") and named[1:2] not in {"/", "\\"} and named.isprintable()
    return named if is_path and can_be_looked_at(named.partition("?")[0]) else None


def can_be_looked_at(path: str) -> bool:
    """Whether a page of ours answers at this address."""
    adapter = current_app.create_url_adapter(request)
    try:
        return adapter is not None and bool(adapter.match(path, method="GET"))
    except HTTPException:  # also a redirect of the router: no page of ours answers there
        return False
