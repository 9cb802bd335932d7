"""How an answer goes back: by a redirect, or by a form that the browser posts (Form Post Response Mode 1.0)."""

from __future__ import annotations

from flask import redirect
from werkzeug.wrappers import Response

from identity.oidc.errors import FORM_POST
from identity.oidc.visit import Answer
from portal.frame import Answer as Answered
from portal.language import in_our_language
from portal.pages import page
from portal.security import allow_form_target


def give_back(answer: Answer) -> Response:
    """The answer in the mode that was asked. Without JavaScript the person presses the button of the form."""
    way_back = answer.way_back
    if way_back.mode != FORM_POST:
        return lead_to(answer.address)
    allow_form_target(way_back.redirect_uri)
    leading_on = page(
        "oidc/form_post.html",
        action=way_back.redirect_uri,
        answers=answer.parameters,
        name=in_our_language(way_back.client.name) or way_back.client.client_id if way_back.client else "",
    )
    leading_on.may_wait = False  # it carries the code
    return leading_on


def lead_to(address: str) -> Response:
    """A redirect, without a page that nobody reads."""
    return Answered(b"", 303, [("Location", address)]) if address.isascii() else redirect(address, 303)
