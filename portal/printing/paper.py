"""An answer on paper: rendered like any page, after the view's commit, then pressed into a PDF.

Without Pango (`make demo` needs nothing but Python), or when the press fails, the answer is the page itself: its print
styles are the same, and it says how to print.
"""

from __future__ import annotations

import subprocess
from ctypes.util import find_library
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from threading import BoundedSemaphore
from typing import Any

import structlog
from flask import Flask

from identity import programs
from portal.language import current_locale, force_locale
from portal.pages import Page

PRESS = Path(__file__).with_name("press.py")
LONGEST = 30
"""Seconds, on a busy machine; a sheet takes about one."""
AT_ONCE = BoundedSemaphore(2)
log = structlog.get_logger("portal")


class Paper(Page):
    """A page that becomes a PDF if it can."""

    may_wait = False

    def __init__(self, template: str, name: str, locale: str, context: dict[str, Any]) -> None:
        super().__init__(template, 200, context)
        self.name, self.locale = name, locale

    def render(self) -> None:
        if self.template is None:
            return
        with force_locale(self.locale):
            super().render()
        made = press(self.get_data()) if can_press() else None
        if made is not None:
            self.set_data(made)
            self.mimetype = "application/pdf"
            self.headers["Content-Disposition"] = f'inline; filename="{self.name}.pdf"'


def paper(template: str, name: str, /, language: str = "", **context: Any) -> Paper:
    """The sheet, never kept by a cache; in the reader's language, or in `language`.

    `name` is that of the file, in ASCII, and says nothing about a person.
    """
    response = Paper(template, name, language.replace("-", "_") or current_locale().replace("-", "_"), context)
    response.headers["Cache-Control"] = "no-store"
    return response


@lru_cache(maxsize=1)
def can_press() -> bool:
    """Whether this machine has what sets type."""
    return bool(find_spec("weasyprint") and find_library("pango-1.0") and find_library("pangoft2-1.0"))


def press(html: bytes) -> bytes | None:
    """The PDF; None when it cannot be made now."""
    if not AT_ONCE.acquire(timeout=LONGEST):
        return None
    try:
        done = programs.run(PRESS, given=html, seconds=LONGEST)
    except subprocess.TimeoutExpired:
        log.error("press-too-slow")
        return None
    finally:
        AT_ONCE.release()
    if done.returncode != 0 or not done.stdout:
        log.error("press-failed", code=done.returncode)
        return None
    return done.stdout


def init(app: Flask) -> None:
    """Templates ask `can_press()` to name what a link leads to."""
    app.jinja_env.globals["can_press"] = can_press
