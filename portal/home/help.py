"""Help for the worried: a list to search, and one short page for each worry with the next thing to do.

The texts are data (`pages/help.json`), written in each language by itself; a test compares them with the table of
failures and remedies that people report.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from flask import Response, abort, url_for

from identity.names import fold
from portal.home import blueprint
from portal.language import in_our_language
from portal.pages import page, searched
from portal.services import services

PAGES = Path(__file__).parent / "pages" / "help.json"
FIRST = ("scam-call", "lost-phone", "code-late", "real-site")
"""Shown before everything else: what cannot wait."""


@dataclass(frozen=True, slots=True)
class Next:
    """A button under the steps."""

    text: str
    href: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One worry in the reader's language."""

    slug: str
    group: str
    title: str
    about: str
    steps: list[str]
    actions: list[Next]
    is_first: bool


@blueprint.get("/help")
def help() -> Response:  # the endpoint's name is part of the site's map
    text = searched()
    found = [_entry(row) for row in rows() if _matches(row, text)]
    groups = [
        (in_our_language(group), [one for one in found if one.group == group["name"]]) for group in _read()["groups"]
    ]
    return page(
        "home/help.html",
        text=text,
        first=[] if text else [one for slug in FIRST for one in found if one.slug == slug],
        groups=[(name, entries) for name, entries in groups if entries],
        count=len(found),
    )


@blueprint.get("/help/<slug>")
def help_entry(slug: str) -> Response:
    row = next((row for row in rows() if row["slug"] == slug), None) or abort(404)
    same = [_entry(other) for other in rows() if other["group"] == row["group"] and other is not row]
    return page("home/help_entry.html", entry=_entry(row), others=same[:5])


def rows() -> list[Mapping[str, Any]]:
    """Every entry as it stands in the file."""
    return list(_read()["entries"])


def _matches(row: Mapping[str, Any], text: str) -> bool:
    """Each word typed is found in a text of either language, with or without marks."""
    words = fold(text).split()
    return all(word in _searchable(row["slug"]) for word in words)


@cache
def _searchable(slug: str) -> str:
    row = next(row for row in rows() if row["slug"] == slug)
    texts = [part for code in ("vi", "en") for part in (row[code]["title"], row[code]["about"], *row[code]["steps"])]
    return fold(" ".join([*texts, *row["words"]]))


def _entry(row: Mapping[str, Any]) -> Entry:
    said: Mapping[str, Any] = row[in_our_language({"vi": "vi", "en": "en"})]
    host = services().settings.host_name
    return Entry(
        slug=row["slug"],
        group=row["group"],
        title=said["title"],
        about=said["about"],
        steps=[step.replace("%(host)s", host) for step in said["steps"]],
        actions=[Next(in_our_language(one), url_for(one["endpoint"], **one["arguments"])) for one in row["actions"]],
        is_first=row["slug"] in FIRST,
    )


@cache
def _read() -> dict[str, Any]:
    return dict(json.loads(PAGES.read_text(encoding="utf-8")))
