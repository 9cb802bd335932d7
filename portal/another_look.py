"""Another language or big text in the middle of a form: what was typed is sent, nothing is done, the form comes again.

The buttons stand outside the form, so they name it (`form`), and behind it, or Enter in a field would press them. They
send no file, which no browser would take back. Where nothing can be typed they are forms of their own (`home.views`).
"""

from __future__ import annotations

import re

import flask_babel
from flask import Flask, Response, g, redirect, request, url_for
from markupsafe import Markup

from portal.form_place import can_be_looked_at, place_of_form
from portal.language import COOKIE
from portal.pages import TEXT_SIZE_COOKIE, TEXT_SIZES
from portal.security.cookies import set_taste
from portal.services import services

LANGUAGE, SIZE = "in_language", "in_size"
FORM_ID = "typing"
FORM = re.compile(r"<form([^>]*)>")
NAMED = re.compile(r'\sid="([^"]*)"')
ACTION = re.compile(r'\saction="([^"]*)"')
TYPED_INTO = re.compile(r'<textarea|<select|<input(?![^>]*\btype="(?:hidden|submit)")')


def ask_for_another_look() -> None:
    """Note that this form was sent by one of the buttons; from here on the reader gets what it says."""
    code, size = request.form.get(LANGUAGE), request.form.get(SIZE)
    g.another_language = code if code in services().settings.locales else None
    g.another_size = size if size in TEXT_SIZES else None
    if g.another_language:
        flask_babel.refresh()


def is_only_redrawn() -> bool:
    """Whether this post asks for the same form in another language or size, and for nothing else."""
    return bool(g.get("another_language") or g.get("another_size"))


def same_page() -> Response:
    """What is no form of the house has nothing to show again: the page it stands on, as it is."""
    return redirect(place_of_form() or url_for("home.index"), 303)


def remember_look(response: Response) -> Response:
    """Language and size stay chosen. A script sets the size as well, so that cookie is open to scripts."""
    if g.get("another_language"):
        set_taste(response, COOKIE, g.another_language)
    if g.get("another_size"):
        set_taste(response, TEXT_SIZE_COOKIE, g.another_size, http_only=False)
    return response


def with_typing(main: str) -> Markup:
    """The main part of a page, whose first form with something to type in has a name for the buttons (`typing_form`).

    A form that is answered on another page is left out, unless it bears that name already.
    """
    g.typing_form = None
    for form in FORM.finditer(main):
        named = NAMED.search(form[1])
        is_typed_into = TYPED_INTO.search(main, form.end(), main.find("</form>", form.end()))
        if is_typed_into and ((named and named[1] == FORM_ID) or _comes_back_here(form[1])):
            g.typing_form = named[1] if named else FORM_ID
            if not named:
                main = f'{main[: form.end(1)]} id="{FORM_ID}"{main[form.end(1) :]}'
            break
    return Markup(main)  # noqa: S704 - a template escaped it


def _comes_back_here(attributes: str) -> bool:
    """Whether this form is posted and shown again on this page, not on one of its own that has its first field here."""
    if 'method="post"' not in attributes:
        return False
    action = ACTION.search(attributes)
    path = action[1].partition("?")[0] if action else ""
    here = place_of_form() if request.method == "POST" else None
    return path in {"", request.path, (here or "").partition("?")[0]} or not can_be_looked_at(path)


def typing_form() -> str | None:
    """The name of that form, once the main part is drawn."""
    return g.get("typing_form")


def init(app: Flask) -> None:
    """Tell the templates."""
    app.jinja_env.filters["with_typing"] = with_typing
    app.jinja_env.globals["typing_form"] = typing_form
