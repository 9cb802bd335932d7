"""Pages for where there is no network: the same for everybody, naming nobody, kept in the browser by a worker of ours.

The worker's script comes with the list of what it keeps; a change of any of it makes it a new version.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from flask import Response, abort, current_app, make_response, render_template

from portal.assets import asset, compress_once
from portal.language import force_locale
from portal.security.headers import policy
from portal.services import services


def offered(language: str) -> str:
    """The language, if the portal speaks it; else there is no such page."""
    if language not in services().settings.locales:
        abort(404)
    return language


def drawn(template: str, language: str, context: Callable[[], dict[str, Any]] = dict) -> str:
    """The page in one language, drawn once a process: nothing in it depends on who asks."""
    pages: dict[tuple[str, str], str] = current_app.extensions.setdefault("offline_pages", {})
    found = pages.get((template, offered(language)))
    if found is None:
        with force_locale(language.replace("-", "_")):
            found = render_template(template, big_text=False, locale=language, me=None, **context())
        pages[template, language] = found
    return found


def checked_anew(content: str, mimetype: str = "text/html") -> Response:
    """An answer that browsers keep, and ask about each time."""
    response = make_response(content)
    response.mimetype = mimetype
    response.headers["Cache-Control"] = "no-cache"
    return compress_once(response)


def worker_script(script: str, pages: Mapping[str, str], files: Iterable[str], **more: str) -> Response:
    """The asset `script` with what it keeps: drawn pages by their address, and assets. `more` it reads by those names.

    The script finds them as VERSION, FILES (the pages first) and the names of `more`, in capitals.
    """
    kept = [*pages, *(asset(name) for name in files)]
    version = hashlib.sha256("".join([*pages.values(), *kept, asset(script)]).encode()).hexdigest()[:12]
    given = {"VERSION": version, "FILES": kept, **{name.upper(): value for name, value in more.items()}}
    head = "".join(f"const {name} = {current_app.json.dumps(value)};\n" for name, value in given.items())
    return checked_anew(head + current_app.extensions["assets"].files[script].decode(), "text/javascript")


def allow_worker(response: Response, name: str) -> Response:
    """Pages of a slice may make the one Trusted Types policy of this name: it says which script is the worker."""
    if response.mimetype == "text/html":
        rules = policy().replace("trusted-types 'none'", f"trusted-types {name}")
        response.headers["Content-Security-Policy"] = rules
    return response
