"""Fills units and offices from the shipped table. Run again, it changes nothing, or only what the table changed."""

from __future__ import annotations

import json
import uuid
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from itertools import chain
from pathlib import Path
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Table, bindparam, insert, select, update
from sqlalchemy.orm import Session

from identity.audit import SYSTEM, Event, record
from identity.base import Base
from identity.deadlines import today_in_vietnam
from identity.names import fold
from identity.places.offices import Office, OfficeKind
from identity.places.search import search_words
from identity.places.units import TITLES, Unit, UnitDesignation, UnitKind, UnitSuccession, UnitType

UNITS = Path(__file__).parent.parent / "data" / "units.json"
FORMER = UNITS.with_name("former_communes.json")
"""What each commune was made of on 1 July 2025, as the statistics office puts it; those that stayed have none."""
FOUNDED = "202/2025/QH15"
NAMESPACE = uuid.UUID("6f3b7f7e-36d0-5c39-9e5f-0d6f5d0a8f34")
"""Keys are derived from code and first day, so that every installation gives a unit the same key."""
COMMUNE_TYPES = {"w": UnitType.WARD, "c": UnitType.COMMUNE, "z": UnitType.SPECIAL_ZONE}
CAPITAL = "01"

DRAWN = ("parent_id", "valid_from", "valid_to")

LAST = "9999"
Row = dict[str, Any]
Spans = dict[str, list[tuple[str, str]]]
"""The first day of each unit that has borne a code, and the first on which it was no more (or LAST)."""


def load_units(db: Session, *, now: datetime) -> None:
    """Insert what is missing and update what changed: units, their types in time, successions, offices.

    A unit that lies elsewhere, or begins or ends on another day, is audited: figures were counted by what it was.
    Raises LookupError where one stands that the table neither lists nor ends: nobody could say where its figures go.
    """
    shipped, on = _shipped(), today_in_vietnam(now)
    types = _types_on(_designations(shipped), on)
    provinces, communes = list(_provinces(shipped, types)), list(_communes(shipped, types))
    _check_ends(db, {row["id"] for row in (*provinces, *communes)})
    for before, after in [*_put(db, Unit, provinces), *_put(db, Unit, communes)]:
        if any(before[name] != after[name] for name in DRAWN):
            record(db, Event.UNIT_REDRAWN, SYSTEM, now=now, subject=("unit", after["id"]))
    _put(db, UnitDesignation, _designations(shipped))
    _put(db, UnitSuccession, _successions(shipped))
    _put(db, Office, _offices(provinces, communes))


def unit_rows(on: date) -> tuple[list[Row], list[Row]]:
    """Provinces (ended ones too) and standing communes of the shipped table, with the types in force on a day."""
    shipped = _shipped()
    types = _types_on(_designations(shipped), on)
    standing = (row for row in _communes(shipped, types) if row["valid_from"] <= on < (row["valid_to"] or date.max))
    return list(_provinces(shipped, types)), list(standing)


def unit_key(code: str, valid_from: str) -> UUID:
    """The surrogate key of a shipped unit."""
    return uuid.uuid5(NAMESPACE, f"{code}|{valid_from}")


def made_of(unit: Unit) -> str:
    """What a commune of the shipped table was made of, in Vietnamese; nothing for others."""
    since = _shipped()["communes_from"]
    return _former().get(unit.code, "") if unit.valid_from == date.fromisoformat(since) else ""


def _former() -> dict[str, str]:
    found: dict[str, str] = json.loads(FORMER.read_text(encoding="utf-8"))
    return found


def _shipped() -> Any:
    return json.loads(UNITS.read_text(encoding="utf-8"))


def _provinces(shipped: Any, types: dict[UUID, str]) -> Iterator[Row]:
    for code, name, _, valid_from in shipped["provinces"]:
        yield _unit(UnitKind.PROVINCE, code, name, types[unit_key(code, valid_from)], valid_from)
    for code, name, kind, valid_from, valid_to, _ in shipped["ended"]:
        yield _unit(UnitKind.PROVINCE, code, name, kind, valid_from, valid_to=valid_to)


def _communes(shipped: Any, types: dict[UUID, str]) -> Iterator[Row]:
    merged, former = shipped["communes_from"], _former()

    def commune(code: str, name: str, since: str, parent: UUID, title: str, valid_to: str | None = None) -> Row:
        type_, before = types[unit_key(code, since)], former.get(code, "") if since == merged else ""
        within = parent, title
        return _unit(UnitKind.COMMUNE, code, name, type_, since, valid_to=valid_to, parent=within, before=before)

    spans, titles = _spans(shipped), dict[UUID, str]()
    for code, name, _, first, *_after in [*shipped["ended"], *shipped["provinces"]]:
        id_ = unit_key(code, first)
        titles[id_] = TITLES[UnitType(types[id_])][0].format(name)
    for code, _, _, first in shipped["provinces"]:
        parent = unit_key(code, first)
        for packed in shipped["communes"][code]:
            yield commune(packed[:5], packed[6:], _since(shipped, packed[:5]), parent, titles[parent])
    for code, name, _, first, valid_to, province, _followed in shipped["ended_communes"]:
        parent = _key_on(spans, province, _day_before(valid_to))
        yield commune(code, name, first, parent, titles[parent], valid_to)


def _since(shipped: Any, commune: str) -> str:
    """The first day of a commune that stands."""
    return cast(str, shipped["communes_since"].get(commune, shipped["communes_from"]))


def _spans(shipped: Any) -> Spans:
    spans: Spans = defaultdict(list)
    for code, _, _, first, *after in [*shipped["provinces"], *shipped["ended"], *shipped["ended_communes"]]:
        spans[code].append((first, after[0] if after else LAST))
    for packed in chain.from_iterable(shipped["communes"].values()):
        spans[packed[:5]].append((_since(shipped, packed[:5]), LAST))
    return spans


def _key_on(spans: Spans, code: str, day: str) -> UUID:
    """The key of the unit that bears the code on a day."""
    return next(unit_key(code, first) for first, end in spans[code] if first <= day < end)


def _day_before(day: str) -> str:
    return (date.fromisoformat(day) - timedelta(days=1)).isoformat()


def _check_ends(db: Session, known: set[UUID]) -> None:
    standing = db.execute(select(Unit.id, Unit.code).where(Unit.kind != UnitKind.VILLAGE, Unit.valid_to.is_(None)))
    lost = sorted(code for id_, code in standing if id_ not in known)
    if lost:
        raise LookupError(f"units without an end: {', '.join(lost)}")


def _unit(
    kind: UnitKind,
    code: str,
    name: str,
    type_: str,
    valid_from: str,
    *,
    valid_to: str | None = None,
    parent: tuple[UUID | None, str] = (None, ""),
    before: str = "",
) -> Row:
    title = TITLES[UnitType(type_)][0].format(name)
    return {
        "id": unit_key(code, valid_from),
        "code": code,
        "kind": kind.value,
        "type": type_,
        "name": name,
        "name_folded": fold(name),
        "search_folded": search_words(title, parent[1], before),
        "parent_id": parent[0],
        "valid_from": date.fromisoformat(valid_from),
        "valid_to": date.fromisoformat(valid_to) if valid_to else None,
    }


def _designations(shipped: Any) -> Iterator[Row]:
    merged, spans = shipped["communes_from"], _spans(shipped)

    def designation(unit: UUID, type_: str, first: str, source: str) -> Row:
        return {"unit_id": unit, "valid_from": date.fromisoformat(first), "type": str(type_), "source": source}

    def first_of(code: str, type_: str, first: str) -> Row:
        return designation(unit_key(code, first), type_, first, FOUNDED if first == merged else "")

    for code, _, type_, first, *_after in [*shipped["ended"], *shipped["provinces"]]:
        yield first_of(code, type_, first)
    for packed in chain.from_iterable(shipped["communes"].values()):
        yield first_of(packed[:5], COMMUNE_TYPES[packed[5]], _since(shipped, packed[:5]))
    for code, _, letter, first, *_after in shipped["ended_communes"]:
        yield first_of(code, COMMUNE_TYPES[letter], first)
    for code, type_, changed_on, source in shipped["changes"]:
        yield designation(_key_on(spans, code, changed_on), type_, changed_on, source)


def _types_on(designations: Iterable[Row], on: date) -> dict[UUID, str]:
    """The type in force on a day; a unit that has not begun keeps its first."""
    types: dict[UUID, str] = {}
    for row in sorted(designations, key=lambda row: cast(date, row["valid_from"])):
        if row["valid_from"] <= on or row["unit_id"] not in types:
            types[row["unit_id"]] = row["type"]
    return types


def _successions(shipped: Any) -> Iterator[Row]:
    spans = _spans(shipped)
    for code, _, _, first, end, followed in shipped["ended"]:
        yield {"from_id": unit_key(code, first), "to_id": _key_on(spans, followed, end)}
    for code, _, _, first, end, _province, after in shipped["ended_communes"]:
        for followed in after:
            yield {"from_id": unit_key(code, first), "to_id": _key_on(spans, followed, end)}


def _offices(provinces: list[Row], communes: list[Row]) -> Iterator[Row]:
    by_id = {row["id"]: row for row in provinces}
    for commune in (row for row in communes if row["valid_to"] is None):
        title, english = _titles(commune)
        province, _ = _titles(by_id[commune["parent_id"]])
        name = f"Công an {_lower_first(title)}"
        yield _office(OfficeKind.COMMUNE_POLICE, commune, name, f"{english} Police", f"{title}, {province}")
    for province_row in (row for row in provinces if row["valid_to"] is None):
        title, english = _titles(province_row)
        name = f"Phòng Quản lý xuất nhập cảnh, Công an {_lower_first(title)}"
        yield _office(OfficeKind.IMMIGRATION, province_row, name, f"{english} Immigration Office", title)
        if province_row["code"] == CAPITAL:
            name = "Cục Quản lý xuất nhập cảnh (A08)"
            yield _office(OfficeKind.IMMIGRATION, province_row, name, "Immigration Department (A08)", title)


def _office(kind: OfficeKind, unit: Row, name: str, english_name: str, address: str) -> Row:
    department = "department" if "(A08)" in name else ""
    return {
        "id": uuid.uuid5(NAMESPACE, f"office|{kind}|{department}|{unit['id']}"),
        "kind": kind.value,
        "unit_id": unit["id"],
        "name": name,
        "english_name": english_name,
        "search_folded": fold(f"{address} {name} {english_name}"),
        "address": address,
        "opens": "office_hours",
    }


def _titles(unit: Row) -> tuple[str, str]:
    vietnamese, english = TITLES[UnitType(unit["type"])]
    return vietnamese.format(unit["name"]), english.format(unit["name"])


def _lower_first(title: str) -> str:
    return title[:1].lower() + title[1:]


def _put(db: Session, model: type[Base], rows: Iterable[Row]) -> list[tuple[Row, Row]]:
    """Insert rows whose key is new, update those that differ; these as they were and are."""
    table = cast(Table, model.__table__)
    keys = [column.name for column in table.primary_key]
    present = {tuple(row[key] for key in keys): dict(row) for row in db.execute(select(table)).mappings()}
    wanted = {tuple(row[key] for key in keys): row for row in rows}
    new = [row for key, row in wanted.items() if key not in present]
    changed = [row for key, row in wanted.items() if key in present and present[key] != row]
    if new:
        db.execute(insert(table), new)
    if changed:
        values: Row = {
            column.name: bindparam(f"new_{column.name}") for column in table.columns if column.name not in keys
        }
        same_key = [table.c[key] == bindparam(f"new_{key}") for key in keys]
        marked = [{f"new_{name}": value for name, value in row.items()} for row in changed]
        if values:
            db.connection().execute(update(table).where(*same_key).values(values), marked)
    return [(present[tuple(row[key] for key in keys)], row) for row in changed]
