"""Provinces, communes and villages, valid in time.

Two tiers since 1 July 2025: 34 provinces and 3,321 communes (Resolution 202/2025/QH15); villages or residential groups
lie below them. The merger gave old codes to new units, so a unit is a surrogate key with (code, first day), and an
ended unit names its successors. What a unit is called by law (province or city, commune or ward) changes more often
than the unit itself; it is dated on its own, so that events keep pointing at one unit.
"""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Any, cast
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    ForeignKey,
    Select,
    String,
    Table,
    UniqueConstraint,
    and_,
    bindparam,
    or_,
    select,
)
from sqlalchemy.orm import Mapped, Session, mapped_column

from identity.base import Base, Keyed
from identity.statements import Prepared


class UnitKind(StrEnum):
    """The tier."""

    PROVINCE = "province"
    COMMUNE = "commune"
    VILLAGE = "village"


class UnitType(StrEnum):
    """What the law calls a unit of a tier."""

    PROVINCE = "province"
    CITY = "city"
    WARD = "ward"
    COMMUNE = "commune"
    SPECIAL_ZONE = "special_zone"
    VILLAGE = "village"


TITLES = {
    UnitType.PROVINCE: ("Tỉnh {}", "{} Province"),
    UnitType.CITY: ("Thành phố {}", "{} City"),
    UnitType.WARD: ("Phường {}", "{} Ward"),
    UnitType.COMMUNE: ("Xã {}", "{} Commune"),
    UnitType.SPECIAL_ZONE: ("Đặc khu {}", "{} Special Zone"),
    UnitType.VILLAGE: ("{}", "{}"),
}
"""Official Vietnamese form and the English one."""


class Unit(Keyed, Base):
    """An administrative unit. `type` is today's; `valid_to` is the first day on which it is no more."""

    __tablename__ = "unit"
    __table_args__ = (UniqueConstraint("code", "valid_from"),)

    code: Mapped[str] = mapped_column(String(20), index=True)
    kind: Mapped[str] = mapped_column(String(20), index=True)
    type: Mapped[str] = mapped_column(String(20))
    name: Mapped[str] = mapped_column(String(200))
    name_folded: Mapped[str] = mapped_column(String(200), index=True)
    search_folded: Mapped[str] = mapped_column(String(400))
    """Title and the parent's title, then what it was made of: what a search looks into (`search.search_words`)."""
    parent_id: Mapped[UUID | None] = mapped_column(ForeignKey("unit.id"), index=True)
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]

    @property
    def title(self) -> str:
        """Official name with its type: Phường Ba Đình."""
        return title_of(self, in_english=False)

    @property
    def english_title(self) -> str:
        """The same for a reader of English: Ba Đình Ward."""
        return title_of(self, in_english=True)


def title_of(unit: Any, *, in_english: bool) -> str:
    """The official name with its type, of a unit or of a row with its `type` and `name`."""
    return TITLES[UnitType(unit.type)][in_english].format(unit.name)


class UnitDesignation(Base):
    """From which day the law calls a unit by which type, and by which act."""

    __tablename__ = "unit_designation"

    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"), primary_key=True)
    valid_from: Mapped[date] = mapped_column(primary_key=True)
    type: Mapped[str] = mapped_column(String(20))
    source: Mapped[str] = mapped_column(String(200))


class UnitSuccession(Base):
    """An ended unit went into another; a merger has several `from`, a split several `to`."""

    __tablename__ = "unit_succession"

    from_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"), primary_key=True)
    to_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"), primary_key=True)


def exists_on(on: date) -> ColumnElement[bool]:
    """Condition: the unit exists on that day."""
    return and_(Unit.valid_from <= on, or_(Unit.valid_to.is_(None), Unit.valid_to > on))


def unit_by_code(db: Session, code: str, *, on: date) -> Unit | None:
    """The unit that bears the code on a day."""
    return db.scalar(select(Unit).where(Unit.code == code, exists_on(on)))


def type_on(db: Session, unit_id: UUID, on: date) -> str | None:
    """What the law called the unit on a day; None before its first."""
    query = select(UnitDesignation.type).where(UnitDesignation.unit_id == unit_id, UnitDesignation.valid_from <= on)
    return db.scalar(query.order_by(UnitDesignation.valid_from.desc()).limit(1))


def units_within(db: Session, unit_id: UUID) -> set[UUID]:
    """The unit and everything below it."""
    return {row.id for row in _WITHIN.all(db, unit=unit_id)}


def line_of(db: Session, unit_id: UUID) -> frozenset[UUID]:
    """The unit and everything that it lies in."""
    return frozenset(row.id for row in _LINE.all(db, unit=unit_id))


def ancestors(db: Session, unit_id: UUID) -> list[Unit]:
    """What the unit lies in, nearest first, without itself."""
    found: list[Unit] = []
    unit = db.get(Unit, unit_id)
    while unit is not None and unit.parent_id is not None:
        unit = db.get_one(Unit, unit.parent_id)
        found.append(unit)
    return found


def successors(db: Session, unit_id: UUID, *, on: date) -> set[UUID]:
    """The units that stand on a day where this one stood: itself while it exists, else what followed, to the end."""
    ended = select(UnitSuccession.to_id).join(Unit, Unit.id == UnitSuccession.from_id).where(Unit.valid_to <= on)
    following = db.scalars(ended.where(Unit.id == unit_id)).all()
    return set().union(*(successors(db, after, on=on) for after in following)) if following else {unit_id}


_UNIT = cast(Table, Unit.__table__)


def _from_one_on(name: str, *, down: bool) -> Select[Any]:
    """The ids from one unit on, towards the villages or towards the province."""
    begin = select(_UNIT.c.id, _UNIT.c.parent_id).where(_UNIT.c.id == bindparam("unit"))
    steps = begin.cte(name, recursive=True)
    on = _UNIT.c.parent_id == steps.c.id if down else _UNIT.c.id == steps.c.parent_id
    return select(steps.union_all(select(_UNIT.c.id, _UNIT.c.parent_id).join(steps, on)).c.id)


_WITHIN, _LINE = Prepared(_from_one_on("below", down=True)), Prepared(_from_one_on("above", down=False))
