"""Looking through the units: provinces, communes, villages; what ended and what followed; visits as then and as now."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from flask import Response
from sqlalchemy import or_, select

from identity.base import Refused
from identity.deadlines import today_in_vietnam
from identity.places import Unit, UnitKind, UnitSuccession, ancestors, find_units, made_of, successors
from onboarding.map import visits_by_maps
from onboarding.records import day_span
from portal.coordination import blueprint
from portal.coordination.scope import scope
from portal.database import db
from portal.pages import page, searched
from portal.services import now

VISITS_DAYS = 90
MOST = 50


@blueprint.get("/units")
def units() -> Response:
    text, today = searched(), today_in_vietnam(now())
    found = find_units(db, text, on=today, limit=MOST, near=True, ended=True) if text else _children(None)
    places = {one.id: one for one in db.scalars(select(Unit).where(Unit.id.in_({unit.parent_id for unit in found})))}
    return page("coordination/units.html", text=text, units=found, unit=None, above=[], places=places, most=MOST)


@blueprint.get("/units/<uuid:id>")
def unit(id: UUID) -> Response:
    one = db.get(Unit, id)
    if one is None:
        raise Refused("not-found")
    following = [db.get_one(Unit, after) for after in successors(db, id, on=today_in_vietnam(now())) - {id}]
    before = select(Unit).join(UnitSuccession, UnitSuccession.from_id == Unit.id).where(UnitSuccession.to_id == id)
    merged = list(db.scalars(before.order_by(Unit.name_folded)))
    history = {"following": following, "merged": merged, "visits": _visits(id), "made_of": made_of(one)}
    return page("coordination/units.html", text="", unit=one, units=_children(id), above=ancestors(db, id), **history)


def _children(parent: UUID | None) -> list[Unit]:
    today = today_in_vietnam(now())
    query = select(Unit).where(or_(Unit.valid_to.is_(None), Unit.valid_to > today))
    query = query.where(Unit.kind == UnitKind.PROVINCE if parent is None else Unit.parent_id == parent)
    return list(db.scalars(query.order_by(Unit.name_folded, Unit.code)))


def _visits(id: UUID) -> dict[str, Any] | None:
    """Of the last 90 days, where the visitor may know them: by both maps. Today is the team's own."""
    if id not in scope():
        return None
    today = today_in_vietnam(now())
    until = day_span(today)[0]
    found = visits_by_maps(db, id, since=until - timedelta(days=VISITS_DAYS), until=until, on=today)
    parts = [(db.get_one(Unit, after), number) for after, number in found.now.items()]
    return {"then": found.then, "parts": parts, "unallocated": found.unallocated}
