"""Pages that anyone may read, and the two switches of the reader."""

from __future__ import annotations

from flask import Response, abort, current_app, redirect, request
from werkzeug.wrappers import Response as Answer

from portal.home import blueprint
from portal.language import COOKIE as LANGUAGE_COOKIE
from portal.pages import TEXT_SIZE_COOKIE, local_path, page
from portal.services import services

A_YEAR = 365 * 24 * 3600
TEXT_SIZES = ("normal", "big")


@blueprint.get("/")
def index() -> Response:
    return page("home/index.html")


@blueprint.get("/help")
def help() -> Response:  # the endpoint's name is part of the site's map
    return page("home/help.html")


@blueprint.get("/privacy")
def privacy() -> Response:
    return page("home/privacy.html")


@blueprint.get("/accessibility")
def accessibility() -> Response:
    return page("home/accessibility.html")


@blueprint.get("/terms")
def terms() -> Response:
    return page("home/terms.html")


@blueprint.post("/language/<code>")
def language(code: str) -> Answer:
    """The reader's own choice of language; it wins over the browser's."""
    if code not in services().settings.locales:
        abort(404)
    return _remember(LANGUAGE_COOKIE, code)


@blueprint.post("/text-size")
def text_size() -> Answer:
    """Big text on or off; a script does the same without the round trip, so the cookie is open to scripts."""
    size = request.form.get("size", "")
    if size not in TEXT_SIZES:
        abort(400)
    return _remember(TEXT_SIZE_COOKIE, size, http_only=False)


def _remember(name: str, value: str, http_only: bool = True) -> Answer:
    """Set a cookie of taste, which says nothing about who the reader is, and show the same page again."""
    response = redirect(local_path(request.form.get("next")), 303)
    secure = bool(current_app.config["SESSION_COOKIE_SECURE"])
    response.set_cookie(name, value, max_age=A_YEAR, secure=secure, httponly=http_only, samesite="Lax")
    return response
