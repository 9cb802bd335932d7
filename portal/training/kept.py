"""The screen without network: a page that names nobody, and the worker that keeps it with its files.

What it shows, the codes of a session and the ticks not sent yet, is in the trainer's own browser (static/js/screen.js).
"""

from __future__ import annotations

import hashlib

from flask import Response, abort, current_app, make_response, render_template, url_for

from portal.assets import asset
from portal.language import force_locale
from portal.security import anyone, guarded
from portal.security.headers import policy
from portal.services import services
from portal.training import blueprint

WORKER = "js/screen-worker.js"
FILES = (
    "css/portal.css",
    "css/learn.css",
    "js/portal.js",
    "js/training.js",
    "js/screen.js",
    "fonts/bvp-400.woff2",
    "fonts/bvp-600.woff2",
    "img/mark.svg",
)


@blueprint.get("/kept/<language>")
@guarded(anyone)
def kept(language: str) -> Response:
    if language not in services().settings.locales:
        abort(404)
    response = make_response(_page(language))
    response.headers["Cache-Control"] = "no-cache"
    return response


@blueprint.get("/worker.js")
@guarded(anyone)
def worker() -> Response:
    """The worker with the list of what it keeps; a change of any of it makes it a new version."""
    languages = services().settings.locales
    files = [*(url_for("training.kept", language=one) for one in languages), *(asset(name) for name in FILES)]
    version = hashlib.sha256("".join([*map(_page, languages), *files, asset(WORKER)]).encode()).hexdigest()[:12]
    head = f'const VERSION = "{version}";\nconst FILES = {current_app.json.dumps(files)};\n'
    script = current_app.extensions["assets"].files[WORKER].decode()
    response = Response(head + script, mimetype="text/javascript")
    response.headers["Cache-Control"] = "no-cache"
    return response


@blueprint.after_request
def allow_worker(response: Response) -> Response:
    """The trainer's pages may make one Trusted Types policy: it names the worker (static/js/screen.js)."""
    if response.mimetype == "text/html":
        rules = policy().replace("trusted-types 'none'", "trusted-types screen-worker")
        response.headers["Content-Security-Policy"] = rules
    return response


def _page(language: str) -> str:
    """The page, drawn once a process: nothing in it depends on who asks."""
    drawn: dict[str, str] = current_app.extensions.setdefault("screen_pages", {})
    if language not in drawn:
        with force_locale(language.replace("-", "_")):
            drawn[language] = render_template(
                "training/screen.html", session=None, big_text=False, locale=language, me=None, present="", size=1
            )
    return drawn[language]
