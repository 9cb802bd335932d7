"""Calling the people who wait: shared out page by page at the desk. Each look is recorded, so GET writes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from flask import Response, abort, redirect, request, url_for
from sqlalchemy import ColumnElement, and_, select
from werkzeug.wrappers import Response as Answer

from identity.deadlines import today_in_vietnam
from identity.helping import known_as, waiting_by_place
from identity.places import Unit
from onboarding.callers import callers, colleagues, hand_over
from onboarding.guidance import Trouble, behind, trouble_of
from onboarding.map import within_today
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
from portal.pages import id_in, page, page_number, searched
from portal.security import writes
from portal.services import now
from portal.words.assistance import TROUBLES
from portal.words.field import CALL_CHOICES, CALL_RESULTS

MOST = 50
UNKNOWN = "none"


@blueprint.get("/calls")
@writes
def calls() -> Response:
    return _shown()


@blueprint.post("/calls")
def take() -> Answer:
    handles, caller = {_handle(text) for text in request.form.getlist("person")[:MOST]}, request.form.get("caller", "")
    if caller:
        hand_over(db, handles, id_in(caller) or abort(400), acting(), scope(), now=now())
    else:
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
    units, moment, asked = scope(), now(), _asked()
    today, by = today_in_vietnam(moment), acting()
    within = units if asked.unit is None else units & within_today(db, {asked.unit}, on=today)
    found = call_list(db, within, by, now=moment, choice=asked.choice, page=page_number(), only=asked.only(moment))
    return page(
        "coordination/calls.html",
        calls=found,
        free={line.person.pseudonym for line in found.lines if is_free(line.call, now=moment)},
        numbers=numbers or {},
        asked=asked,
        choices=CALL_CHOICES,
        places=_places(waiting_by_place(db, units)),
        troubles={trouble: words.name for trouble, words in TROUBLES.items()},
        progress=progress(db, within, now=moment),
        counts=results(db, within),
        callers=callers(db, within, on=today),
        colleagues=colleagues(db, units, by, on=today),
        own=visitor().account_id,
        call_results=CALL_RESULTS,
        trouble=_trouble,
        href_for=_address,
    )


@dataclass(frozen=True, slots=True)
class Asked:
    """Who is to be shown: which people, of one unit or all, with one trouble (`why`, "none" for none that is known).

    `text`: words of a name, or the number from which somebody called back.
    """

    choice: Choice
    unit: UUID | None
    why: str
    text: str

    def only(self, moment: datetime) -> ColumnElement[bool] | None:
        """What narrows the list beyond choice and unit."""
        wanted = [behind(self.trouble, now=moment)] if self.why else []
        wanted += [known_as(db, self.text)] if self.text else []
        return and_(*wanted) if wanted else None

    @property
    def trouble(self) -> Trouble | None:
        return None if self.why == UNKNOWN else Trouble(self.why)


def _asked() -> Asked:
    wanted, why = request.values.get("show", ""), request.values.get("why", "")
    choice = Choice(wanted) if wanted in set(Choice) else Choice.ALL
    return Asked(choice, id_in(request.values.get("unit", "")), why if why in {UNKNOWN, *Trouble} else "", searched())


def _places(numbers: dict[UUID, int]) -> list[tuple[Unit, int]]:
    """The units in which people wait, most people first."""
    units = db.scalars(select(Unit).where(Unit.id.in_(numbers)))
    return sorted(((unit, numbers[unit.id]) for unit in units), key=lambda row: (-row[1], row[0].name_folded))


def _handle(text: str) -> bytes:
    return bytes.fromhex(text) if re.fullmatch(r"[0-9a-f]{64}", text) else abort(400)


def _trouble(reason: str | None) -> object:
    found = trouble_of(reason)
    return TROUBLES[found].name if found else ""


def _address(number: int) -> str:
    asked = _asked()
    narrowed = {"show": asked.choice, "unit": asked.unit, "why": asked.why or None, "q": asked.text or None}
    return url_for("coordination.calls", page=number, **narrowed)
