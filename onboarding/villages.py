"""Villages and residential groups below a commune: kept by its coordinators, valid in time like every unit.

The national list stops at the commune; a commune founds, merges and splits its villages by its own decisions.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from identity.audit import SYSTEM, Actor, Event, record
from identity.base import Refused
from identity.deadlines import today_in_vietnam
from identity.names import fold
from identity.places import Unit, UnitKind, UnitSuccession, successors
from identity.places.search import search_words
from identity.places.units import UnitType, exists_on


def villages_of(db: Session, commune_id: UUID, *, now: datetime) -> list[Unit]:
    """Those of today, by name as people count: group 2 before group 10."""
    query = select(Unit).where(Unit.parent_id == commune_id, Unit.kind == UnitKind.VILLAGE)
    found = db.scalars(query.where(exists_on(today_in_vietnam(now))))
    return sorted(found, key=lambda unit: [part.zfill(4) for part in unit.name_folded.split()])


def add_village(db: Session, commune_id: UUID, name: str, by: Actor, *, now: datetime) -> Unit:
    """Found a village from today on. Audited."""
    commune = _commune(db, commune_id)
    _check_name(db, commune_id, name, now, field="name")
    return _found(db, commune, name, by, now)


def _found(db: Session, commune: Unit, name: str, by: Actor, now: datetime) -> Unit:
    made = db.scalar(select(func.count()).where(Unit.parent_id == commune.id)) or 0
    village = Unit(
        code=f"{commune.code}-{made + 1:03}",
        kind=UnitKind.VILLAGE,
        type=UnitType.VILLAGE,
        name=name,
        name_folded=fold(name),
        search_folded=search_words(name, commune.title),
        parent_id=commune.id,
        valid_from=today_in_vietnam(now),
    )
    db.add(village)
    db.flush()
    record(db, Event.VILLAGE_ADDED, by, now=now, subject=("unit", village.id))
    return village


def end_village(db: Session, id_: UUID, into: Collection[UUID], by: Actor, *, now: datetime) -> Unit:
    """End a village today; `into` are the villages of the same commune that it goes into. Audited."""
    commune_id = _commune_of(db, id_)
    _commune(db, commune_id)
    village = _ending(db, id_)
    others = {unit.id for unit in villages_of(db, commune_id, now=now)} - {id_}
    if not set(into) <= others:
        raise Refused("village-elsewhere", field="into")
    _end(db, village, into, by, now)
    return village


def move_village(db: Session, id_: UUID, commune_id: UUID, by: Actor, *, now: datetime) -> Unit:
    """Give a village to another living commune: it ends here and begins there under its name today. Audited."""
    before = _commune_of(db, id_)
    if before == commune_id:
        raise Refused("village-elsewhere", field="commune")
    waited_for = {one: _commune(db, one) for one in sorted((before, commune_id))}  # in one order: two may move at once
    village = _ending(db, id_)
    _check_name(db, commune_id, village.name, now, field="commune")
    return _move(db, village, waited_for[commune_id], village.name, by, now)


def follow_communes(db: Session, *, now: datetime) -> int:
    """Chore: villages of a commune that ended go on in the one that followed it; how many. Audited.

    Where several followed, no table says which village went where: each waits for a coordinator (`move_village`), and
    until then its figures are unallocated on the map of now.
    """
    on, commune = today_in_vietnam(now), aliased(Unit)
    left = select(Unit, commune).join(commune, commune.id == Unit.parent_id).order_by(Unit.code)
    left = left.where(Unit.kind == UnitKind.VILLAGE, Unit.valid_to.is_(None), commune.valid_to <= on)
    moved = 0
    for village, ended in db.execute(left.with_for_update()).all():
        after = successors(db, ended.id, on=on) - {ended.id}
        if len(after) == 1:
            there = _commune(db, after.pop())
            taken = any(one.name_folded == village.name_folded for one in villages_of(db, there.id, now=now))
            _move(db, village, there, f"{village.name} ({ended.name})" if taken else village.name, SYSTEM, now)
            moved += 1
    return moved


def _move(db: Session, village: Unit, there: Unit, name: str, by: Actor, now: datetime) -> Unit:
    moved = _found(db, there, name, by, now)
    _end(db, village, [moved.id], by, now)
    return moved


def _commune_of(db: Session, id_: UUID) -> UUID:
    commune_id = db.scalar(select(Unit.parent_id).where(Unit.id == id_, Unit.kind == UnitKind.VILLAGE))
    if commune_id is None:
        raise Refused("not-found")
    return commune_id


def _ending(db: Session, id_: UUID) -> Unit:
    """The village as it is now that its commune waits for us."""
    village = db.get_one(Unit, id_, populate_existing=True)
    if village.valid_to is not None:
        raise Refused("changed-meanwhile")
    return village


def _end(db: Session, village: Unit, into: Collection[UUID], by: Actor, now: datetime) -> None:
    village.valid_to = max(today_in_vietnam(now), village.valid_from)
    db.add_all(UnitSuccession(from_id=village.id, to_id=after) for after in sorted(into))
    record(db, Event.VILLAGE_ENDED, by, now=now, subject=("unit", village.id))


def _check_name(db: Session, commune_id: UUID, name: str, now: datetime, *, field: str) -> None:
    if any(village.name_folded == fold(name) for village in villages_of(db, commune_id, now=now)):
        raise Refused("village-exists", field=field)


def _commune(db: Session, id_: UUID) -> Unit:
    """The commune, with everybody else who changes its villages waiting."""
    commune = db.scalar(select(Unit).where(Unit.id == id_, Unit.kind == UnitKind.COMMUNE).with_for_update())
    if commune is None:
        raise Refused("not-found")
    return commune
