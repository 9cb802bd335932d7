"""What was published about Dak Lak, and what is assumed beside it (the data file says which)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from identity.places.loading import unit_rows

NAME, SCALE = "dak-lak", 100
FILE = Path(__file__).parent / "published.json"
WARD_WEIGHT = 6
"""So many times as many adults as in another commune live in the ward of the 28 teams."""


@dataclass(frozen=True, slots=True)
class Province:
    """The campaign at 1:`scale`."""

    title: str
    source: str
    first_day: date
    last_day: date
    code: str
    ward: str
    teams: int
    task_forces: int
    adults: int
    guided: int
    skilled: int
    scale: int

    @property
    def days(self) -> list[date]:
        return [self.first_day + timedelta(days=n) for n in range((self.last_day - self.first_day).days + 1)]

    @property
    def mark(self) -> str:
        """What a replay at this scale is called in the ledger."""
        return f"{NAME}:{self.scale}"

    def communes(self) -> list[str]:
        """The codes of its communes on the first day."""
        provinces, communes = unit_rows(self.first_day)
        own = next(row["id"] for row in provinces if row["code"] == self.code)
        return sorted(row["code"] for row in communes if row["parent_id"] == own)

    def teams_in(self, commune: str) -> list[str]:
        """Teams and task forces by name."""
        if commune != self.ward:
            return ["Tổ công nghệ số cộng đồng"]
        teams = [f"Tổ công nghệ số cộng đồng số {number}" for number in range(1, self.teams + 1)]
        return teams + [f"Tổ xung kích số {number}" for number in range(1, self.task_forces + 1)]


def read(scale: int = SCALE) -> Province:
    """At 1:`scale`, in whole people."""
    told = json.loads(FILE.read_text(encoding="utf-8"))
    adults = round(told["adults"] / scale)
    return Province(
        title=told["title"],
        source=told["source"],
        first_day=date.fromisoformat(told["first_day"]),
        last_day=date.fromisoformat(told["last_day"]),
        code=told["province"],
        ward=told["ward"],
        teams=told["teams"],
        task_forces=told["task_forces"],
        adults=adults,
        guided=round(adults * told["guided_per_mille"] / 1000),
        skilled=round(adults * told["skilled_per_mille"] / 1000),
        scale=scale,
    )


def adults_by_commune(played: Province) -> dict[str, int]:
    """All adults, spread over the communes by weight; the sum is exact."""
    communes = played.communes()
    weights = [WARD_WEIGHT if code == played.ward else 1 for code in communes]
    whole, so_far, found = sum(weights), 0, {}
    for code, weight in zip(communes, weights, strict=True):
        before, so_far = played.adults * so_far // whole, so_far + weight
        found[code] = played.adults * so_far // whole - before
    return found
