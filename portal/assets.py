"""Static files with their content's hash in the address, compressed answers, and inline icons.

Pages are compressed although they hold secrets, because what a BREACH attacker could learn is worth nothing: the form
token is signed together with the second it was made in (itsdangerous' timed signature), so the part that grants
anything changes with every second, and the session cookie (SameSite) does not travel with a stranger's requests.
Pages that show a secret once (recovery codes, TOTP keys) cannot be asked for a second time.
"""

from __future__ import annotations

import gzip
import hashlib
import mimetypes
import re
from functools import lru_cache
from pathlib import Path

import brotli
from flask import Flask, Response, abort, current_app, make_response, request, url_for
from markupsafe import Markup

FOLDER = Path(__file__).resolve().parent.parent / "static"
NOT_SERVED = {"tools", "icons"}
TEXT = {".css", ".js", ".svg", ".json", ".txt", ".webmanifest", ".wasm"}
A_YEAR = "public, max-age=31536000, immutable"
A_WHILE = "public, max-age=300"
WORTH_COMPRESSING = 1024
REMARK = re.compile(rb"^[ \t]*/\*(?!!)(?:(?!\*/).)*\*/[ \t]*\n", re.MULTILINE | re.DOTALL)
"""A comment with lines of its own in a style or script: for those who read the source, not for a phone's data plan."""

mimetypes.add_type("font/woff2", ".woff2")
mimetypes.add_type("application/manifest+json", ".webmanifest")


class Assets:
    """The files of one folder, read once at the start (a release changes them, nothing else does)."""

    def __init__(self, folder: Path) -> None:
        self.files: dict[str, bytes] = {}
        for path in sorted(folder.rglob("*")):
            name = path.relative_to(folder).as_posix()
            if path.is_file() and name.split("/")[0] not in NOT_SERVED:
                content = path.read_bytes()
                self.files[name] = REMARK.sub(b"", content) if is_ours(name) else content
        self.versions = {name: _digest(content) for name, content in self.files.items()}
        for name in [n for n in self.files if n.endswith(".css")]:
            self.files[name] = self._with_versions(name)
            self.versions[name] = _digest(self.files[name])

    def add(self, name: str, content: bytes) -> None:
        """One more file, made of others."""
        self.files[name], self.versions[name] = content, _digest(content)

    def _with_versions(self, name: str) -> bytes:
        """A stylesheet whose `url(../x)` carry versions too, so that a preloaded font is not fetched a second time."""

        def versioned(match: re.Match[str]) -> str:
            return f"url({match[1]}?v={self.versions[match[1].removeprefix('../')]})"

        return re.sub(r"url\((\.\./[\w./-]+)\)", versioned, self.files[name].decode()).encode()


@lru_cache(maxsize=256)
def smallest(content: bytes, coding: str) -> bytes:
    """What is the same for everybody in `coding`, at the slowest setting, made when it is first asked for."""
    return brotli.compress(content, quality=11) if coding == "br" else gzip.compress(content, 9, mtime=0)


def is_ours(name: str) -> bool:
    """Whether it is a style or script of the house; what others wrote is passed on as it is."""
    return name.endswith((".css", ".js")) and not name.startswith("vendor/")


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:12]


def asset(path: str) -> str:
    """Address of a static file; it changes when the content does, so that caches may keep it for ever."""
    return url_for("static", filename=path, v=_assets().versions[path])


@lru_cache(maxsize=256)
def icon(name: str, css: str = "") -> Markup:
    """A Lucide icon as inline SVG, silent for screen readers (the word beside it says it). Unknown names raise."""
    source = (FOLDER / "icons" / f"{name}.svg").read_text()
    drawing = re.sub(
        r"\s+",
        " ",
        source.partition("<svg")[2].partition(">")[2].rpartition("</svg>")[0],
    ).strip()
    drawing = drawing.replace("> <", "><").replace(" />", "/>")
    classes = f"icon {css}".strip()
    frame = '<svg class="{}" viewBox="0 0 24 24" aria-hidden="true" focusable="false">{}</svg>'
    return Markup(frame).format(classes, Markup(drawing))  # noqa: S704 - the drawing is a file of ours


def icon_names() -> list[str]:
    """All icons there are."""
    return sorted(path.stem for path in (FOLDER / "icons").glob("*.svg"))


def _assets() -> Assets:
    found: Assets = current_app.extensions["assets"]
    return found


def send(filename: str) -> Response:
    """A static file, compressed as the browser accepts."""
    assets = _assets()
    if filename not in assets.files:
        abort(404)
    coding = _coding() if Path(filename).suffix in TEXT else ""
    content = assets.files[filename]
    response = make_response(smallest(content, coding) if coding else content)
    response.mimetype = mimetypes.guess_type(filename)[0] or "application/octet-stream"
    # During a rolling release the old process is asked for the new address; what it has must not be kept for a year.
    current = request.args.get("v") == assets.versions[filename]
    response.headers["Cache-Control"] = A_YEAR if current else A_WHILE
    response.headers["ETag"] = f'"{assets.versions[filename]}{coding}"'
    if Path(filename).suffix in TEXT:
        response.vary.add("Accept-Encoding")
    if coding:
        response.headers["Content-Encoding"] = coding
    return response.make_conditional(request)


def _coding() -> str:
    accepted = request.accept_encodings
    return next((coding for coding in ("br", "gzip") if accepted[coding] > 0), "")


def compress_once(response: Response) -> Response:
    """Make a page small that is the same for everybody."""
    response.vary.add("Accept-Encoding")
    if coding := _coding():
        response.set_data(smallest(response.get_data(), coding))
        response.headers["Content-Encoding"] = coding
    return response


def compress(response: Response) -> Response:
    """Compress a page on its way out. As gzip: brotli takes twice as long to make one of ours as small. Nobody reads
    what comes with a redirect."""
    if (
        response.mimetype != "text/html"
        or "Location" in response.headers
        or response.is_streamed
        or response.direct_passthrough
        or "Content-Encoding" in response.headers
    ):
        return response
    response.vary.add("Accept-Encoding")
    content = response.get_data()
    if len(content) >= WORTH_COMPRESSING and request.accept_encodings["gzip"] > 0:
        response.set_data(gzip.compress(content, 5, mtime=0))
        response.headers["Content-Encoding"] = "gzip"
    return response


def init(app: Flask, folder: Path = FOLDER) -> None:
    """Serve `folder` at /static and compress pages. The application is made with `static_folder=None`."""
    app.extensions["assets"] = Assets(folder)
    if "static" not in app.view_functions:
        app.add_url_rule("/static/<path:filename>", endpoint="static", view_func=send)
    app.after_request(compress)
    app.jinja_env.globals.update(asset=asset, icon=icon)
