"""Pages for whoever has not signed in, drawn once and then only filled in: form token, where to go, way back.

Such a page is made of some fifty sentences and a dozen components, and these three are all that differs between two
readers of one language. It is drawn with marks in their places; each reader gets the pieces, with values in between.
What a form brings along, errors or what was typed, is drawn as any other page.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import chain
from typing import Any
from urllib.parse import quote

from flask import current_app, g, render_template, request, url_for
from flask_wtf.csrf import generate_csrf
from markupsafe import escape

from portal import sentences
from portal.language import current_locale
from portal.pages import Page, big_text, here

NEXT, HERE, TOKEN = "\x02next\x02", "\x02here\x02", "\x02token\x02"
"""Marks as they stand in text; in an address they come percent-encoded, and so does their value then."""
IN_ADDRESS = quote(NEXT)
PLACES = re.compile("|".join((NEXT, IN_ADDRESS, HERE, TOKEN)))
KEPT = "ready pages"
Pieces = tuple[list[str], list[str]]
"""The text between the places, and which place follows each piece but the last."""


class ReadyPage(Page):
    """A page with an empty form; `target` is where the person wants to go. `context` is the same for every reader."""

    def __init__(self, template: str, make_form: Callable[[], Any], target: str | None, **context: Any) -> None:
        super().__init__(template, 200, context)
        self.make_form, self.target = make_form, target
        self.headers["Cache-Control"] = "no-store"

    def render(self) -> None:
        """Fill in the content, once."""
        if self.template is None:
            return
        text, places = self._pieces(self.template)
        values = self._values()
        filled = chain.from_iterable(zip(text, (values[place] for place in places), strict=False))
        self.set_data("".join((*filled, text[-1])))
        self.template = None

    def _values(self) -> dict[str, str]:
        leading_on = url_for("account.sign_in", next=self.target).partition("next=")[2]
        values = {NEXT: escape(self.target or ""), IN_ADDRESS: escape(leading_on), HERE: escape(here())}
        return {**values, TOKEN: generate_csrf()}

    def _pieces(self, template: str) -> Pieces:
        kept: dict[Any, Pieces] = current_app.extensions.setdefault(KEPT, {})
        reader = current_locale(), big_text(), g.get("is_popup", False)
        key = (template, request.endpoint, self.target is None, *reader)
        if key not in kept:
            drawn = self._drawn(template)
            kept[key] = PLACES.split(drawn), PLACES.findall(drawn)
        return kept[key]

    def _drawn(self, template: str) -> str:
        """With the marks in it; the form token is kept by the request, so the mark takes its place there."""
        token, g.csrf_token, g.sentences = generate_csrf(), TOKEN, sentences.of_reader()
        g.place_mark = HERE
        marked = {"next": None if self.target is None else NEXT, "here": lambda: HERE}
        try:
            return render_template(template, form=self.make_form(), **marked, **self.context)
        finally:
            g.csrf_token = token
            del g.sentences, g.place_mark
