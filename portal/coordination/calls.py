"""Calling the people who wait: shared out page by page at the desk. Each look is recorded, so GET writes."""

from __future__ import annotations

import re

from flask import Response, abort, redirect, request, url_for
from werkzeug.wrappers import Response as Answer

from onboarding.guidance import trouble_of
from onboarding.outreach import (
    CallResult,
    Choice,
    call_list,
    give_back,
    is_free,
    note_result,
    progress,
    results,
    show_phone,
    take_over,
)
from portal.coordination import blueprint
from portal.coordination.scope import acting, scope, visitor
from portal.database import db
from portal.pages import page, page_number
from portal.security import writes
from portal.services import now
from portal.words.assistance import TROUBLES
from portal.words.field import CALL_CHOICES, CALL_RESULTS

MOST = 50


@blueprint.get("/calls")
@writes
def calls() -> Response:
    return _shown()


@blueprint.post("/calls")
def take() -> Answer:
    handles = {_handle(text) for text in request.form.getlist("person")[:MOST]}
    take_over(db, handles, visitor().account_id, acting(), scope(), now=now())
    return redirect(_address(page_number()), 303)


@blueprint.post("/calls/<handle>")
def note(handle: str) -> Answer:
    result = request.form.get("result", "")
    if result not in set(CallResult):
        abort(400)
    note_result(db, _handle(handle), CallResult(result), acting(), now=now())
    return redirect(_address(page_number()), 303)


@blueprint.post("/calls/<handle>/phone")
def phone(handle: str) -> Response:
    """The number of one person, in the answer itself: nothing leads to it again without another look in the trail."""
    known = _handle(handle)
    return _shown(numbers={known: show_phone(db, known, acting(), scope(), now=now())})


@blueprint.post("/calls/<handle>/give-back")
def return_person(handle: str) -> Answer:
    give_back(db, _handle(handle), acting(), now=now())
    return redirect(_address(page_number()), 303)


def _shown(numbers: dict[bytes, str] | None = None) -> Response:
    units, moment, choice = scope(), now(), _choice()
    found = call_list(db, units, acting(), now=moment, choice=choice, page=page_number())
    return page(
        "coordination/calls.html",
        calls=found,
        free={line.person.pseudonym for line in found.lines if is_free(line.call, now=moment)},
        numbers=numbers or {},
        choice=choice,
        choices=CALL_CHOICES,
        progress=progress(db, units, now=moment),
        counts=results(db, units),
        own=visitor().account_id,
        call_results=CALL_RESULTS,
        trouble=_trouble,
        href_for=_address,
    )


def _choice() -> Choice:
    wanted = request.values.get("show", "")
    return Choice(wanted) if wanted in set(Choice) else Choice.ALL


def _handle(text: str) -> bytes:
    return bytes.fromhex(text) if re.fullmatch(r"[0-9a-f]{64}", text) else abort(400)


def _trouble(reason: str | None) -> object:
    found = trouble_of(reason)
    return TROUBLES[found].name if found else ""


def _address(number: int) -> str:
    return url_for("coordination.calls", page=number, show=_choice())
