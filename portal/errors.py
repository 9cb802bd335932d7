"""From a refusal's code to a page or a problem document (RFC 9457), in the reader's language."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import structlog
from flask import Flask, Response, current_app, g, jsonify, request
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import HTTPException, MethodNotAllowed
from werkzeug.routing import RequestRedirect

import portal.refusals
from identity.base import Refused
from identity.gateways import RegisterUnavailable
from portal.database import roll_back
from portal.language import _, _l
from portal.pages import page
from portal.stale import page_stale

OF_PROGRAMS = "/exchange/"
"""Below it every address is for programs, also one that nobody knows or with a method that it does not take."""
log = structlog.get_logger("portal")

TITLES: dict[int, Any] = {
    400: _l("This request cannot be read"),
    403: _l("You may not do this"),
    404: _l("Page not found"),
    405: _l("Page not found"),
    409: _l("This could not be done"),
    413: _l("The file is too large"),
    429: _l("Too many attempts"),
    500: _l("Something went wrong on our side"),
    503: _l("Out of reach for the moment"),
}
HELP: dict[int, Any] = {
    400: _l("Go back, reload the page and try again."),
    403: _l("Sign in with the account that may do this, or ask your office."),
    404: _l("Check the address, or start again from the home page."),
    405: _l("Check the address, or start again from the home page."),
    413: _l("Send a file of at most 10 MB."),
    429: _l("Wait a few minutes, then try again. Nothing you sent before is lost."),
    500: _l("Nothing was changed by this step. What you saved before is kept. Try again in a few minutes."),
    503: _l("What you saved before is kept. Try again in a few minutes."),
}

FOR_PROGRAMS: dict[int, Any] = {
    **TITLES,
    404: _l("Not found"),
    405: _l("Not allowed here"),
    406: _l("Not in this format"),
}
"""Titles where nobody sees a page."""
WHERE_TO_LOOK = _l("The document /exchange/openapi.json names every address with its methods.")

TRY_AGAIN = {409, 429, 503}
DESCRIPTIONS = {
    "temporarily_unavailable": "The request could not be answered now; try again later",
    "server_error": "Something went wrong on our side",
    "invalid_request": "The request cannot be read, or its method is not allowed here",
}


def _collect(name: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for module in pkgutil.iter_modules(portal.refusals.__path__):
        part: Mapping[str, Any] = getattr(importlib.import_module(f"portal.refusals.{module.name}"), name, {})
        twice = found.keys() & part.keys()
        if twice:
            raise RuntimeError(f"refusal codes with two owners: {', '.join(sorted(twice))}")
        found.update(part)
    return found


SENTENCES = _collect("SENTENCES")
"""Code of a refusal → its sentence, from `portal/refusals/`; `code:ground` where the ground says what to do."""
STATUSES = _collect("STATUS")
"""Code of a refusal → HTTP status, where it is not 409."""


def sentence(refusal: Refused) -> str:
    """What the reader is told; of a lock whose ground the holder can end, how."""
    words = SENTENCES.get(f"{refusal.code}:{refusal.facts.get('ground')}", SENTENCES.get(refusal.code))
    if words is None:
        log.error("refusal-without-sentence", code=refusal.code)
        return _("This could not be done. Go back and check what you entered.")
    return str(words) % refusal.facts if refusal.facts else str(words)


def answer(status: int, title: str, words: str) -> Response:
    """A page for a person, a problem document for a program; OAuth's own shape where programs only call."""
    if _is_for_programs():
        return _oauth_error(status)
    if _is_for_scripts():
        response = jsonify(type="about:blank", title=title, status=status, detail=words, instance=g.get("request_id"))
        response.status_code, response.mimetype = status, "application/problem+json"
        return response
    return page("error.html", status, title=title, sentence=words, reference=g.get("request_id"))


def _is_for_scripts() -> bool:
    if request.path.startswith(OF_PROGRAMS):
        return True
    return request.accept_mimetypes.best_match(["text/html", "application/problem+json"]) == "application/problem+json"


def _is_for_programs() -> bool:
    """Whether the address is one that programs call (`for_programs`), with whatever method. One that would be led on,
    because a slash stands in it twice, is nobody's."""
    endpoint, wrong = request.endpoint, request.routing_exception
    if isinstance(wrong, MethodNotAllowed) and wrong.valid_methods:
        adapter = current_app.create_url_adapter(request)
        with suppress(RequestRedirect):
            endpoint = adapter.match(method=next(iter(wrong.valid_methods)))[0] if adapter else None
    return getattr(current_app.view_functions.get(endpoint or ""), "for_programs", False)


def _oauth_error(status: int) -> Response:
    """RFC 6749 section 5.2; its descriptions are ASCII, so they are not in the reader's language."""
    error = "temporarily_unavailable" if status in TRY_AGAIN else "server_error" if status >= 500 else "invalid_request"
    response = jsonify(error=error, error_description=DESCRIPTIONS[error])
    response.status_code, response.headers["Cache-Control"] = status, "no-store"
    return response


def _refused(refusal: Refused) -> Response:
    status = STATUSES.get(refusal.code, 409)
    if refusal.code == "page-stale" and not _is_for_programs() and not _is_for_scripts():
        return page_stale(sentence(refusal))
    return answer(status, str(TITLES.get(status, TITLES[409])), sentence(refusal))


def _http(error: HTTPException) -> Any:
    if error.response is not None or (error.code or 500) < 400:
        return error.get_response()
    status, titles, words = error.code or 500, TITLES, HELP
    if request.path.startswith(OF_PROGRAMS):
        titles, words = FOR_PROGRAMS, {**HELP, 404: WHERE_TO_LOOK, 405: WHERE_TO_LOOK}
    response = answer(status, str(titles.get(status, titles[400])), str(words.get(status, words[400])))
    for name, value in error.get_headers():
        if name.lower() in {"retry-after", "allow"}:
            response.headers[name] = value
    return response


def _away(error: Exception) -> Response:
    roll_back()
    log.error("out-of-reach", kind=type(error).__name__)
    return answer(503, str(TITLES[503]), str(HELP[503]))


def _overtaken(error: Exception) -> Response:
    """Another request was quicker (double click, two officers): the database kept one truth, this one is told."""
    roll_back()
    log.info("overtaken", kind=type(error).__name__)
    return _refused(Refused("changed-meanwhile"))


def _broken(error: Exception) -> Response:
    roll_back()
    log.exception("unhandled", kind=type(error).__name__)
    return answer(500, str(TITLES[500]), str(HELP[500]))


def init(app: Flask) -> None:
    """Answer every failure in the reader's language."""
    app.register_error_handler(Refused, _refused)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(RegisterUnavailable, _away)
    app.register_error_handler(OperationalError, _away)
    app.register_error_handler(PoolTimeout, _away)
    app.register_error_handler(IntegrityError, _overtaken)
    app.register_error_handler(StaleDataError, _overtaken)
    app.register_error_handler(Exception, _broken)
