"""Pages that anyone may read, and the two switches of the reader."""

from __future__ import annotations

from flask import Response, abort, redirect, request
from werkzeug.wrappers import Response as Answer

from portal.home import blueprint
from portal.language import COOKIE as LANGUAGE_COOKIE
from portal.pages import TEXT_SIZE_COOKIE, TEXT_SIZES, local_path, page
from portal.security.cookies import set_taste
from portal.services import services


@blueprint.get("/")
def index() -> Response:
    return page("home/index.html")


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
    """Keep the reader's taste, and show the same page again."""
    response = redirect(local_path(request.form.get("next")), 303)
    set_taste(response, name, value, http_only=http_only)
    return response
