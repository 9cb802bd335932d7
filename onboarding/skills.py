"""The five basic digital skills as versioned data, and what a place fills the fifth slot with.

The list is national and stable (Official Letter 3240/BTTTT-CDSQG, 8 August 2024); the fifth skill is "other platforms
that the locality uses", so a unit names its own. Evidence keeps the version under which it was seen.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, ForeignKey, Index, String, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from identity.audit import Actor, Event, record
from identity.base import Base, Keyed, Refused
from identity.deadlines import today_in_vietnam
from identity.places import ancestors

DATA = Path(__file__).parent / "data" / "skills.json"
LONGEST_NAME = 80


@dataclass(frozen=True, slots=True)
class Task:
    """Something that a witness can see a person do."""

    code: str
    words: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Skill:
    """One basic skill. Words are by language: vi, en."""

    code: str
    slot: int
    icon: str
    names: Mapping[str, str]
    can_do: Mapping[str, str]
    digcomp: tuple[str, ...]
    unesco_area_0: bool
    is_local: bool
    tasks: tuple[Task, ...]

    def name(self, locale: str) -> str:
        return in_language(self.names, locale)


@dataclass(frozen=True, slots=True)
class SkillSet:
    """The skills of one version, in the order of their slots."""

    version: int
    skills: tuple[Skill, ...]

    def get(self, code: str) -> Skill:
        """The skill of this code; refused when there is none."""
        found = next((skill for skill in self.skills if skill.code == code), None)
        if found is None:
            raise Refused("skill-unknown")
        return found


class LocalPlatform(Keyed, Base):
    """What one unit, and all below it, fills the fifth slot with since a day; the newest counts."""

    __tablename__ = "local_platform"
    __table_args__ = (Index(None, "unit_id", "valid_from"),)

    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"))
    name: Mapped[str] = mapped_column(String(LONGEST_NAME))
    address: Mapped[str] = mapped_column(String(200))
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    set_by_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))


def in_language(words: Mapping[str, str], locale: str) -> str:
    """Vietnamese for readers of Vietnamese, English for all others."""
    return words["vi" if locale == "vi" else "en"]


@cache
def current_skills() -> SkillSet:
    """The skills in force."""
    data = json.loads(DATA.read_text(encoding="utf-8"))
    return SkillSet(data["version"], tuple(_skill(row) for row in data["skills"]))


def set_local_platform(db: Session, unit_id: UUID, name: str, address: str, by: Actor, *, now: datetime) -> None:
    """From today this unit teaches `name` in the fifth slot. Audited."""
    assert by.account_id is not None
    today = today_in_vietnam(now)
    for old in db.scalars(select(LocalPlatform).where(LocalPlatform.unit_id == unit_id, _holds(today))):
        old.valid_to = today
    row = LocalPlatform(
        unit_id=unit_id, name=name[:LONGEST_NAME], address=address, valid_from=today, set_by_id=by.account_id
    )
    db.add(row)
    record(db, Event.LOCAL_PLATFORM_SET, by, now=now, subject=("unit", unit_id))


def local_platform(db: Session, unit_id: UUID, *, on: date) -> LocalPlatform | None:
    """What the unit, else the nearest unit above it, teaches in the fifth slot."""
    units = [unit_id, *(unit.id for unit in ancestors(db, unit_id))]
    query = select(LocalPlatform).where(LocalPlatform.unit_id.in_(units), _holds(on))
    found = {row.unit_id: row for row in db.scalars(query.order_by(LocalPlatform.valid_from, LocalPlatform.id))}
    return next((found[unit] for unit in units if unit in found), None)


def _holds(on: date) -> ColumnElement[bool]:
    return (LocalPlatform.valid_from <= on) & or_(LocalPlatform.valid_to.is_(None), LocalPlatform.valid_to > on)


def _skill(row: dict[str, Any]) -> Skill:
    tasks = [Task(task["code"], {"vi": task["vi"], "en": task["en"]}) for task in row["tasks"]]
    return Skill(
        code=row["code"],
        slot=row["slot"],
        icon=row["icon"],
        names=row["name"],
        can_do=row["can_do"],
        digcomp=tuple(row["digcomp"]),
        unesco_area_0=bool(row["unesco_area_0"]),
        is_local=bool(row.get("local")),
        tasks=tuple(tasks),
    )
