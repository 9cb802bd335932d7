"""Villages and residential groups below a commune: kept by its coordinators, valid in time like every unit.

The national list stops at the commune; a commune founds, merges and splits its villages by its own decisions.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from identity.audit import Actor, Event, record
from identity.base import Refused
from identity.deadlines import today_in_vietnam
from identity.names import fold
from identity.places import Unit, UnitKind, UnitSuccession
from identity.places.units import UnitType, exists_on


def villages_of(db: Session, commune_id: UUID, *, now: datetime) -> list[Unit]:
    """Those of today, by name as people count: group 2 before group 10."""
    query = select(Unit).where(Unit.parent_id == commune_id, Unit.kind == UnitKind.VILLAGE)
    found = db.scalars(query.where(exists_on(today_in_vietnam(now))))
    return sorted(found, key=lambda unit: [part.zfill(4) for part in unit.name_folded.split()])


def add_village(db: Session, commune_id: UUID, name: str, by: Actor, *, now: datetime) -> Unit:
    """Found a village from today on. Audited."""
    commune = _commune(db, commune_id)
    if any(village.name_folded == fold(name) for village in villages_of(db, commune_id, now=now)):
        raise Refused("village-exists", field="name")
    made = db.scalar(select(func.count()).where(Unit.parent_id == commune_id)) or 0
    village = Unit(
        code=f"{commune.code}-{made + 1:03}",
        kind=UnitKind.VILLAGE,
        type=UnitType.VILLAGE,
        name=name,
        name_folded=fold(name),
        search_folded=fold(f"{name} {commune.title}"),
        parent_id=commune_id,
        valid_from=today_in_vietnam(now),
    )
    db.add(village)
    db.flush()
    record(db, Event.VILLAGE_ADDED, by, now=now, subject=("unit", village.id))
    return village


def end_village(db: Session, id_: UUID, into: Collection[UUID], by: Actor, *, now: datetime) -> Unit:
    """End a village today; `into` are the villages of the same commune that it goes into. Audited."""
    village, today = db.get(Unit, id_), today_in_vietnam(now)
    if village is None or village.kind != UnitKind.VILLAGE or village.parent_id is None:
        raise Refused("not-found")
    _commune(db, village.parent_id)
    if village.valid_to is not None:
        raise Refused("changed-meanwhile")
    others = {unit.id for unit in villages_of(db, village.parent_id, now=now)} - {id_}
    if not set(into) <= others:
        raise Refused("village-elsewhere", field="into")
    village.valid_to = max(today, village.valid_from)
    db.add_all(UnitSuccession(from_id=id_, to_id=after) for after in sorted(into))
    record(db, Event.VILLAGE_ENDED, by, now=now, subject=("unit", id_))
    return village


def _commune(db: Session, id_: UUID) -> Unit:
    """The commune, with everybody else who changes its villages waiting."""
    commune = db.scalar(select(Unit).where(Unit.id == id_, Unit.kind == UnitKind.COMMUNE).with_for_update())
    if commune is None:
        raise Refused("not-found")
    return commune
