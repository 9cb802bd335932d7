"""The part that works without network: one page a language, its files, and the worker that keeps them.

The page is the same for everybody and names nobody, so it is public and may stand in a cache; whose outbox it shows is
known to the phone alone. Records are encrypted there and sent to `team.sync`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flask import Response, jsonify, redirect, url_for
from werkzeug.wrappers import Response as Answer

from onboarding.catalogue import Task
from portal import offline
from portal.assets import asset
from portal.errors import SENTENCES
from portal.language import _, current_locale, force_locale
from portal.security import anyone, guarded
from portal.services import services
from portal.team import blueprint, scripts
from portal.team.forms import WHOLE_TASKS, PhoneForm
from portal.words.assistance import TASKS

FILES = (
    scripts.LOOK,
    scripts.APP,
    "fonts/bvp-400.woff2",
    "fonts/bvp-600.woff2",
    "img/mark.svg",
)
CHECKED = (
    "assistance-obstacle",
    "assistance-referred",
    "assistance-own-hand",
    "assistance-not-authorised",
    "assistance-in-future",
    "note-has-name",
    "note-has-number",
    "note-has-address",
    "note-has-secret",
)
"""Refusals that the phone says in the same words before the server would."""


@blueprint.get("/app")
@guarded(anyone)
def app() -> Answer:
    return redirect(url_for("team.app_page", language=current_locale()))


@blueprint.get("/app/<language>")
@guarded(anyone)
def app_page(language: str) -> Response:
    return offline.checked_anew(_page(language))


@blueprint.get("/app/<language>.webmanifest")
@guarded(anyone)
def manifest(language: str) -> Response:
    with force_locale(offline.offered(language).replace("-", "_")):
        icon = {"src": asset("img/mark.svg"), "type": "image/svg+xml", "sizes": "any", "purpose": "any"}
        response = jsonify(
            id="/team/app",
            name=_("Community digital technology team"),
            short_name=_("Digital team"),
            lang=language,
            start_url=url_for("team.app_page", language=language),
            scope="/team/",
            display="standalone",
            background_color="#faf8f4",
            theme_color="#84161b",
            icons=[icon],
        )
    response.mimetype = "application/manifest+json"
    response.headers["Cache-Control"] = "no-cache"
    return response


@blueprint.get("/worker.js")
@guarded(anyone)
def worker() -> Response:
    pages = {url_for("team.app_page", language=one): _page(one) for one in services().settings.locales}
    return offline.worker_script("js/team/worker.js", pages, FILES)


@blueprint.after_request
def allow_worker(response: Response) -> Response:
    """It is registered by static/js/team/device.js."""
    return offline.allow_worker(response, "team-worker")


def _page(language: str) -> str:
    return offline.drawn("team/app.html", language, _context)


def _context() -> dict[str, Any]:
    form, words = PhoneForm(formdata=None), dict(_words())
    return {"form": form, "words": words, "script": scripts.APP, "look": scripts.LOOK}


def _words() -> Iterator[tuple[str, str]]:
    """Sentences that the scripts need, by key; what the form says already they read there."""
    yield from ((code, str(SENTENCES[code])) for code in CHECKED)
    yield from ((f"task-{task}", str(TASKS[task])) for task in Task if task not in WHOLE_TASKS)
