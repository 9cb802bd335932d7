"""What was published about a campaign: its span, its figures, its working groups (one JSON file each)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path

from identity.places.loading import unit_rows

FILES = {"2025": Path(__file__).parent / "foreign_residents_2025.json"}


@dataclass(frozen=True, slots=True)
class Group:
    """A working group and the provinces (codes) whose immigration offices it helps."""

    number: int
    name: str
    provinces: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Played:
    """A campaign as it is played: the published figures, or one of `scale` of them."""

    name: str
    title: str
    source: str
    first_day: date
    last_day: date
    applied: int
    issued: int
    activated: int
    groups: tuple[Group, ...]
    scale: int

    @property
    def days(self) -> list[date]:
        return [self.first_day + timedelta(days=n) for n in range((self.last_day - self.first_day).days + 1)]

    @property
    def lanes(self) -> list[list[Group]]:
        """Groups that share an office stand in one lane: they work one after the other, lanes side by side."""
        found: list[list[Group]] = []
        for group in self.groups:
            same = [lane for lane in found if set(group.provinces) & provinces_of(lane)]
            found = [lane for lane in found if lane not in same]
            found.append([*(other for lane in same for other in lane), group])
        return found

    @property
    def mark(self) -> str:
        """What a replay of this campaign at this scale is called in the ledger."""
        return f"{self.name}:{self.scale}"


def provinces_of(groups: Sequence[Group]) -> set[str]:
    return {code for group in groups for code in group.provinces}


def read(name: str, scale: int = 1) -> Played:
    """The campaign of this name at 1:`scale`, rounded to whole people. KeyError for another name."""
    told = json.loads(FILES[name].read_text(encoding="utf-8"))
    groups = enumerate(told["groups"], 1)
    return Played(
        name=told["name"],
        title=told["title"],
        source=told["source"],
        first_day=date.fromisoformat(told["first_day"]),
        last_day=date.fromisoformat(told["last_day"]),
        applied=round(told["applied"] / scale),
        issued=round(told["issued"] / scale),
        activated=round(told["activated"] / scale),
        groups=tuple(Group(number, one["name"], tuple(one["provinces"])) for number, one in groups),
        scale=scale,
    )


@lru_cache(maxsize=2)
def province_by_commune(day: date) -> dict[str, str]:
    """The code of the province in which each commune lay on a day."""
    provinces, communes = unit_rows(day)
    codes = {row["id"]: row["code"] for row in provinces}
    return {row["code"]: codes[row["parent_id"]] for row in communes}
