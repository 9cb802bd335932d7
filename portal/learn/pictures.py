"""The pictures of the lessons, put into the page: one request less on a slow network."""

from __future__ import annotations

from functools import cache

from markupsafe import Markup

from portal.assets import FOLDER


@cache
def picture(code: str) -> Markup:
    """The drawing of a lesson, for an element that says in words what it shows. It is a file of ours."""
    return Markup((FOLDER / "img" / "lessons" / f"{code}.svg").read_text().strip())  # noqa: S704
