"""Villages below the communes in scope: added, ended, and what an ended one went into."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response, redirect, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response as Answer
from wtforms.validators import ValidationError

from identity.base import Refused
from identity.deadlines import today_in_vietnam
from identity.places import Unit, UnitKind
from identity.places.units import exists_on
from onboarding.villages import add_village, end_village, move_village, villages_of
from portal.coordination import blueprint
from portal.coordination.scope import acting, scope
from portal.database import db
from portal.fields import HouseForm, SelectField, TextField, TicksField
from portal.language import _, _l
from portal.pages import page
from portal.services import now
from portal.words.places import unit_title


class VillageForm(HouseForm):
    """Founded by the commune's decision."""

    name = TextField(
        _l("Name of the village or residential group"), length=120, hint=_l("With its kind, like Thôn 2 or Tổ 5")
    )


class EndForm(HouseForm):
    """Where its people are now."""

    into = TicksField(
        _l("Into which villages does it go?"),
        choices=[],
        required=False,
        hint=_l("One for a merger, several for a split. What cannot be placed then stands as unallocated."),
    )
    commune = SelectField(
        _l("Or does it go to another commune?"),
        choices=[],
        required=False,
        empty_text=_l("It stays in this commune"),
        hint=_l("It goes on there under its name, with the help that was logged in it."),
    )

    def validate_commune(self, field: Any) -> None:
        if field.data and self.into.data:
            raise ValidationError(_("Choose villages of this commune, or another commune."))


@blueprint.get("/units/<uuid:id>/villages")
def villages(id: UUID) -> Response:
    return _shown(_commune(id), VillageForm())


@blueprint.post("/units/<uuid:id>/villages")
def found_village(id: UUID) -> Response | Answer:
    commune, form = _commune(id), VillageForm()
    if form.validate_on_submit():
        try:
            add_village(db, commune.id, form.name.data, acting(), now=now())
            return redirect(url_for("coordination.villages", id=id), 303)
        except Refused as refusal:
            form.refuse(refusal)
            commune = _commune(id)
    return _shown(commune, form)


@blueprint.get("/units/<uuid:id>/villages/<uuid:village>/end")
def village_end(id: UUID, village: UUID) -> Response:
    return page("coordination/village_end.html", **_ending(_commune(id), village))


@blueprint.post("/units/<uuid:id>/villages/<uuid:village>/end")
def close_village(id: UUID, village: UUID) -> Response | Answer:
    found = _ending(_commune(id), village)
    form: EndForm = found["form"]
    if form.validate_on_submit():
        try:
            if form.commune.data:
                move_village(db, village, UUID(form.commune.data), acting(), now=now())
            else:
                end_village(db, village, {UUID(each) for each in form.into.data or []}, acting(), now=now())
            return redirect(url_for("coordination.villages", id=id), 303)
        except Refused as refusal:
            form.refuse(refusal)
            found = {**_ending(_commune(id), village), "form": form}
    return page("coordination/village_end.html", **found)


def _commune(id: UUID) -> Unit:
    unit = db.get(Unit, id)
    if unit is None or unit.id not in scope() or unit.kind != UnitKind.COMMUNE:
        raise Refused("not-found")
    return unit


def _beside(commune: Unit) -> list[Unit]:
    """Other communes of the province in the visitor's reach."""
    query = select(Unit).where(
        Unit.parent_id == commune.parent_id, Unit.kind == UnitKind.COMMUNE, Unit.id != commune.id
    )
    query = query.where(Unit.id.in_(scope()), exists_on(today_in_vietnam(now())))
    return list(db.scalars(query.order_by(Unit.name_folded)))


def _shown(commune: Unit, form: VillageForm) -> Response:
    found = villages_of(db, commune.id, now=now())
    place = unit_title(commune)
    return page("coordination/villages.html", place=place, commune=commune, villages=found, form=form)


def _ending(commune: Unit, village_id: UUID) -> dict[str, Any]:
    found = {unit.id: unit for unit in villages_of(db, commune.id, now=now())}
    if village_id not in found:
        raise Refused("not-found")
    form = EndForm()
    form.into.choices = [(str(unit.id), unit.name) for unit in found.values() if unit.id != village_id]
    form.commune.choices = [(str(unit.id), unit.title) for unit in _beside(commune)]
    return {"commune": commune, "village": found[village_id], "form": form}
