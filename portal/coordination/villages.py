"""Villages below the communes in scope: added, ended, and what an ended one went into."""

from __future__ import annotations

from uuid import UUID

from flask import Response, redirect, url_for
from werkzeug.wrappers import Response as Answer

from identity.base import Refused
from identity.places import Unit, UnitKind
from onboarding.villages import add_village, end_village, villages_of
from portal.coordination import blueprint
from portal.coordination.scope import acting, scope
from portal.database import db
from portal.fields import HouseForm, TextField, TicksField
from portal.language import _l, current_locale
from portal.pages import page
from portal.services import now


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
    if found["form"].validate_on_submit():
        end_village(db, village, {UUID(each) for each in found["form"].into.data or []}, acting(), now=now())
        return redirect(url_for("coordination.villages", id=id), 303)
    return page("coordination/village_end.html", **found)


def _commune(id: UUID) -> Unit:
    unit = db.get(Unit, id)
    if unit is None or unit.id not in scope() or unit.kind != UnitKind.COMMUNE:
        raise Refused("not-found")
    return unit


def _shown(commune: Unit, form: VillageForm) -> Response:
    found = villages_of(db, commune.id, now=now())
    place = commune.english_title if current_locale() == "en" else commune.title
    return page("coordination/villages.html", place=place, commune=commune, villages=found, form=form)


def _ending(commune: Unit, village_id: UUID) -> dict[str, object]:
    found = {unit.id: unit for unit in villages_of(db, commune.id, now=now())}
    if village_id not in found:
        raise Refused("not-found")
    form = EndForm()
    form.into.choices = [(str(unit.id), unit.name) for unit in found.values() if unit.id != village_id]
    return {"commune": commune, "village": found[village_id], "form": form}
