"""Training sessions near the reader: find one, sign up, step back."""

from __future__ import annotations

from uuid import UUID

from flask import Response, redirect, request, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response as Answer

from identity.deadlines import today_in_vietnam
from identity.person import Person
from identity.places import Unit, UnitKind, find_units, units_within
from onboarding.check_in import is_open
from onboarding.sign_up import sign_up, step_back
from onboarding.training import Listed, sessions_in, sessions_of_learners
from portal.database import db
from portal.learn import blueprint
from portal.learn.visitor import account_id, acting_learner, known_learner, own_ids, person_id
from portal.pages import id_in, page, searched
from portal.security import guarded, resident
from portal.services import now
from portal.words.training import GROUPS, LANGUAGES

CHOICES = 30


@blueprint.get("/sessions")
def sessions() -> Response:
    text, moment = searched(100), now()
    unit, choices = _wanted(text)
    listed = sessions_in(db, units_within(db, unit.id), now=moment) if unit else []
    own = {one.session.id: standing for one, standing in sessions_of_learners(db, own_ids(known_learner()))}
    return page(
        "learn/sessions.html",
        text=text,
        unit=unit,
        choices=choices,
        above=_above(choices),
        listed=listed,
        places=_places(listed),
        own=own,
        open_now={one.session.id for one in listed if is_open(one.session, moment)},
        is_resident=person_id() is not None,
        groups=GROUPS,
        languages=LANGUAGES,
    )


@blueprint.post("/sessions/<uuid:session_id>/sign-up")
@guarded(resident)
def take_place(session_id: UUID) -> Answer:
    sign_up(db, session_id, acting_learner().id, now=now(), account_id=account_id())
    return redirect(url_for("learn.progress", _anchor="sessions"), 303)


@blueprint.post("/sessions/<uuid:session_id>/step-back")
@guarded(resident)
def give_place_back(session_id: UUID) -> Answer:
    step_back(db, session_id, acting_learner().id, now=now())
    return redirect(url_for("learn.progress", _anchor="sessions"), 303)


def _wanted(text: str) -> tuple[Unit | None, list[Unit]]:
    """The place asked for, else the reader's own; several when the words fit several."""
    if code := request.args.get("unit"):
        found = db.get(Unit, id_in(code)) if id_in(code) else None
        return found, []
    if text:
        found_units = find_units(db, text, on=today_in_vietnam(now()), limit=CHOICES, near=True)
        return (found_units[0], []) if len(found_units) == 1 else (None, found_units)
    person = db.get(Person, person_id()) if person_id() else None
    unit = db.get(Unit, person.unit_id) if person and person.unit_id else None
    if unit is not None and unit.kind == UnitKind.VILLAGE and unit.parent_id:
        unit = db.get(Unit, unit.parent_id)
    return unit, []


def _above(choices: list[Unit]) -> dict[UUID, Unit]:
    """What each of them lies in: many communes are called alike."""
    parents = select(Unit).where(Unit.id.in_({unit.parent_id for unit in choices}))
    return {unit.id: unit for unit in db.scalars(parents)}


def _places(listed: list[Listed]) -> dict[UUID, Unit]:
    ids = {one.session.unit_id for one in listed}
    return {unit_id: db.get_one(Unit, unit_id) for unit_id in ids}
