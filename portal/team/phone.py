"""The part that works without network: one page a language, its files, and the worker that keeps them.

The page is the same for everybody and names nobody, so it is public and may stand in a cache; whose outbox it shows is
known to the phone alone. Records are encrypted there and sent to `team.sync`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from flask import Response, abort, current_app, jsonify, make_response, redirect, render_template, url_for
from werkzeug.wrappers import Response as Answer

from onboarding.catalogue import Task
from onboarding.free_text import WORDS
from portal.assets import asset
from portal.errors import SENTENCES
from portal.language import NAMES, _, current_locale, force_locale
from portal.security import anyone, guarded
from portal.security.headers import policy
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
ON_PHONE = ("family", "before_name", "before_place", "products")
"""The longer lists stay on the server: the page would weigh more than its budget."""
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
    response = make_response(_page(language))
    response.headers["Cache-Control"] = "no-cache"
    return response


@blueprint.get("/app/<language>.webmanifest")
@guarded(anyone)
def manifest(language: str) -> Response:
    with force_locale(_offered(language).replace("-", "_")):
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
    """The worker with the list of what it keeps; a change of any of it makes it a new version."""
    pages = [url_for("team.app_page", language=language) for language in _languages()]
    files = [*pages, *(asset(name) for name in FILES)]
    content = "".join([*map(_page, _languages()), *files, asset("js/team/worker.js")])
    version = hashlib.sha256(content.encode()).hexdigest()[:12]
    script = current_app.extensions["assets"].files["js/team/worker.js"].decode()
    head = f'const VERSION = "{version}";\nconst FILES = {current_app.json.dumps(files)};\n'
    response = Response(head + script, mimetype="text/javascript")
    response.headers["Cache-Control"] = "no-cache"
    return response


@blueprint.after_request
def allow_worker(response: Response) -> Response:
    """The member's pages may make one Trusted Types policy: it names the worker (static/js/team/device.js)."""
    if response.mimetype == "text/html":
        rules = policy().replace("trusted-types 'none'", "trusted-types team-worker")
        response.headers["Content-Security-Policy"] = rules
    return response


def _languages() -> tuple[str, ...]:
    return services().settings.locales


def _offered(language: str) -> str:
    if language not in NAMES or language not in _languages():
        abort(404)
    return language


def _page(language: str) -> str:
    """The page, drawn once a process: nothing in it depends on who asks."""
    drawn = current_app.extensions.setdefault("team_pages", {})
    if _offered(language) not in drawn:
        with force_locale(language.replace("-", "_")):
            drawn[language] = render_template(
                "team/app.html",
                form=PhoneForm(formdata=None),
                big_text=False,
                locale=language,
                me=None,
                words=dict(_words()),
                script=scripts.APP,
                look=scripts.LOOK,
            )
    return str(drawn[language])


def _words() -> Iterator[tuple[str, str]]:
    """Sentences and lists that the scripts need, by key; what the form says already they read there."""
    yield from ((f"list-{kind}", " ".join(sorted(words))) for kind, words in WORDS.items() if kind in ON_PHONE)
    yield from ((code, str(SENTENCES[code])) for code in CHECKED)
    yield from ((f"task-{task}", str(TASKS[task])) for task in Task if task not in WHOLE_TASKS)
