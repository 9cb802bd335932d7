"""The screen without network: a page that names nobody, and the worker that keeps it with its files.

What it shows, the codes of a session and the ticks not sent yet, is in the trainer's own browser (static/js/screen.js).
"""

from __future__ import annotations

from flask import Response, url_for

from portal import offline
from portal.security import anyone, guarded
from portal.services import services
from portal.training import blueprint

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
OPENS = r"^/training/sessions/[0-9a-f-]{36}/screen$"


@blueprint.get("/kept/<language>")
@guarded(anyone)
def kept(language: str) -> Response:
    return offline.checked_anew(_page(language))


@blueprint.get("/worker.js")
@guarded(anyone)
def worker() -> Response:
    pages = {url_for("training.kept", language=one): _page(one) for one in services().settings.locales}
    script = "js/kept-worker.js"
    return offline.worker_script(script, pages, FILES, name="screen", language="/training/kept", opens=OPENS)


@blueprint.after_request
def allow_worker(response: Response) -> Response:
    """It is registered by static/js/screen.js."""
    return offline.allow_worker(response, "screen-worker")


def _page(language: str) -> str:
    return offline.drawn("training/screen.html", language, lambda: {"session": None, "present": "", "size": 1})
