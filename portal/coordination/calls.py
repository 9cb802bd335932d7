"""Calling the people who wait: shared out page by page at the desk. Each look is recorded, so GET writes."""

from __future__ import annotations

import re

from flask import Response, abort, redirect, request, url_for
from werkzeug.wrappers import Response as Answer

from onboarding.guidance import trouble_of
from onboarding.outreach import CallResult, call_list, note_result, results, take_over
from portal.assistance_words import TROUBLES
from portal.coordination import blueprint
from portal.coordination.scope import acting, scope, visitor
from portal.database import db
from portal.field_words import CALL_RESULTS
from portal.pages import page, page_number
from portal.security import writes
from portal.services import now


@blueprint.get("/calls")
@writes
def calls() -> Response:
    units = scope()
    found = call_list(db, units, acting(), now=now(), page=page_number())
    words = {"call_results": CALL_RESULTS, "trouble": _trouble, "href_for": _address}
    own = visitor().account_id
    return page("coordination/calls.html", calls=found, counts=results(db, units), own=own, **words)


@blueprint.post("/calls")
def take() -> Answer:
    handles = {_handle(text) for text in request.form.getlist("person")[:50]}
    take_over(db, handles, visitor().account_id, acting(), scope(), now=now())
    return redirect(_address(page_number()), 303)


@blueprint.post("/calls/<handle>")
def note(handle: str) -> Answer:
    result = request.form.get("result", "")
    if result not in set(CallResult):
        abort(400)
    note_result(db, _handle(handle), CallResult(result), acting(), now=now())
    return redirect(_address(page_number()), 303)


def _handle(text: str) -> bytes:
    return bytes.fromhex(text) if re.fullmatch(r"[0-9a-f]{64}", text) else abort(400)


def _trouble(reason: str | None) -> object:
    found = trouble_of(reason)
    return TROUBLES[found].name if found else ""


def _address(number: int) -> str:
    return url_for("coordination.calls", page=number)
