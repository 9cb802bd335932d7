"""The sentences of the pages: each is looked up in a catalogue and marked as HTML once in a process.

What Jinja's own functions do for each of the fifty sentences of a page, every time, was an eighth of its cost.
"""

from __future__ import annotations

from typing import Any

from flask import Flask, g
from flask_babel import get_translations
from markupsafe import Markup


class Sentences(dict[str, Markup]):
    """The texts of one catalogue, still with their placeholders."""

    def __init__(self, catalogue: Any) -> None:
        super().__init__()
        self.catalogue = catalogue
        self.finished: dict[str, Markup] = {}
        """Those without placeholders, as they are shown."""

    def __missing__(self, text: str) -> Markup:
        found = self[text] = Markup(self.catalogue.ugettext(text))  # noqa: S704 - catalogues are ours
        return found

    def finish(self, text: str) -> Markup:
        """A sentence without values; always a format string, so that `%%` means the same in every sentence."""
        found = self.finished.get(text)
        if found is None:
            found = self.finished[text] = self[text] % {}
        return found


def of_reader() -> Sentences:
    """Those of the reader's language. They hang on their catalogue, so that they go with it."""
    catalogue = get_translations()
    if not hasattr(catalogue, "sentences"):
        catalogue.sentences = Sentences(catalogue)
    found: Sentences = catalogue.sentences
    return found


def gettext(text: str, /, **values: Any) -> Markup:
    """`_('Signed in since %(moment)s', moment=…)` in a template; values are escaped."""
    sentences: Sentences = g.get("sentences") or of_reader()
    return sentences[text] % values if values else sentences.finish(text)


def ngettext(one: str, many: str, number: int, /, **values: Any) -> Markup:
    """`ngettext('%(num)s code left', '%(num)s codes left', left)` in a template."""
    sentences: Sentences = g.get("sentences") or of_reader()
    return Markup(sentences.catalogue.ungettext(one, many, number)) % {"num": number, **values}  # noqa: S704


def init(app: Flask) -> None:
    """Use them in every template."""
    app.jinja_env.install_gettext_callables(gettext, ngettext, newstyle=True)  # type: ignore[attr-defined]
    app.jinja_env.globals.update(gettext=gettext, ngettext=ngettext, _=gettext)
